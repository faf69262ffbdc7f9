//! Small quantised models against what ONNX Runtime says of them, and the ONNX project's own tests of single operators.

#![allow(clippy::unwrap_used, reason = "a broken fixture may stop a test")]

mod support;

use std::{
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
};

use lentigo::engine::{Engine, Int8Engine, Options, Tensor};

/// The tensor in an .npy file of numbers up to 32 bits; `None` for other kinds.
fn tensor(path: &Path) -> Option<Tensor> {
    let file = npyz::NpyFile::new(BufReader::new(File::open(path).ok()?)).unwrap();
    let shape = file.shape().iter().map(|&axis| axis as usize).collect();
    let npyz::DType::Plain(kind) = file.dtype() else { return None };
    let values = match (kind.type_char(), kind.size_field()) {
        (npyz::TypeChar::Float, 4) => file.into_vec::<f32>().unwrap(),
        (npyz::TypeChar::Uint, 1) => file.into_vec::<u8>().unwrap().into_iter().map(f32::from).collect(),
        (npyz::TypeChar::Int, 1) => file.into_vec::<i8>().unwrap().into_iter().map(f32::from).collect(),
        _ => return None,
    };
    Some(Tensor { shape, values })
}

fn numbered(folder: &Path, what: &str) -> Vec<PathBuf> {
    (0..).map(|at| folder.join(format!("{what}_{at}.npy"))).take_while(|path| path.exists()).collect()
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.join("model.onnx").exists()).collect();
    folders.sort();
    folders
}

/// What the engine makes of the model in `folder`.
fn run(folder: &Path, threads: usize) -> Result<(Vec<Tensor>, Int8Engine), String> {
    let model = fs::read(folder.join("model.onnx")).unwrap();
    let options = Options { threads, ..Options::default() };
    let mut engine = Int8Engine::load_unannounced(&model, "model.onnx", &options).map_err(|error| error.to_string())?;
    let inputs: Vec<Tensor> =
        numbered(folder, "input").iter().map(|path| tensor(path)).collect::<Option<_>>().ok_or("an input of another type")?;
    // A graph whose batch is free is loaded for one picture; several are run one after the other.
    let one = engine.spec().inputs.first().map_or(0, |input| input.shape.iter().product());
    if let [pictures] = inputs.as_slice() {
        let mut stacked: Vec<Tensor> = Vec::new();
        for values in pictures.values.chunks(one.max(1)) {
            let picture = Tensor { shape: engine.spec().inputs[0].shape.clone(), values: values.to_vec() };
            let outputs = engine.run(&[picture]).map_err(|error| error.to_string())?;
            if stacked.is_empty() {
                stacked = outputs.to_vec();
                continue;
            }
            for (all, output) in stacked.iter_mut().zip(outputs) {
                all.values.extend_from_slice(&output.values);
                all.shape[0] += output.shape[0];
            }
        }
        return Ok((stacked, engine));
    }
    let outputs = engine.run(&inputs).map_err(|error| error.to_string())?.to_vec();
    Ok((outputs, engine))
}

fn largest_difference(one: &Tensor, other: &Tensor) -> f32 {
    one.values
        .iter()
        .zip(&other.values)
        .map(|(a, b)| if a == b || (a.is_nan() && b.is_nan()) { 0.0 } else { (a - b).abs() })
        .fold(0.0, f32::max)
}

/// Steps of the output's quantisation by which a model may differ from ONNX Runtime: that library differs from itself by as much when its fusions
/// are off, in these operators only.
fn tolerated_steps(model: &str) -> f32 {
    match model.split('.').next().unwrap() {
        "attention" | "aspp" | "masked" => 2.0,
        "activations" | "pools" | "resizes" | "gelu-operator" => 1.0,
        _ => 0.0,
    }
}

#[test]
fn small_models_give_what_onnx_runtime_gives() {
    let mut wrong = Vec::new();
    let models = folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/onnx"));
    assert!(models.len() > 40, "tests/data/onnx is not whole");
    for folder in models {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let (outputs, engine) = match run(&folder, 1) {
            Ok(found) => found,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let left: Vec<&String> = engine.plan().steps.iter().flat_map(|step| &step.tract).collect();
        if !left.is_empty() {
            wrong.push(format!("{name}: left to tract: {left:?}"));
        }
        for (at, output) in outputs.iter().enumerate() {
            let expected = tensor(&folder.join(format!("output_{at}.npy"))).unwrap();
            let step = tensor(&folder.join(format!("step_{at}.npy"))).unwrap().values[0];
            assert_eq!(output.shape, expected.shape, "{name}");
            let steps = largest_difference(output, &expected) / step;
            if steps > tolerated_steps(&name) + 0.01 {
                wrong.push(format!("{name}: output {at} is {steps} steps off"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    for folder in folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/onnx")) {
        let (one, _) = run(&folder, 1).unwrap();
        for threads in [2, 3, 5] {
            let (many, _) = run(&folder, threads).unwrap();
            assert_eq!(one, many, "{} on {threads} threads", folder.display());
        }
    }
}

/// Cases of the ONNX project that the engine does not pass, and why.
const SKIPPED: &str = include_str!("onnx_node/skipped.txt");

/// The ONNX project's tests of single operators, from the folder that `LENTIGO_ONNX_NODE` names; `make test-onnx` makes it.
#[test]
fn single_operators_do_what_the_onnx_project_says() {
    let Some(cases) = std::env::var_os("LENTIGO_ONNX_NODE") else {
        eprintln!("skipped: LENTIGO_ONNX_NODE names no folder of cases; `make test-onnx` makes one and runs this test on it");
        return;
    };
    let skipped: Vec<&str> =
        SKIPPED.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_whitespace().next()).collect();
    let is_skipped =
        |name: &str| skipped.iter().any(|pattern| pattern.strip_suffix('*').map_or(*pattern == name, |prefix| name.starts_with(prefix)));
    let (mut passed, mut left_out, mut wrong) = (0, 0, Vec::new());
    for folder in folders(Path::new(&cases)) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if is_skipped(&name) {
            left_out += 1;
            continue;
        }
        match check_case(&folder) {
            Ok(()) => passed += 1,
            Err(reason) => wrong.push(format!("{name}: {reason}")),
        }
    }
    println!("{passed} passed, {left_out} left out with a reason in tests/onnx_node/skipped.txt, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), passed + wrong.len(), wrong.join("\n"));
    assert!(passed > 0, "no cases in {}", Path::new(&cases).display());
}

fn check_case(folder: &Path) -> Result<(), String> {
    let (outputs, _) = run(folder, 1)?;
    for (output, path) in outputs.iter().zip(numbered(folder, "output")) {
        let expected = tensor(&path).ok_or("an output of another type")?;
        if output.shape != expected.shape {
            return Err(format!("shape {:?} instead of {:?}", output.shape, expected.shape));
        }
        // ONNX's own tolerance.
        let close = |(a, b): (&f32, &f32)| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-7 + 1e-3 * b.abs();
        if !output.values.iter().zip(&expected.values).all(close) {
            return Err(format!("differs by {}", largest_difference(output, &expected)));
        }
    }
    Ok(())
}
