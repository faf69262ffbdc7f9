//! Commands that leave the session: records, pictures, bundles.

use std::fs;

use lentigo::{
    case::{BundleId, Ending},
    device::Restart,
    patient::Context,
    record::{ClosingLine, Entry, LesionSize, Line, Number, Outcome, RecordLog, Reliability, StepTimes},
    settings,
    verdict::OperatingPoint,
};

use crate::{
    bench::{BOARD, Bench},
    support::TinyBundle,
};

const RECORDS: &str = r#"{"time":"2026-11-20T08:00:00Z","case":1,"attempt":1,"label":"retake","reasons":["too-dark","glare"],"bundle":{"name":"a","version":"1","digest":"d"},"measurements":{"focus":0.25},"timings_ms":{"gate":1.0},"source":"s","context":{"age":61,"case_number":"K 17"}}
{"time":"2026-11-21T08:00:00Z","case":1,"attempt":2,"label":"refer","probability":0.6182,"operating_point":{"name":"p","threshold":0.2},"bundle":{"name":"a","version":"1","digest":"d"},"measurements":{"focus":0.75},"timings_ms":{"gate":1.0},"source":"s, t"}
torn and no record
{"time":"2026-11-22T23:59:00Z","case":2,"attempt":1,"label":"cannot assess","cause":"the lens was dirty","bundle":{"name":"a","version":"1","digest":"d"},"measurements":{},"timings_ms":{"gate":1.0},"source":"s"}
"#;

fn with_records() -> Bench {
    let mut bench = Bench::technician();
    fs::create_dir_all(bench.path("records")).unwrap();
    fs::write(bench.path("records").join(RecordLog::FILE_NAME), RECORDS).unwrap();
    bench.line("paging off");
    bench
}

#[test]
fn records_leave_as_a_table_without_what_is_known_of_patients() {
    let said = with_records().line("export csv");
    let expected = "3 records\r\n1 damaged lines are left out\r\nleft out without --with-context: context\r\n\
        attempt,bundle.digest,bundle.name,bundle.version,case,label,measurements.focus,reasons,source,time,timings_ms.gate,operating_point.name,\
        operating_point.threshold,probability,cause\r\n\
        1,d,a,1,1,retake,0.25,too-dark glare,s,2026-11-20T08:00:00Z,1.0,,,,\r\n\
        2,d,a,1,1,refer,0.75,,\"s, t\",2026-11-21T08:00:00Z,1.0,p,0.2,0.6182,\r\n\
        1,d,a,1,2,cannot assess,,,s,2026-11-22T23:59:00Z,1.0,,,,the lens was dirty\r\nend\r\n";
    assert!(said.contains(expected), "{said}");
    assert!(!said.contains("61\r") && !said.contains("K 17"));
}

/// Every key is written out here, so that whoever adds one must say in `record::export` whether it may leave.
#[test]
fn everything_in_a_record_but_the_patient_leaves() {
    let time = "2026-11-22T18:45:28Z".parse().unwrap();
    let bundle = BundleId { name: "a".to_owned(), version: "1".to_owned(), digest: "d".to_owned() };
    let context = Context { age: Some(61), ..Context::default() };
    let point = OperatingPoint { name: "p".to_owned(), sensitivity: 0.95, threshold: 0.2 };
    let outcomes = [
        Outcome::Refer(Number { probability: 0.6, operating_point: point }),
        Outcome::Retake { reasons: vec!["glare".to_owned()] },
        Outcome::CannotAssess { cause: "dirty".to_owned() },
    ];
    let mut lines = vec![Entry::Closing(ClosingLine { time, case: 1, attempt: 1, closed: Ending::Accepted, context: context.clone() })];
    for outcome in outcomes {
        lines.push(Entry::Picture(Box::new(Line {
            time,
            case: 1,
            attempt: 1,
            outcome,
            bundle: bundle.clone(),
            measurements: serde_json::Map::from_iter([("focus".to_owned(), 0.5.into())]),
            lesion: Some(LesionSize {
                area_mm2: Some(45.2),
                diameter_mm: Some(9.1),
                width_mm: Some(6.2),
                area_share: None,
                diameter_share: None,
                width_share: None,
                at_least: false,
            }),
            reliability: Some(Reliability { novelty: Some(3.5), disagreement: Some(0.25), abstention: Some("disagreement".to_owned()) }),
            criteria: None,
            report: None,
            timings_ms: StepTimes { gate: 1.0, prepare: 1.0, infer: 1.0, explain: 1.0, criteria: 0.0 },
            source: "s".to_owned(),
            context: context.clone(),
        })));
    }
    let text: String = lines.iter().map(|line| format!("{}\n", serde_json::to_string(line).unwrap())).collect();
    let mut bench = with_records();
    fs::write(bench.path("records").join(RecordLog::FILE_NAME), text).unwrap();
    bench.line("machine on");
    let answer: serde_json::Value = serde_json::from_str(&bench.line("export jsonl")).unwrap();
    assert_eq!(answer["count"], 4);
    assert_eq!(answer["withheld"], serde_json::json!(["context"]));
    bench.line("machine off");
    let table = bench.line("export csv");
    for column in ["lesion.area_mm2", "lesion.at_least", "reliability.novelty", "reliability.abstention"] {
        assert!(table.contains(column), "{column}: {table}");
    }
}

