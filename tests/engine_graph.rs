//! An engine runs the graph that the manifest announces, gives the numbers that other engines give, and refuses any other graph.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::{fs, path::Path};

use lentigo::{
    bundle::{Bundle, Manifest, Trust},
    engine::{Engine, EngineError, GraphSpec, Tensor, TractEngine},
    prepare::Preparer,
};
use support::{TinyBundle, asff_tiny};

fn spec() -> GraphSpec {
    Manifest::parse(&fs::read_to_string(asff_tiny().join("manifest.toml")).unwrap()).unwrap().graph
}

fn graph(name: &str) -> Vec<u8> {
    fs::read(asff_tiny().join(name)).unwrap()
}

fn answer(name: &str) -> serde_json::Value {
    serde_json::from_slice(&graph(name)).unwrap()
}

/// All numbers in nested JSON lists, in order.
fn flat(value: &serde_json::Value) -> Vec<f32> {
    match value.as_array() {
        Some(items) => items.iter().flat_map(flat).collect(),
        None => vec![value.as_f64().unwrap() as f32],
    }
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Pearson's correlation.
fn correlation(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let mean = |v: &[f32]| v.iter().map(|x| f64::from(*x)).sum::<f64>() / v.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(a, b)| f(f64::from(*a) - ma, f64::from(*b) - mb)).sum::<f64>();
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
}

/// Logits and maps for the golden picture of `bundle`.
fn run_golden(bundle: &Bundle) -> (Vec<f32>, Vec<f32>) {
    let mut preparer = Preparer::new(bundle.manifest().prepare.clone());
    let prepared = preparer.prepare(&bundle.golden().input).unwrap();
    let mut engine = TractEngine::load(bundle.graph(), &bundle.manifest().graph).unwrap();
    let outputs = engine.run_picture(&preparer.picture(&prepared), &[]).unwrap();
    (outputs[0].values.clone(), outputs[1].values.clone())
}

#[test]
fn a_float_graph_gives_the_numbers_of_onnx_runtime_and_pytorch() {
    let (logits, cam) = run_golden(&TinyBundle::float32().open().unwrap());
    let answer = answer("float32.json");
    for other in [&answer, &answer["autograd"]] {
        assert!(largest_difference(&logits, &flat(&other["logits"])) < 1e-4);
        assert!(largest_difference(&cam, &flat(&other["cam"])) < 1e-4);
    }
}

#[test]
fn the_map_of_each_class_is_the_grad_cam_of_pytorch() {
    let (_, cam) = run_golden(&TinyBundle::float32().open().unwrap());
    let exact = flat(&answer("float32.json")["autograd"]["cam"]);
    for (ours, theirs) in cam.chunks_exact(36).zip(exact.chunks_exact(36)) {
        assert!(theirs.iter().any(|cell| *cell > 0.0), "an empty map proves nothing");
        let found = correlation(ours, theirs);
        assert!(found > 0.99, "correlation {found}");
    }
}

#[test]
fn an_int8_graph_gives_the_numbers_of_onnx_runtime_but_for_rounding() {
    let (logits, cam) = run_golden(&TinyBundle::sealed().open().unwrap());
    let answer = answer("int8.json");
    assert!(largest_difference(&logits, &flat(&answer["logits"])) < 0.05, "{logits:?}");
    for (ours, theirs) in cam.chunks_exact(36).zip(flat(&answer["cam"]).chunks_exact(36)) {
        assert!(correlation(ours, theirs) > 0.97);
    }
}

/// The float32 twin of the released bundle is too large for the repository; whoever has it can name its folder.
#[test]
fn the_released_network_gives_the_grad_cam_of_pytorch() {
    let dir = std::env::var("LENTIGO_FLOAT32_BUNDLE").unwrap_or_else(|_| "models/bundles/asff-edge-fp32".to_owned());
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
    if !dir.join("manifest.toml").exists() {
        eprintln!("skipped: no bundle in {} (set LENTIGO_FLOAT32_BUNDLE)", dir.display());
        return;
    }
    let bundle = Bundle::open(&dir, &Trust::unsigned()).unwrap();
    let expected: serde_json::Value = serde_json::from_slice(&fs::read(dir.join(&bundle.manifest().golden.expected)).unwrap()).unwrap();
    let exact = flat(&expected["gradcam_autograd"]);
    let (_, cam) = run_golden(&bundle);
    let cells = exact.len() / bundle.manifest().classes.names.len();
    assert!(exact.iter().any(|cell| *cell > 0.0), "empty maps prove nothing");
    for (ours, theirs) in cam.chunks_exact(cells).zip(exact.chunks_exact(cells)) {
        // Nothing speaks for a class: a map without variance has no correlation, but then ours must be empty too.
        if theirs.iter().all(|cell| *cell == 0.0) {
            assert!(largest_difference(ours, theirs) < 1e-6);
            continue;
        }
        let found = correlation(ours, theirs);
        assert!(found > 0.99, "correlation {found}");
    }
}

