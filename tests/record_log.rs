//! The log of cases: what goes in comes out, through power cuts, full disks and damage.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::{
    fs,
    io::Write,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use lentigo::{
    case::{BundleId, Ending},
    explain::{
        report::Language,
        severity::{Level, Severity},
    },
    patient::Context,
    record::{
        ClosingLine, Criteria, Entry, LesionSize, Line, Number, Outcome, RecordError, RecordLog, Reliability, StepTimes, WrittenReport,
        entries,
        export::{Export, Form, Selection},
        read,
    },
    verdict::{Label, OperatingPoint},
};
use proptest::prelude::*;

fn line(case: u64) -> Line {
    Line {
        time: "2026-11-22T12:42:19.123Z".parse().unwrap(),
        case,
        attempt: 1,
        outcome: Outcome::Retake { reasons: vec!["too-dark".into()] },
        bundle: BundleId { name: "asff-edge".into(), version: "1.0.0".into(), digest: "0123456789ab".into() },
        measurements: serde_json::from_str(r#"{"focus": 0.25}"#).unwrap(),
        lesion: None,
        reliability: None,
        criteria: None,
        report: None,
        timings_ms: StepTimes { gate: 1.5, prepare: 0.0, infer: 0.0, explain: 0.0, criteria: 0.0 },
        source: "phantom".into(),
        context: Context::default(),
    }
}

fn closing(case: u64, closed: Ending) -> ClosingLine {
    let context = Context { age: Some(54), operator: Some("AB".into()), ..Context::default() };
    ClosingLine { time: "2026-11-22T12:43:00Z".parse().unwrap(), case, attempt: 1, closed, context }
}

#[test]
fn pictures_and_closings_stand_in_one_log_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = RecordLog::open(folder.path()).unwrap();
    let of_a_patient = line(1).with_context(Context { age: Some(54), ..Context::default() });
    log.append(&of_a_patient).unwrap();
    log.close(&closing(1, Ending::Accepted)).unwrap();
    log.append(&line(2)).unwrap();
    let entries: Vec<Entry> = entries(log.path()).unwrap().map(Result::unwrap).collect();
    let expected =
        [Entry::Picture(Box::new(of_a_patient)), Entry::Closing(closing(1, Ending::Accepted)), Entry::Picture(Box::new(line(2)))];
    assert_eq!(entries, expected);
    assert_eq!(lines_of(folder.path()).len(), 2, "`read` gives the pictures");
    assert_eq!(log.next_case(), 3);
}

#[test]
fn a_closing_that_is_asked_for_twice_is_recorded_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = RecordLog::open(folder.path()).unwrap();
    log.append(&line(1)).unwrap();
    for _ in 0..2 {
        log.close(&closing(1, Ending::Accepted)).unwrap();
    }
    log.close(&closing(1, Ending::Retaken)).unwrap();
    assert_eq!(entries(log.path()).unwrap().count(), 3);
}

#[test]
fn a_patient_of_whom_nothing_is_known_leaves_no_key() {
    let text = serde_json::to_string(&line(1)).unwrap();
    assert!(!text.contains("context"), "{text}");
}

/// A line as version 0.1.0 wrote it, before sizes and reliability were known.
const EARLIER: &str = r#"{"time":"2026-11-22T12:42:19.123Z","case":1,"attempt":1,"label":"refer","probability":0.6182,"operating_point":{"name":"sensitivity-95","sensitivity":0.95,"threshold":0.2},"bundle":{"name":"asff-edge","version":"1.0.0","digest":"0123456789ab"},"measurements":{"focus":0.25},"timings_ms":{"gate":1.5,"prepare":0.2,"infer":9.1,"explain":0.1},"source":"phantom"}"#;

#[test]
fn lines_of_an_earlier_version_are_read_and_written_as_they_were() {
    let line: Line = serde_json::from_str(EARLIER).unwrap();
    assert_eq!((line.lesion, &line.reliability, line.criteria, &line.report), (None, &None, None, &None));
    assert_eq!(serde_json::to_string(&line).unwrap(), EARLIER, "what is not known leaves no key");
}

