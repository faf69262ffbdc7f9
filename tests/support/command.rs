//! The binary, as a user calls it.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

use super::TinyBundle;

/// `lentigo ARGS`.
pub(crate) fn lentigo(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lentigo"));
    command.args(args).env_remove("LENTIGO_LOG");
    command
}

/// `lentigo COMMAND` with the very small bundle and trust in its key.
pub(crate) fn with_bundle(command: &str, bundle: &TinyBundle) -> Command {
    let key = bundle.dir().with_extension("pub");
    std::fs::write(&key, bundle.public_key()).unwrap();
    let mut call = lentigo(&[command]);
    call.arg("--bundle").arg(bundle.dir()).arg("--trust").arg(key);
    call
}

/// Standard output as JSON lines.
pub(crate) fn json_lines(stdout: &[u8]) -> Vec<Value> {
    String::from_utf8(stdout.to_vec()).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Standard error as text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A path as an argument.
pub(crate) fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}
