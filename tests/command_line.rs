//! The command line as a whole: help, manual, completions, bundles, bench.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use std::fs;

use support::{
    TinyBundle,
    command::{arg, json_lines, lentigo, text, with_bundle},
};
use tempfile::tempdir;

#[test]
fn help_tells_every_command_and_the_exit_codes() {
    let output = lentigo(&["--help"]).output().unwrap();
    let help = text(&output.stdout);
    for word in ["run", "screen", "evaluate", "bench", "bundle", "gate", "completions", "man", "Exit codes", "not a diagnosis"] {
        assert!(help.contains(word), "{word} in {help}");
    }
    assert_eq!(lentigo(&[]).output().unwrap().status.code(), Some(2));
}

#[test]
fn manual_pages_and_completions_know_every_command() {
    let folder = tempdir().unwrap();
    lentigo(&["man", "--out", arg(folder.path())]).assert().success();
    for page in ["lentigo.1", "lentigo-screen.1", "lentigo-evaluate.1", "lentigo-bundle-verify.1"] {
        assert!(fs::read_to_string(folder.path().join(page)).unwrap().starts_with(".ie"), "{page}");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(text(&lentigo(&["completions", shell]).output().unwrap().stdout).contains("evaluate"), "{shell}");
    }
}

#[test]
fn a_bundle_is_verified_shown_and_sealed() {
    let bundle = TinyBundle::sealed();
    let key = bundle.dir().with_extension("pub");
    fs::write(&key, bundle.public_key()).unwrap();
    let verified = lentigo(&["bundle", "verify", arg(bundle.dir()), "--trust", arg(&key)]).output().unwrap();
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stderr));
    assert!(text(&verified.stdout).contains("golden case met"));
    let shown = text(&lentigo(&["bundle", "show", arg(bundle.dir()), "--trust", arg(&key)]).output().unwrap().stdout);
    for word in ["asff", "sensitivity-95", "image", "logits", "graph.onnx"] {
        assert!(shown.contains(word), "{word} in {shown}");
    }

    let stranger = lentigo(&["bundle", "verify", arg(bundle.dir())]).output().unwrap();
    assert_eq!(stranger.status.code(), Some(3), "a release key did not sign this");

    let fresh = TinyBundle::unsealed();
    let secret = fresh.dir().with_extension("key");
    let pair = lentigo::bundle::SigningKey::generate().unwrap();
    fs::write(&secret, pair.secret_text().unwrap()).unwrap();
    fs::write(&key, pair.public_text().unwrap()).unwrap();
    lentigo(&["bundle", "seal", arg(fresh.dir()), "--key", arg(&secret)]).assert().success();
    lentigo(&["bundle", "verify", arg(fresh.dir()), "--trust", arg(&key)]).assert().success();
}

#[test]
fn the_bench_prints_every_stage_and_the_memory() {
    let bundle = TinyBundle::sealed();
    let output = with_bundle("bench", &bundle).args(["--json", "--runs", "3", "--threads", "2"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report = &json_lines(&output.stdout)[0];
    for stage in ["decode", "gate", "prepare", "infer", "explain", "render", "total"] {
        assert!(report[format!("{stage}_cpu_ms")].as_f64().unwrap() > 0.0, "{stage} in {report}");
    }
    assert!(report["peak_rss_mb"].as_f64().unwrap() > 1.0);
    assert_eq!(report["threads"], 2);
}