#[test]
fn size_and_reliability_come_back_as_they_were_written() {
    let size = LesionSize {
        area_mm2: Some(45.2),
        diameter_mm: Some(9.1),
        width_mm: Some(6.2),
        area_share: None,
        diameter_share: None,
        width_share: None,
        at_least: true,
    };
    let found = Reliability { novelty: Some(3.5), disagreement: None, abstention: Some("novelty".into()) };
    let written = Line { lesion: Some(size), reliability: Some(found), ..line(7) };
    let text = serde_json::to_string(&written).unwrap();
    assert!(text.contains(r#""lesion":{"area_mm2":45.2,"diameter_mm":9.1,"width_mm":6.2,"at_least":true}"#), "{text}");
    assert!(text.contains(r#""reliability":{"novelty":3.5,"abstention":"novelty"}"#), "{text}");
    assert_eq!(serde_json::from_str::<Line>(&text).unwrap(), written);
}

fn criteria() -> Criteria {
    let level = |number| Level::new(number).unwrap();
    Criteria {
        asymmetry_points: 2,
        border_points: 3,
        colour_points: 4,
        score: 4.9,
        levels: Severity { asymmetry: level(4), border: level(3), colour: level(5), overall: level(5) },
        agreement: 0.62,
        cut_off: false,
    }
}

fn report(text: &str) -> WrittenReport {
    WrittenReport { language: Language::Swahili, text: text.to_owned() }
}

#[test]
fn criteria_and_report_come_back_as_they_were_written_and_may_leave_the_device() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = RecordLog::open(folder.path()).unwrap();
    let written = Line { criteria: Some(criteria()), report: Some(report("Kifaa kinashauri: \"toa rufaa\".")), ..line(7) };
    log.append(&written.clone().with_context(Context { age: Some(54), ..Context::default() })).unwrap();
    let text = fs::read_to_string(log.path()).unwrap();
    let expected = concat!(
        r#""criteria":{"asymmetry_points":2,"border_points":3,"colour_points":4,"score":4.9,"#,
        r#""levels":{"asymmetry":4,"border":3,"colour":5,"overall":5},"agreement":0.62,"cut_off":false},"#,
        r#""report":{"language":"sw","text":"Kifaa kinashauri: \"toa rufaa\"."}"#,
    );
    assert!(text.contains(expected), "{text}");
    let taken_out = |form| {
        let export = Export::open(log.path(), Selection::default(), form).unwrap();
        assert_eq!(export.withheld().iter().map(String::as_str).collect::<Vec<_>>(), ["context"]);
        export.text().unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(serde_json::from_str::<Line>(&taken_out(Form::JsonLines)[0]).unwrap(), written);
    let table = taken_out(Form::Csv);
    for column in ["criteria.levels.overall", "criteria.score", "criteria.agreement", "report.language", "report.text"] {
        assert!(table[0].split(',').any(|name| name == column), "no {column} in {}", table[0]);
    }
    let unknown = text.replace("\"sw\"", "\"xx\"");
    assert!(serde_json::from_str::<Line>(&unknown).unwrap_err().to_string().contains("en (English)"), "a language that there is not");
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    let number = (0.0_f32..=1.0, "\\PC{0,20}", 0.0_f32..=1.0, 0.0_f32..=1.0).prop_map(|(probability, name, sensitivity, threshold)| {
        Number { probability, operating_point: OperatingPoint { name, sensitivity, threshold } }
    });
    prop_oneof![
        number.clone().prop_map(Outcome::Refer),
        number.prop_map(Outcome::NoReferralIndicated),
        proptest::collection::vec("[a-z-]{1,12}", 1..4).prop_map(|reasons| Outcome::Retake { reasons }),
        any::<String>().prop_map(|cause| Outcome::CannotAssess { cause }),
    ]
}

prop_compose! {
    fn any_line()(
        seconds in 0_i64..4_000_000_000, nanoseconds in 0_i32..1_000_000_000, case in any::<u64>(), attempt in any::<u32>(), outcome in any_outcome(),
        name in any::<String>(), source in any::<String>(), focus in -1e6_f32..1e6, gate in 0_u32..1_000_000, age in 0_u8..=120,
    ) -> Line {
        Line {
            time: jiff::Timestamp::new(seconds, nanoseconds).unwrap(),
            case,
            attempt,
            outcome,
            bundle: BundleId { name, version: "1.2.3".into(), digest: "ab".into() },
            measurements: serde_json::from_str(&format!(r#"{{"focus": {}}}"#, serde_json::to_string(&focus).unwrap())).unwrap(),
            lesion: (age < 60).then(|| LesionSize {
                area_mm2: (age.is_multiple_of(2)).then_some(45.25),
                diameter_mm: None,
                width_mm: None,
                area_share: (age % 2 == 1).then_some(0.125),
                diameter_share: None,
                width_share: None,
                at_least: age.is_multiple_of(3),
            }),
            criteria: (age > 90).then(criteria),
            report: (age > 90).then(|| report(&source)),
            reliability: (age > 20).then_some(Reliability { novelty: Some(focus), disagreement: None, abstention: None }),
            timings_ms: StepTimes { gate: f64::from(gate) / 1000.0, prepare: 0.0, infer: 12.5, explain: 0.125, criteria: f64::from(gate % 3) },
            source,
            context: Context { age: Some(age), ..Context::default() },
        }
    }
}

fn lines_of(folder: &Path) -> Vec<Line> {
    read(&folder.join(RecordLog::FILE_NAME)).unwrap().map(Result::unwrap).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_appended_is_read_back(lines in proptest::collection::vec(any_line(), 0..6)) {
        let folder = tempfile::tempdir().unwrap();
        let mut log = RecordLog::open(folder.path()).unwrap();
        for line in &lines {
            log.append(line).unwrap();
        }
        prop_assert_eq!(lines_of(folder.path()), lines);
    }

    #[test]
    fn a_writer_killed_at_any_byte_leaves_every_earlier_line_and_spoils_no_later_one(lines in proptest::collection::vec(any_line(), 1..5), share in 0.0_f64..1.0) {
        let folder = tempfile::tempdir().unwrap();
        let mut log = RecordLog::open(folder.path()).unwrap();
        let mut ends = vec![0];
        for line in &lines {
            log.append(line).unwrap();
            ends.push(fs::metadata(log.path()).unwrap().len());
        }
        drop(log);
        let path = folder.path().join(RecordLog::FILE_NAME);
        let bytes = fs::read(&path).unwrap();
        let cut = (bytes.len() as f64 * share) as usize;
        fs::write(&path, &bytes[..cut]).unwrap();

        let whole = ends.iter().filter(|end| **end <= cut as u64).count() - 1;
        let start = ends[whole] as usize;
        let mut log = RecordLog::open(folder.path()).unwrap();
        match log.set_apart() {
            Some(apart) => prop_assert_eq!(fs::read(apart).unwrap(), &bytes[start..cut]),
            None => prop_assert_eq!(start, cut),
        }
        prop_assert!(lines[..whole].last().is_none_or(|last| log.next_case() == last.case.saturating_add(1)));
        log.append(&line(7)).unwrap();
        let expected: Vec<Line> = lines[..whole].iter().cloned().chain([line(7)]).collect();
        prop_assert_eq!(lines_of(folder.path()), expected);
    }
}

#[test]
fn a_line_reads_as_documented() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = RecordLog::open(folder.path()).unwrap();
    let operating_point = OperatingPoint { name: "sensitivity-95".into(), sensitivity: 0.95, threshold: 0.3 };
    log.append(&Line { outcome: Outcome::Refer(Number { probability: 0.7, operating_point }), ..line(3) }).unwrap();
    assert_eq!(
        fs::read_to_string(log.path()).unwrap(),
        concat!(
            r#"{"time":"2026-11-22T12:42:19.123Z","case":3,"attempt":1,"label":"refer","probability":0.7,"#,
            r#""operating_point":{"name":"sensitivity-95","sensitivity":0.95,"threshold":0.3},"#,
            r#""bundle":{"name":"asff-edge","version":"1.0.0","digest":"0123456789ab"},"measurements":{"focus":0.25},"#,
            r#""timings_ms":{"gate":1.5,"prepare":0.0,"infer":0.0,"explain":0.0},"source":"phantom"}"#,
            "\n"
        )
    );
    assert_eq!(lines_of(folder.path())[0].outcome.label(), Label::Refer);
}

#[test]
fn a_refused_picture_has_no_probability_and_a_line_that_gives_one_is_not_a_record() {
    let text = serde_json::to_string(&line(1)).unwrap();
    assert!(!text.contains("probability"), "{text}");
    let forged = text.replace(r#""label":"retake""#, r#""label":"retake","probability":0.2"#);
    assert!(serde_json::from_str::<Line>(&forged).is_err());
}

#[test]
fn folder_and_file_are_for_their_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let records = folder.path().join("var/records");
    drop(RecordLog::open(&records).unwrap());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&records), mode(&records.join(RecordLog::FILE_NAME))), (0o700, 0o600));
    fs::set_permissions(records.join(RecordLog::FILE_NAME), fs::Permissions::from_mode(0o644)).unwrap();
    drop(RecordLog::open(&records).unwrap());
    assert_eq!(mode(&records.join(RecordLog::FILE_NAME)), 0o600);
}

#[test]
fn case_numbers_go_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = RecordLog::open(folder.path()).unwrap();
    assert_eq!(log.next_case(), 1);
    log.append(&line(1)).unwrap();
    log.append(&line(2)).unwrap();
    drop(log);
    assert_eq!(RecordLog::open(folder.path()).unwrap().next_case(), 3);
}

#[test]
fn two_torn_lines_of_two_power_cuts_are_both_kept() {
    let folder = tempfile::tempdir().unwrap();
    drop(RecordLog::open(folder.path()).unwrap());
    let mut kept = Vec::new();
    for torn in ["{\"time\":", "{\"ti"] {
        let mut file = fs::OpenOptions::new().append(true).open(folder.path().join(RecordLog::FILE_NAME)).unwrap();
        file.write_all(torn.as_bytes()).unwrap();
        kept.push(fs::read_to_string(RecordLog::open(folder.path()).unwrap().set_apart().unwrap()).unwrap());
    }
    assert_eq!(kept, ["{\"time\":", "{\"ti"]);
    let parts = fs::read_dir(folder.path()).unwrap().filter(|entry| entry.as_ref().unwrap().file_name() != RecordLog::FILE_NAME);
    assert_eq!(parts.count(), 2);
}

#[test]
fn a_last_line_of_zeros_is_torn_too_even_when_it_ends() {
    for hanging in [&[0_u8; 5000][..], b"\0\0\0\0\"source\":\"x\"}\n"] {
        let folder = tempfile::tempdir().unwrap();
        let mut log = RecordLog::open(folder.path()).unwrap();
        log.append(&line(4)).unwrap();
        drop(log);
        let mut file = fs::OpenOptions::new().append(true).open(folder.path().join(RecordLog::FILE_NAME)).unwrap();
        file.write_all(hanging).unwrap();
        let log = RecordLog::open(folder.path()).unwrap();
        assert_eq!(fs::read(log.set_apart().unwrap()).unwrap(), hanging);
        assert_eq!(log.next_case(), 5);
        assert_eq!(lines_of(folder.path()), [line(4)]);
    }
}

#[test]
fn a_damaged_line_in_the_middle_is_named_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{}\nrubbish\n{}\n{{\"ti", serde_json::to_string(&line(1)).unwrap(), serde_json::to_string(&line(3)).unwrap());
    let path = folder.path().join("records.jsonl");
    fs::write(&path, text).unwrap();
    let lines: Vec<_> = read(&path).unwrap().collect();
    assert_eq!((lines[0].as_ref().unwrap(), lines[2].as_ref().unwrap(), lines.len()), (&line(1), &line(3), 4));
    assert!(
        lines[1].as_ref().unwrap_err().to_string().ends_with("records.jsonl line 2 is not a record: expected value at line 1 column 1")
    );
    assert!(
        lines[3]
            .as_ref()
            .unwrap_err()
            .to_string()
            .ends_with("records.jsonl line 4 is not a record: it has no end; the power was cut while it was written")
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = RecordLog::open(&file.join("records")).unwrap_err();
    assert!(matches!(error, RecordError::Unwritable { .. }));
    assert!(error.to_string().ends_with("Make that folder writable or name another under [records] in the board file"), "{error}");
}

#[test]
fn a_second_writer_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _first = RecordLog::open(folder.path()).unwrap();
    assert!(matches!(RecordLog::open(folder.path()), Err(RecordError::Busy { .. })));
}

#[test]
fn a_full_disk_is_an_error_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    symlink("/dev/full", folder.path().join(RecordLog::FILE_NAME)).unwrap();
    let error = RecordLog::open(folder.path()).unwrap().append(&line(9)).unwrap_err();
    assert!(matches!(error, RecordError::Full { case: 9, .. }), "{error}");
    assert!(error.to_string().contains("case 9 is not recorded") && error.to_string().contains("Free some space"), "{error}");
}

