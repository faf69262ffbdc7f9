//! What a person meets who installs a bundle: a good one opens, and a damaged, foreign or unsigned one says what is wrong with which file.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::{fs, os::unix::fs::symlink};

use lentigo::bundle::{Bundle, BundleError, SigningKey, Trust, seal};
use support::TinyBundle;

/// The message of the error, which must name `file` and hold `part`.
fn refused(bundle: &TinyBundle, file: &str, part: &str) -> BundleError {
    let error = bundle.open().unwrap_err();
    let message = error.to_string();
    assert!(message.contains(file), "{message:?} does not name {file}");
    assert!(message.contains(part), "{message:?} does not say {part:?}");
    error
}

#[test]
fn a_sealed_bundle_opens_and_knows_itself() {
    let tiny = TinyBundle::sealed();
    let bundle = tiny.open().unwrap();
    assert!(bundle.is_signed());
    assert_eq!((bundle.id().name.as_str(), bundle.id().version.as_str(), bundle.id().digest.len()), ("asff-tiny", "1.0.0", 12));
    assert_eq!(bundle.graph(), fs::read(tiny.file("graph.onnx")).unwrap());
    assert_eq!((bundle.golden().input.width(), bundle.golden().tolerance), (96, 0.02));
    assert_eq!(bundle.manifest().files.keys().collect::<Vec<_>>(), ["card.md", "golden/expected.json", "golden/input.png", "graph.onnx"]);
}

#[test]
fn two_bundles_that_differ_in_one_number_have_different_digests() {
    let (one, other) = (TinyBundle::sealed(), TinyBundle::unsealed());
    other.edit("manifest.toml", "bias = [0.0, ", "bias = [0.01, ");
    other.seal().unwrap();
    assert_ne!(one.open().unwrap().id().digest, other.open().unwrap().id().digest);
}

#[test]
fn a_folder_that_is_not_there_or_holds_no_manifest_is_said_to_be_so() {
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(Bundle::open(empty.path(), &Trust::unsigned()), Err(BundleError::NoManifest { .. })));
    let gone = empty.path().join("gone");
    let message = Bundle::open(&gone, &Trust::unsigned()).unwrap_err().to_string();
    assert!(message.contains("gone: cannot be read"), "{message}");
}

#[test]
fn an_unsigned_bundle_opens_only_for_development() {
    let tiny = TinyBundle::sealed();
    fs::remove_file(tiny.file("manifest.toml.minisig")).unwrap();
    assert!(matches!(refused(&tiny, "manifest.toml.minisig", "no signature"), BundleError::Unsigned { .. }));
    assert!(!Bundle::open(tiny.dir(), &Trust::unsigned()).unwrap().is_signed());
}

#[test]
fn a_bundle_that_was_never_sealed_opens_only_for_development() {
    let tiny = TinyBundle::unsealed();
    assert!(Bundle::open(tiny.dir(), &Trust::unsigned()).unwrap().manifest().files.is_empty());
    fs::remove_file(tiny.file("graph.onnx")).unwrap();
    let error = Bundle::open(tiny.dir(), &Trust::unsigned()).unwrap_err();
    assert!(matches!(error, BundleError::Missing { .. }), "{error}");
}

#[test]
fn a_signature_over_a_manifest_without_files_is_not_enough() {
    let tiny = TinyBundle::sealed();
    let key = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    let text = fs::read(support::asff_tiny().join("manifest.toml")).unwrap();
    let signature = minisign::sign(None, &key.sk, text.as_slice(), None, None).unwrap();
    fs::write(tiny.file("manifest.toml"), text).unwrap();
    fs::write(tiny.file("manifest.toml.minisig"), signature.into_string()).unwrap();
    let trust = Trust::none().with_key("key", &key.pk.to_box().unwrap().into_string()).unwrap();
    assert!(matches!(Bundle::open(tiny.dir(), &trust), Err(BundleError::NotSealed { .. })));
}

#[test]
fn another_key_is_not_trusted() {
    let tiny = TinyBundle::sealed();
    for trust in [Trust::release().unwrap(), Trust::none(), TinyBundle::sealed().trust()] {
        let error = Bundle::open(tiny.dir(), &trust).unwrap_err();
        assert!(matches!(error, BundleError::Untrusted { .. }), "{error}");
    }
    let trust = Trust::release().unwrap().with_key("ours", &tiny.public_key()).unwrap();
    assert!(Bundle::open(tiny.dir(), &trust).is_ok());
}