#[test]
fn inputs_and_outputs_follow_the_order_of_the_manifest() {
    let mut swapped = spec();
    swapped.outputs.reverse();
    let input = [Tensor { shape: vec![1, 3, 96, 96], values: vec![0.25; 3 * 96 * 96] }];
    let straight = TractEngine::load(&graph("int8.onnx"), &spec()).unwrap().run(&input).unwrap().to_vec();
    let mut found = TractEngine::load(&graph("int8.onnx"), &swapped).unwrap().run(&input).unwrap().to_vec();
    found.reverse();
    assert_eq!(found, straight);
}

#[test]
fn one_engine_gives_the_same_answer_every_time() {
    let mut engine = TractEngine::load(&graph("int8.onnx"), &spec()).unwrap();
    let input = |value| [Tensor { shape: vec![1, 3, 96, 96], values: vec![value; 3 * 96 * 96] }];
    let first = engine.run(&input(0.5)).unwrap().to_vec();
    assert_ne!(engine.run(&input(-0.5)).unwrap(), first);
    assert_eq!(engine.run(&input(0.5)).unwrap(), first);
}

#[test]
fn a_graph_of_other_names_or_shapes_is_refused_with_both_sides_told() {
    let refuse = |change: &dyn Fn(&mut GraphSpec)| {
        let mut spec = spec();
        change(&mut spec);
        TractEngine::load(&graph("int8.onnx"), &spec).err().unwrap()
    };
    let tells = |error: EngineError, parts: &[&str]| {
        let message = error.to_string();
        assert!(parts.iter().all(|part| message.contains(part)), "{message:?} does not tell {parts:?}");
    };
    tells(refuse(&|spec| spec.inputs[0].name = "picture".to_owned()), &["picture", "image", "graph.onnx"]);
    tells(refuse(&|spec| spec.outputs[1].name = "map".to_owned()), &["logits, cam", "logits, map"]);
    tells(refuse(&|spec| drop(spec.outputs.pop())), &["logits, cam"]);
    tells(refuse(&|spec| spec.inputs[0].shape = vec![1, 3, 64, 64]), &["image", "[1, 3, 64, 64]", "[1, 3, 96, 96]"]);
    tells(refuse(&|spec| spec.outputs[1].shape = vec![1, 2, 7, 7]), &["cam", "[1, 2, 7, 7]", "1,2,6,6"]);
}

#[test]
fn bytes_that_are_no_graph_are_refused() {
    let whole = graph("int8.onnx");
    for bytes in [&[][..], b"no graph at all", &whole[..whole.len() / 2], &whole[..whole.len() - 1], &whole[1..]] {
        let error = TractEngine::load(bytes, &spec()).err().unwrap();
        assert!(matches!(error, EngineError::Unreadable { .. } | EngineError::Names { .. }), "{} bytes: {error}", bytes.len());
    }
}

#[test]
fn an_operator_that_is_not_there_is_named() {
    let mut other = graph("float32.onnx");
    let places: Vec<usize> = (0..other.len() - 7).filter(|&at| &other[at..at + 7] == b"Sigmoid").collect();
    for at in places {
        other[at..at + 7].copy_from_slice(b"Sigmund");
    }
    let message = TractEngine::load(&other, &spec()).err().unwrap().to_string();
    assert!(message.contains("Sigmund"), "{message}");
}

#[test]
fn tensors_of_another_shape_or_number_are_refused_and_the_engine_goes_on() {
    let mut engine = TractEngine::load(&graph("int8.onnx"), &spec()).unwrap();
    let good = Tensor { shape: vec![1, 3, 96, 96], values: vec![0.0; 3 * 96 * 96] };
    let short = Tensor { values: vec![0.0; 5], ..good.clone() };
    let turned = Tensor { shape: vec![1, 96, 96, 3], ..good.clone() };
    for inputs in [vec![], vec![short], vec![turned], vec![good.clone(), good.clone()]] {
        assert!(matches!(engine.run(&inputs), Err(EngineError::Input { .. })));
    }
    assert!(engine.run(&[good]).is_ok());
}

/// tract itself panics on this one instead of giving an error.
#[test]
fn an_axis_that_is_not_there_is_an_error_and_no_crash() {
    let mut damaged = graph("float32.onnx");
    let axes = b"axes@\x02@\x03";
    let at = damaged.windows(axes.len()).position(|bytes| bytes == axes).unwrap();
    damaged[at + axes.len() - 1] = 44;
    let error = TractEngine::load(&damaged, &spec()).err().unwrap();
    assert!(matches!(error, EngineError::Unreadable { .. }), "{error}");
    assert!(error.to_string().contains("axis: 4 and 44") && !error.to_string().contains('\n'), "{error}");
}