/// The body of the next test: runs in a process of its own, whose files may not grow beyond 1 KiB.
#[test]
#[ignore = "started by `at_the_file_size_limit_no_part_of_a_line_stays`"]
fn writer_with_a_file_size_limit() {
    let Some(folder) = std::env::var_os("LENTIGO_TEST_FOLDER") else { return };
    lentigo::device::signals::report_file_size_limit().unwrap();
    let mut log = RecordLog::open(Path::new(&folder)).unwrap();
    let error = (1..100).find_map(|case| log.append(&line(case)).err()).unwrap();
    assert!(matches!(error, RecordError::Full { .. }), "{error}");
    assert!(log.append(&line(100)).is_err());
}

#[test]
fn at_the_file_size_limit_no_part_of_a_line_stays() {
    let folder = tempfile::tempdir().unwrap();
    let test = std::env::current_exe().unwrap();
    let status = std::process::Command::new("sh")
        .args(["-c", "ulimit -f 2; exec \"$0\" --ignored --exact writer_with_a_file_size_limit"])
        .arg(test)
        .env("LENTIGO_TEST_FOLDER", folder.path())
        .output()
        .unwrap();
    assert!(status.status.success(), "{status:?}");
    let lines = lines_of(folder.path());
    assert!(!lines.is_empty());
    let mut log = RecordLog::open(folder.path()).unwrap();
    assert_eq!(log.set_apart(), None);
    log.append(&line(200)).unwrap();
    assert_eq!(lines_of(folder.path()).len(), lines.len() + 1);
}