#[test]
fn a_manifest_that_was_changed_after_signing_is_refused() {
    let tiny = TinyBundle::sealed();
    tiny.edit("manifest.toml", "threshold = 0.31", "threshold = 0.99");
    assert!(matches!(refused(&tiny, "manifest.toml", "does not fit"), BundleError::Altered { .. }));
}

#[test]
fn a_damaged_signature_is_refused_whatever_is_wrong_with_it() {
    let whole = {
        let tiny = TinyBundle::sealed();
        fs::read_to_string(tiny.file("manifest.toml.minisig")).unwrap()
    };
    let lines: Vec<&str> = whole.lines().collect();
    let damaged =
        [String::new(), "x".repeat(5000), lines[..2].join("\n"), whole.replace(lines[1], "RUQ"), whole.replace("trusted comment: ", "")];
    for text in damaged {
        let tiny = TinyBundle::sealed();
        fs::write(tiny.file("manifest.toml.minisig"), &text).unwrap();
        assert!(matches!(refused(&tiny, "manifest.toml.minisig", "damaged"), BundleError::SignatureDamaged { .. }));
    }
    let tiny = TinyBundle::sealed();
    fs::write(tiny.file("manifest.toml.minisig"), [0xff, 0xfe, 0x00]).unwrap();
    assert!(matches!(refused(&tiny, "manifest.toml.minisig", "cannot be read"), BundleError::Read { .. }));
}

#[test]
fn a_signature_with_its_trusted_comment_changed_is_refused() {
    let tiny = TinyBundle::sealed();
    tiny.edit("manifest.toml.minisig", "asff-tiny 1.0.0", "asff-tiny 9.0.0");
    assert!(matches!(refused(&tiny, "manifest.toml", "does not fit"), BundleError::Altered { .. }));
}

#[test]
fn a_missing_file_is_named() {
    for file in ["graph.onnx", "golden/input.png", "golden/expected.json", "card.md"] {
        let tiny = TinyBundle::sealed();
        fs::remove_file(tiny.file(file)).unwrap();
        assert!(matches!(refused(&tiny, file, "is missing"), BundleError::Missing { .. }));
    }
}

#[test]
fn a_truncated_or_changed_file_is_named_with_both_digests() {
    let tiny = TinyBundle::sealed();
    let graph = fs::read(tiny.file("graph.onnx")).unwrap();
    fs::write(tiny.file("graph.onnx"), &graph[..graph.len() / 2]).unwrap();
    assert!(matches!(refused(&tiny, "graph.onnx", "the manifest says"), BundleError::Digest { .. }));

    let tiny = TinyBundle::sealed();
    tiny.edit("card.md", "small", "large");
    assert!(matches!(refused(&tiny, "card.md", "damaged"), BundleError::Digest { .. }));
}

#[test]
fn a_file_that_is_not_listed_is_named() {
    let tiny = TinyBundle::sealed();
    fs::write(tiny.file("golden/extra.bin"), "x").unwrap();
    assert!(matches!(refused(&tiny, "golden/extra.bin", "does not list it"), BundleError::Unlisted { .. }));
}

#[test]
fn links_and_pipes_are_refused_before_they_are_followed() {
    let tiny = TinyBundle::sealed();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::rename(tiny.file("graph.onnx"), elsewhere.path().join("graph.onnx")).unwrap();
    symlink(elsewhere.path().join("graph.onnx"), tiny.file("graph.onnx")).unwrap();
    assert!(matches!(refused(&tiny, "graph.onnx", "links"), BundleError::NotAFile { .. }));

    let tiny = TinyBundle::sealed();
    fs::rename(tiny.file("golden"), elsewhere.path().join("golden")).unwrap();
    symlink(elsewhere.path().join("golden"), tiny.file("golden")).unwrap();
    assert!(matches!(refused(&tiny, "golden", "links"), BundleError::NotAFile { .. }));

    for file in ["graph.onnx", "manifest.toml"] {
        let tiny = TinyBundle::sealed();
        fs::remove_file(tiny.file(file)).unwrap();
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, tiny.file(file), rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert!(matches!(refused(&tiny, file, "pipes"), BundleError::NotAFile { .. }));
    }
}

