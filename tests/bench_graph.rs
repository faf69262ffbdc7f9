//! `lentigo bench --onnx` and `lentigo bundle show --plan`: what a person sees of the int8 engine.

#![allow(clippy::unwrap_used, reason = "a broken fixture may stop a test")]

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{
    TinyBundle, asff_tiny,
    command::{arg, json_lines, lentigo, text},
};

fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/onnx").join(name)
}

fn report(args: &[&str]) -> Value {
    let output = lentigo(args).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    json_lines(&output.stdout).remove(0)
}

#[test]
fn any_quantised_graph_can_be_timed() {
    for form in ["convolution.qdq", "convolution.qop"] {
        let file = model(form).join("model.onnx");
        let report = report(&["bench", "--onnx", arg(&file), "--runs", "2", "--threads", "2", "--json"]);
        for field in ["infer_cpu_ms", "infer_wall_ms", "peak_rss_mb", "load_ms"] {
            assert!(report[field].as_f64().unwrap() > 0.0, "{field} in {report}");
        }
        assert_eq!((report["threads"].as_u64(), report["tract_operators"].as_u64()), (Some(2), Some(0)), "{report}");
    }
}

#[test]
fn a_profile_names_every_step() {
    let file = model("convolution.qdq").join("model.onnx");
    let report = report(&["bench", "--onnx", arg(&file), "--runs", "2", "--profile", "--json"]);
    let steps = report["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["operator"] == "convolution 1x1" && step["multiply_adds"].as_u64().unwrap() > 0), "{report}");
}

#[test]
fn the_variable_forces_a_family_of_kernels() {
    let file = asff_tiny().join("int8.onnx");
    let call = |family: &str| {
        let mut command = lentigo(&["bench", "--onnx", arg(&file), "--runs", "1", "--json"]);
        command.env("LENTIGO_KERNELS", family).output().unwrap()
    };
    let forced = call("scalar");
    assert_eq!(json_lines(&forced.stdout)[0]["kernels"], "scalar");
    let unknown = call("mmx");
    let said = text(&unknown.stderr);
    assert!(!unknown.status.success() && said.contains("\"mmx\"") && said.contains("scalar"), "{said}");
}

#[test]
fn one_tensor_goes_in_and_comes_out_in_both_engines() {
    let folder = tempfile::tempdir().unwrap();
    let (model, input) = (model("stem.qdq").join("model.onnx"), model("stem.qdq").join("input_0.npy"));
    let run = |name: &str, more: &[&str]| {
        let output = folder.path().join(name);
        let args = ["bench", "--onnx", arg(&model), "--input", arg(&input), "--output", arg(&output), "--runs", "1", "--json"];
        report(&[&args[..], more].concat());
        std::fs::read(output).unwrap()
    };
    let expected = std::fs::read(self::model("stem.qdq").join("output_0.npy")).unwrap();
    let (ours, stock) = (run("ours.npy", &[]), run("stock.npy", &["--stock"]));
    assert_eq!(ours.len(), stock.len());
    let values = |bytes: &[u8]| npyz::NpyFile::new(bytes).unwrap().into_vec::<f32>().unwrap();
    assert_eq!(values(&ours), values(&expected), "what ONNX Runtime gives");
}

#[test]
fn a_tensor_of_another_shape_is_refused_with_both_shapes_told() {
    let (model, input) = (model("stem.qdq").join("model.onnx"), model("dense.qdq").join("input_0.npy"));
    let output = lentigo(&["bench", "--onnx", arg(&model), "--input", arg(&input)]).output().unwrap();
    let said = text(&output.stderr);
    assert!(!output.status.success() && said.contains("the graph takes [1, 3,") && said.contains("--input holds"), "{said}");
}

#[test]
fn the_ceiling_of_every_family_is_measured() {
    let report = report(&["bench", "--ceiling", "--json"]);
    let ceilings = report["ceilings"].as_array().unwrap();
    assert!(!ceilings.is_empty() && ceilings.iter().all(|family| family["gmac_s"].as_f64().unwrap() > 0.0), "{report}");
}

#[test]
fn a_plan_lists_every_step_and_what_is_not_int8() {
    let bundle = TinyBundle::sealed();
    let key = bundle.dir().with_extension("pub");
    std::fs::write(&key, bundle.public_key()).unwrap();
    let output = lentigo(&["bundle", "show", "--plan", arg(bundle.dir()), "--trust", arg(&key)]).output().unwrap();
    let said = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for part in ["quantise", "convolution", "resize in f32", "million multiply-adds in int8", "0 operators of tract"] {
        assert!(said.contains(part), "{part} in\n{said}");
    }
    let float = TinyBundle::float32();
    std::fs::write(&key, float.public_key()).unwrap();
    let refused = lentigo(&["bundle", "show", "--plan", arg(float.dir()), "--trust", arg(&key)]).output().unwrap();
    assert!(!refused.status.success() && text(&refused.stderr).contains("no int8 plan"), "{}", text(&refused.stderr));
}
