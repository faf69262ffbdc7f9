//! What is logged: in which form, and that nothing about a patient ever is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::{
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};

use lentigo::{
    log,
    patient::{Context, Phototype, Sex, Site},
};
use tracing::level_filters::LevelFilter;

/// Set in a process that this test starts to log in.
const CHILD: &str = "LENTIGO_TEST_LOGS";

#[derive(Debug, thiserror::Error)]
#[error("the record\ncannot be written")]
struct Nested(#[source] std::io::Error);

/// What the child logs.
fn log_something() {
    log::init(LevelFilter::INFO);
    log::report_panics();
    let error = Nested(std::io::Error::other("no space \u{1b}[31mleft"));
    tracing::error!(error = &error as &dyn std::error::Error, case = 7, "stopped");
    tracing::warn!(cause = %log::chain(&error), file = "a b", "stopped again");
    tracing::info!("ready");
    tracing::debug!("not asked for");
    let _ = std::thread::Builder::new().name("camera".to_owned()).spawn(|| panic!("two\nlines")).unwrap().join();
    // What the console shows is what was logged, with the time.
    let ring = log::ring().lines(usize::MAX);
    assert!(ring.iter().any(|line| line.ends_with("Z INFO  ready")), "{ring:?}");
    assert!(ring.last().unwrap().contains("Z ERROR a thread panicked (thread=camera"), "{ring:?}");
}

/// Standard error of a child that logs into a file, with these variables of the environment.
fn logged(variables: impl Fn(&File) -> Vec<(&'static str, String)>) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = file.reopen().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "every_event_is_one_line_with_its_cause", "--nocapture"]).env(CHILD, "1");
    child.env_remove("LENTIGO_LOG").env_remove("JOURNAL_STREAM").envs(variables(&error));
    assert!(child.stderr(error).output().unwrap().status.success());
    fs::read_to_string(file.path()).unwrap()
}

#[test]
fn every_event_is_one_line_with_its_cause() {
    if std::env::var_os(CHILD).is_some() {
        return log_something();
    }
    let plain = logged(|_| Vec::new());
    let mut lines = plain.lines();
    assert_eq!(lines.next().unwrap(), r"ERROR stopped (case=7): the record\ncannot be written: no space \u{1b}[31mleft");
    assert_eq!(lines.next().unwrap(), r"WARN stopped again (file=a b): the record\ncannot be written: no space \u{1b}[31mleft");
    assert_eq!(lines.next().unwrap(), "INFO ready");
    let panic = lines.next().unwrap();
    assert!(panic.starts_with("ERROR a thread panicked (thread=camera, place=tests/supervise_logs.rs:"), "{panic}");
    assert!(panic.ends_with(r"): two\nlines"), "{panic}");
    assert_eq!(lines.next(), None);
}

#[test]
fn the_journal_gets_priorities_and_the_variable_decides_what_is_logged() {
    let journal = logged(|file| {
        let about = file.metadata().unwrap();
        vec![("JOURNAL_STREAM", format!("{}:{}", about.dev(), about.ino())), ("LENTIGO_LOG", "debug".to_owned())]
    });
    let priorities: Vec<&str> = journal.lines().map(|line| &line[..3]).collect();
    assert_eq!(priorities, ["<3>", "<4>", "<6>", "<7>", "<3>"], "{journal}");
    let wrong = logged(|_| vec![("LENTIGO_LOG", "=,=nonsense=".to_owned())]);
    assert!(wrong.lines().next().unwrap().starts_with("WARN LENTIGO_LOG is not understood"), "{wrong}");
}

/// Every source file of the crate.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// What stands between the brackets of each call of a log macro in `text`.
fn log_calls(text: &str) -> Vec<String> {
    let mut calls = Vec::new();
    for name in ["error!(", "warn!(", "info!(", "debug!(", "trace!(", "event!("] {
        for (at, _) in text.match_indices(name) {
            if text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
                continue;
            }
            let (mut depth, mut quoted, mut escaped) = (1_i32, false, false);
            let inside = text[at + name.len()..].chars().take_while(|c| {
                match c {
                    _ if escaped => escaped = false,
                    '\\' => escaped = true,
                    '"' => quoted = !quoted,
                    '(' if !quoted => depth += 1,
                    ')' if !quoted => depth -= 1,
                    _ => {}
                }
                depth > 0
            });
            calls.push(inside.collect());
        }
    }
    calls
}

/// The names that a log call looks at: everything but its texts, and what those capture in braces.
fn names(call: &str) -> Vec<String> {
    let mut code = String::new();
    for (index, piece) in call.split('"').enumerate() {
        if index % 2 == 0 {
            code.push_str(piece);
        } else {
            code.extend(piece.split('{').skip(1).filter_map(|capture| capture.split(['}', ':']).next()).flat_map(|name| [" ", name]));
        }
        code.push(' ');
    }
    code.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|name| !name.is_empty()).map(str::to_lowercase).collect()
}

#[test]
fn no_log_call_looks_at_anything_about_a_patient() {
    let everything = Context {
        age: Some(50),
        sex: Some(Sex::Female),
        site: Some(Site::HeadNeck),
        phototype: Some(Phototype::II),
        operator: Some("AB".to_owned()),
        case_number: Some("7".to_owned()),
    };
    let fields = serde_json::to_value(everything).unwrap();
    let mut forbidden: Vec<String> = fields.as_object().unwrap().keys().cloned().collect();
    forbidden.extend(
        ["patient", "context", "probability", "verdict", "label", "told", "criteria", "explanation", "pin", "payload"].map(str::to_owned),
    );
    let forbids = |call: &str| names(call).into_iter().find(|name| forbidden.contains(name));

    assert_eq!(forbids(r#"case, "turned""#), None);
    assert_eq!(forbids(r#"?context.site, "turned""#).as_deref(), Some("context"));
    assert_eq!(forbids(r#""aged {age:?}, a patient""#).as_deref(), Some("age"));

    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut looked_at = 0;
    for file in files {
        for call in log_calls(&fs::read_to_string(&file).unwrap()) {
            looked_at += 1;
            if let Some(name) = forbids(&call) {
                panic!("{}: a log call looks at {name}: {call}", file.display());
            }
        }
    }
    assert!(looked_at >= 20, "only {looked_at} log calls were found: does the search still work?");
}