#[test]
fn a_golden_case_that_cannot_be_read_is_named() {
    for (file, bytes) in [
        ("golden/input.png", &b"no picture"[..]),
        ("golden/input.png", b""),
        ("golden/expected.json", b"{"),
        ("golden/expected.json", br#"{"logits": [0, 1], "probability": 7}"#),
    ] {
        let tiny = TinyBundle::unsealed();
        fs::write(tiny.file(file), bytes).unwrap();
        let error = tiny.seal().unwrap_err();
        assert!(matches!(&error, BundleError::Golden { path, .. } if path.ends_with(file)), "{error}");
        assert!(!tiny.file("manifest.toml.minisig").exists(), "signed what cannot be opened");
    }
}

#[test]
fn sealing_again_changes_only_digests_and_signature() {
    let tiny = TinyBundle::sealed();
    let first = fs::read_to_string(tiny.file("manifest.toml")).unwrap();
    let unsealed = fs::read_to_string(support::asff_tiny().join("manifest.toml")).unwrap();
    assert!(first.starts_with(unsealed.trim_end()), "the manifest's own text was changed");
    tiny.seal().unwrap();
    assert_eq!(fs::read_to_string(tiny.file("manifest.toml")).unwrap(), first);

    tiny.edit("card.md", "small", "large");
    fs::write(tiny.file("manifest.toml.new"), "left by a power cut").unwrap();
    tiny.seal().unwrap();
    let second = fs::read_to_string(tiny.file("manifest.toml")).unwrap();
    let differing = first.lines().zip(second.lines()).filter(|(a, b)| a != b).count();
    assert_eq!((differing, first.lines().count()), (1, second.lines().count()));
    assert!(tiny.open().is_ok());
}

#[test]
fn sealing_keeps_tables_that_stand_after_the_files() {
    let tiny = TinyBundle::sealed();
    tiny.edit("manifest.toml", "[golden]\n", "[files] # old\n\"gone.onnx\" = \"00\"\n\n[golden]\n");
    let text = fs::read_to_string(tiny.file("manifest.toml")).unwrap();
    let (kept, _) = text.rsplit_once("[files]").unwrap();
    fs::write(tiny.file("manifest.toml"), kept).unwrap();
    tiny.seal().unwrap();
    let bundle = tiny.open().unwrap();
    assert_eq!((bundle.manifest().golden.tolerance, bundle.manifest().files.len()), (0.02, 4));
}

#[test]
fn sealing_refuses_to_guess_at_a_text_that_looks_like_a_header() {
    let tiny = TinyBundle::unsealed();
    tiny.edit("manifest.toml", "summary = \"A very small", "summary = \"\"\"\n[files]\nA very small");
    tiny.edit("manifest.toml", "for tests\"", "for tests\"\"\"");
    let before = fs::read(tiny.file("manifest.toml")).unwrap();
    let message = tiny.seal().unwrap_err().to_string();
    assert!(message.contains("by hand"), "{message}");
    assert_eq!(fs::read(tiny.file("manifest.toml")).unwrap(), before);
}

#[test]
fn a_bundle_that_cannot_be_right_is_not_signed() {
    let tiny = TinyBundle::unsealed();
    tiny.edit("manifest.toml", "temperature = [1.5, ", "temperature = [-1.5, ");
    assert!(tiny.seal().unwrap_err().to_string().contains("calibration.temperature must be numbers above 0"));
    assert!(!tiny.file("manifest.toml.minisig").exists());
}

#[test]
fn keys_that_are_none_are_refused_and_good_ones_survive_their_text() {
    assert!(matches!(Trust::none().with_key("a.pub", "no key"), Err(BundleError::Key { kind: "public", .. })));
    assert!(matches!(SigningKey::decode("a.key", "no key", None), Err(BundleError::Key { kind: "secret", .. })));
    let tiny = TinyBundle::unsealed();
    let key = SigningKey::generate().unwrap();
    let again = SigningKey::decode("a.key", &key.secret_text().unwrap(), None).unwrap();
    seal(tiny.dir(), &again).unwrap();
    let trust = Trust::none().with_key("a.pub", &key.public_text().unwrap()).unwrap();
    assert!(Bundle::open(tiny.dir(), &trust).is_ok());
    assert!(!format!("{key:?}").contains(key.secret_text().unwrap().lines().nth(1).unwrap()));
}