#[test]
fn records_are_chosen_by_case_and_by_day() {
    for (options, count) in [
        ("", 3),
        ("--cases 1", 2),
        ("--cases 2-9", 1),
        ("--since 2026-11-21", 2),
        ("--until 2026-11-21", 2),
        ("--since 2026-11-22 --until 2026-11-22", 1),
        ("--since 2026-11-21T09:00:00Z", 1),
        ("--cases 1 --since 2026-11-22", 0),
    ] {
        let said = with_records().line(&format!("export jsonl {options}"));
        let records = said.lines().filter(|line| line.starts_with('{')).count();
        assert_eq!(records, count, "{options}: {said}");
    }
    for options in ["--cases 3-1", "--since yesterday", "--to", "--all", "--since 2026-13-01"] {
        let said = with_records().line(&format!("export csv {options}"));
        assert!(said.contains("error: export: "), "{options}: {said}");
    }
}

#[test]
fn records_leave_into_a_folder_and_write_nothing_over() {
    let mut bench = with_records();
    let stick = tempfile::tempdir().unwrap();
    let folder = stick.path().display().to_string();
    for _ in 0..2 {
        let said = bench.line(&format!("export jsonl --with-context --to {folder}"));
        assert!(said.contains("3 records") && said.contains("Written to"), "{said}");
    }
    let files: Vec<_> = fs::read_dir(stick.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 2);
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        assert_eq!(text.lines().count(), 3);
        assert!(text.contains("K 17"));
    }
    let said = bench.line("export csv --to /no/such/folder");
    assert!(said.contains("is not a folder"), "{said}");
}

#[test]
fn a_script_gets_records_as_one_line() {
    let mut bench = with_records();
    bench.line("machine on");
    let answer: serde_json::Value = serde_json::from_str(&bench.line("export jsonl")).unwrap();
    assert_eq!((answer["count"].as_u64(), answer["damaged"].as_u64()), (Some(3), Some(1)));
    assert_eq!(answer["records"][1]["probability"].as_f64(), Some(0.6182));
    let answer: serde_json::Value = serde_json::from_str(&bench.line("export csv")).unwrap();
    assert_eq!(answer["records"].as_array().unwrap().len(), 4);
}

#[test]
fn an_operator_takes_nothing_out_and_changes_nothing() {
    let mut bench = Bench::technician();
    bench.line("logout");
    for line in [
        "set log.level debug",
        "unset log.level",
        "commit",
        "rollback",
        "export csv",
        "reboot",
        "restart",
        "bundle choose a",
        "test save /tmp",
    ] {
        let said = bench.line(line);
        assert!(said.contains("is for technicians"), "{line}: {said}");
    }
    assert!(bench.device.0.lock().unwrap().restarts.is_empty());
}

#[test]
fn a_frame_is_drawn_in_the_terminal_and_saved_as_a_file() {
    let mut bench = Bench::technician();
    let said = bench.line("test frame 80");
    let sixel = &said[said.find("\x1bP").unwrap()..said.find("\x1b\\").unwrap() + 2];
    let picture = icy_sixel::SixelImage::decode(sixel.as_bytes()).unwrap();
    assert_eq!((picture.width, picture.height), (80, 60));
    assert!(said.trim_end().ends_with("lentigo#"), "the prompt comes after the picture");

    let stick = tempfile::tempdir().unwrap();
    let said = bench.line(&format!("test save {}", stick.path().display()));
    let file = fs::read_dir(stick.path()).unwrap().next().unwrap_or_else(|| panic!("{said}")).unwrap().path();
    let saved = image::open(file).unwrap();
    assert_eq!((saved.width(), saved.height()), (160, 120));
}

#[test]
fn a_reboot_is_asked_for_twice() {
    let mut bench = Bench::technician();
    bench.line("reboot");
    bench.line("y");
    assert!(bench.device.0.lock().unwrap().restarts.is_empty());
    bench.line("reboot");
    bench.line("yes");
    assert_eq!(bench.device.0.lock().unwrap().restarts, [Restart::Board]);
}

#[test]
fn only_a_bundle_that_is_whole_and_signed_can_be_chosen() {
    let mut bench = Bench::technician();
    let tiny = TinyBundle::sealed();
    let key = tiny.public_key().lines().last().unwrap().to_owned();
    fs::write(bench.path("board.toml"), BOARD.replace("[model]\n", &format!("[model]\ntrusted_keys = [\"{key}\"]\n"))).unwrap();
    for name in ["asff-tiny", "other", "altered"] {
        copy(tiny.dir(), &bench.path("bundles").join(name));
    }
    fs::write(bench.path("bundles/altered/card.md"), "# Something else\n").unwrap();
    bench.power_cycle();
    bench.output();
    let listed = bench.line("bundle list");
    assert!(listed.contains("(at work)") && listed.contains("altered           cannot be used"), "{listed}");
    assert!(bench.line("bundle verify other").contains("the signature is trusted"));
    assert!(bench.line("bundle show").contains("operating point"));

    bench.line("login");
    bench.line("271828");
    let said = bench.line("bundle choose altered");
    assert!(said.contains("error: ") && bench.line("diff").contains("Nothing is staged"), "{said}");
    assert!(bench.line("bundle choose othr").contains("Did you mean other?"));
    let said = bench.line("bundle choose other");
    assert!(said.contains("is staged"), "{said}");
    bench.line("commit");
    bench.line("no");
    let loaded = settings::load(&bench.path("board.toml")).unwrap();
    assert_eq!(loaded.board.model.bundle.file_name().unwrap(), "other");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
