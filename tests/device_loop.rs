//! The device at work with fakes for camera, network and screen: what a person sees, what is recorded, how it ends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

#[path = "support/criteria.rs"]
mod criteria;
#[path = "support/fake_device.rs"]
mod fake_device;
mod support;

use std::{sync::atomic::Ordering, time::Duration};

use fake_device::{BY_HAND, Bench, Ended, Take, UNATTENDED};
use lentigo::{
    device::{Command, End, News, Refusal, Restart, RunError, board::CapturePolicy},
    explain::report::Language,
    patient::Context,
    record::{Entry, Outcome, RecordLog, entries},
};

fn told(ended: &Ended) -> Vec<String> {
    let tell = |news: &News| match news {
        News::Retake { patient, case, attempt, picture, .. } => format!("{patient}/{case} retake after {attempt}, {}", picture.is_some()),
        News::Verdict { patient, case, verdict, picture } => format!("{patient}/{case} {}, {}", verdict.label(), picture.is_some()),
        News::CameraTrouble(trouble) => trouble.cause.clone(),
        News::TornRecord(path) => path.display().to_string(),
    };
    ended.news.iter().map(tell).collect()
}

fn unattended(patients: u32, takes: &[Take]) -> Ended {
    Bench::start(CapturePolicy { patients: Some(patients), ..UNATTENDED }, takes, Take::Finished).end()
}

#[test]
fn three_patients_get_three_verdicts_and_three_records() {
    let ended = unattended(3, &[Take::Good; 12]);
    let summary = ended.result.as_ref().unwrap();
    assert_eq!((summary.cases, summary.end), (3, End::Patients));
    assert_eq!(told(&ended), ["1/1 refer, true", "2/2 refer, true", "3/3 refer, true"]);
    let entries: Vec<Entry> = entries(&ended.folder.path().join(RecordLog::FILE_NAME)).unwrap().map(Result::unwrap).collect();
    assert_eq!(entries.iter().map(Entry::case).collect::<Vec<_>>(), [1, 1, 2, 2, 3, 3], "a picture and a closing each");
    let Entry::Picture(line) = &entries[0] else { panic!("{:?}", entries[0]) };
    let Outcome::Refer(number) = &line.outcome else { panic!("{line:?}") };
    assert_eq!((number.probability, line.source.as_str()), (0.7, "fake camera"));
    assert_eq!(line.time.to_string(), "2026-11-22T12:00:00Z");
}

#[test]
fn a_refused_picture_is_taken_again_and_then_assessed_under_the_same_case() {
    let mut takes = vec![Take::Blurred; 3];
    takes.extend([Take::Good; 4]);
    let ended = unattended(1, &takes);
    assert_eq!(ended.result.as_ref().unwrap().cases, 1);
    assert_eq!(told(&ended), ["1/1 retake after 1, true", "1/1 refer, true"]);
    assert!(ended.seen.contains(&"retake blurred glare".to_owned()), "{:?}", ended.seen);
}

#[test]
fn a_lesion_that_no_good_picture_can_be_had_of_cannot_be_assessed() {
    let ended = unattended(1, &[Take::Blurred; 12]);
    assert_eq!(ended.result.as_ref().unwrap().cases, 1);
    assert_eq!(told(&ended), ["1/1 retake after 1, true", "1/1 cannot assess, true"]);
    assert!(ended.seen.iter().any(|seen| seen == "cannot assess: No good picture in 2 tries: not sharp, reflections."), "{:?}", ended.seen);
}

#[test]
fn a_replay_ends_with_its_last_frame() {
    let ended = Bench::start(UNATTENDED, &[Take::Good; 5], Take::Finished).end();
    let summary = ended.result.unwrap();
    assert_eq!((summary.cases, summary.end), (2, End::CameraFinished), "the fifth frame alone is not steady");
}

#[test]
fn a_damaged_frame_is_passed_over_and_a_stall_is_told() {
    let ended = unattended(1, &[Take::Damaged, Take::Good, Take::TimesOut, Take::Good, Take::Good]);
    assert_eq!(ended.result.as_ref().unwrap().cases, 1);
    assert_eq!(told(&ended), ["The camera gives no picture.", "1/1 refer, true"]);
}

#[test]
fn an_unattended_run_ends_at_a_fault_that_nobody_could_mend() {
    let policy = CapturePolicy { patients: Some(1), ..UNATTENDED };
    let bench = Bench::start_with(policy, &[], Take::Good, |_, strings| strings.model_broken.store(true, Ordering::Relaxed));
    let ended = bench.end();
    let Err(RunError::Fault(trouble)) = ended.result else { panic!("{:?}", ended.result) };
    assert_eq!(trouble.cause, "The model lacks the operating point that is set for it.");
    assert!(trouble.detail.contains("sensitivity-95") && trouble.detail.contains("sensitivity-90, sensitivity-98"), "{}", trouble.detail);
}

#[test]
fn a_press_takes_a_picture_another_accepts_it_and_both_are_recorded() {
    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview");
    let answer = bench.press(Command::Capture);
    assert_eq!((answer.state, answer.label, answer.probability), ("verdict", Some("refer"), Some(0.7)));
    assert_eq!(bench.records_in_short(), ["1/1 refer"], "recorded before anything is said");
    let answer = bench.press(Command::Accept);
    assert_eq!((answer.case, answer.message.as_str()), (Some(1), "Case 1 accepted and recorded."));
    assert_eq!(bench.records_in_short(), ["1/1 refer", "1/1 accepted"]);
    bench.wait_for("preview").wait_seen("Case 1 accepted");
    bench.press(Command::Capture);
    bench.press(Command::Retake);
    bench.press(Command::Capture);
    assert_eq!(bench.records_in_short()[2..], ["2/1 refer", "2/1 retaken", "2/2 refer"]);
    bench.stop().0.unwrap();
}

#[test]
fn a_refused_picture_answers_with_its_reasons_and_no_number() {
    let bench = Bench::start(CapturePolicy { hold: Duration::from_secs(60), ..BY_HAND }, &[], Take::Blurred);
    bench.wait_for("preview");
    let answer = bench.press(Command::Capture);
    assert_eq!((answer.state, answer.label, answer.probability), ("retake", Some("retake"), None));
    assert_eq!(answer.reasons, ["blurred", "glare"]);
    bench.wait_seen("retake blurred glare");
    *bench.strings.then.lock().unwrap() = Take::Odd;
    bench.press(Command::Retake);
    bench.wait_for("preview");
    let answer = bench.press(Command::Capture);
    assert_eq!((answer.label, answer.probability), (Some("cannot assess"), None));
}

#[test]
fn what_is_wished_in_the_wrong_state_is_answered_with_what_would_be_right() {
    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview");
    let refusal = bench.link.press(Command::Accept).unwrap_err();
    assert!(refusal.to_string().contains("capture takes a picture"), "{refusal}");
    bench.press(Command::Capture);
    assert!(matches!(bench.link.press(Command::Sleep), Err(Refusal::NotNow { state: "verdict", .. })));
    assert!(matches!(bench.link.restart(Restart::Program), Err(Refusal::NotNow { .. })), "a verdict waits for its acceptance");
    assert!(matches!(bench.link.show_pattern(Duration::from_secs(1)), Err(Refusal::NotNow { .. })));
}

#[test]
fn what_is_known_of_the_patient_stands_on_the_screen_and_in_the_records_and_is_forgotten_with_the_case() {
    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview");
    let context = Context { age: Some(54), operator: Some("AB".into()), ..Context::default() };
    bench.link.describe_patient(context.clone()).unwrap();
    bench.press(Command::Capture);
    bench.wait_seen("refer for [\"54 years\"");
    bench.press(Command::Accept);
    let contexts: Vec<Context> = bench
        .records()
        .into_iter()
        .map(|entry| match entry {
            Entry::Picture(line) => line.context,
            Entry::Closing(closing) => closing.context,
        })
        .collect();
    assert_eq!(contexts, [context.clone(), context]);
    bench.wait_for("preview");
    let next = bench.link.status().context;
    assert_eq!((next.age, next.operator.as_deref()), (None, Some("AB")), "who holds the device is still the same");
}

#[test]
fn an_answer_that_hangs_on_the_patient_is_never_shown_beside_another_description() {
    let bench = Bench::start_with(BY_HAND, &[], Take::Good, |_, strings| strings.takes_metadata.store(true, Ordering::Relaxed));
    bench.wait_for("preview");
    let aged = |age| Context { age: Some(age), ..Context::default() };
    bench.link.describe_patient(aged(12)).unwrap();
    let answer = bench.press(Command::Capture);
    assert_eq!((answer.label, answer.probability), (Some("no referral indicated"), Some(0.1)), "what is known reaches the model");
    let refusal = bench.link.describe_patient(aged(54)).unwrap_err();
    assert!(refusal.to_string().contains("take it again"), "{refusal}");
    bench.link.describe_patient(Context { operator: Some("AB".into()), ..aged(12) }).unwrap();
    bench.press(Command::Details);
    assert!(bench.link.describe_patient(aged(54)).is_err());
    bench.press(Command::Details);
    bench.press(Command::Retake);
    bench.link.describe_patient(aged(54)).unwrap();
    assert_eq!(bench.press(Command::Capture).label, Some("refer"));
    let ages: Vec<Option<u8>> = bench
        .records()
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Picture(line) => Some(line.context.age),
            Entry::Closing(_) => None,
        })
        .collect();
    assert_eq!(ages, [Some(12), Some(54)], "each picture is recorded with what its answer hangs on");
}

#[test]
fn a_description_that_comes_while_the_picture_is_assessed_is_refused_where_the_answer_hangs_on_it() {
    for takes_metadata in [true, false] {
        let bench =
            Bench::start_with(BY_HAND, &[], Take::Slow, |_, strings| strings.takes_metadata.store(takes_metadata, Ordering::Relaxed));
        bench.wait_for("preview");
        let link = std::sync::Arc::clone(&bench.link);
        let wish = std::thread::spawn(move || link.press(Command::Capture));
        bench.wait_for("analysing");
        let described = bench.link.describe_patient(Context { age: Some(12), ..Context::default() });
        assert_eq!(described.is_err(), takes_metadata, "{described:?}");
        assert_eq!(wish.join().unwrap().unwrap().label, Some("refer"));
    }
}

#[test]
fn a_lesion_is_recorded_in_millimetres_where_the_scale_is_known_and_as_shares_elsewhere() {
    let scale = lentigo::explain::lesion::Scale::of_field(20.0);
    for scale in [scale, None] {
        let bench = Bench::start_with(BY_HAND, &[], Take::Good, |device, strings| {
            strings.takes_metadata.store(true, Ordering::Relaxed);
            device.scale = scale;
        });
        bench.wait_for("preview");
        bench.press(Command::Capture);
        let records = bench.records();
        let Entry::Picture(line) = &records[0] else { panic!("{records:?}") };
        let lesion = line.lesion.unwrap();
        assert!(lesion.at_least && lesion.area_mm2.is_some() == scale.is_some() && lesion.area_share.is_some() == scale.is_none());
        if scale.is_none() {
            assert_eq!((lesion.area_share, lesion.width_mm), (Some(0.5), None));
        }
    }
}

#[test]
fn a_form_is_filled_in_with_buttons() {
    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview");
    bench.press(Command::Details);
    bench.wait_for("form").wait_seen("form unknown");
    bench.press(Command::Up);
    bench.press(Command::Accept);
    bench.wait_for("preview");
    assert_eq!(bench.link.status().context.age, Some(50));
}

#[test]
fn details_are_turned_over_and_closed() {
    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview");
    bench.press(Command::Capture);
    bench.press(Command::Details);
    bench.wait_seen("details 0");
    for _ in 0..20 {
        bench.press(Command::Down);
    }
    bench.press(Command::Details);
    assert_eq!(bench.state(), "verdict");
    bench.press(Command::Accept);
    bench.wait_for("preview");
}

#[test]
fn the_details_of_a_verdict_with_criteria_begin_with_what_explains_it_in_the_language_of_the_board() {
    let bench = Bench::start_with(BY_HAND, &[], Take::Good, |device, strings| {
        strings.explains.store(true, Ordering::Relaxed);
        device.language = Language::Swahili;
    });
    bench.wait_for("preview");
    let answer = bench.press(Command::Capture);
    let criteria = answer.criteria.unwrap();
    assert_eq!((criteria.asymmetry_points, criteria.border_points, criteria.colour_points, criteria.score), (2, 3, 4, 4.9));
    bench.wait_seen("refer for [] Why");

    bench.press(Command::Details);
    bench.wait_seen("explanation 0 in sw");
    for _ in 0..20 {
        bench.press(Command::Down);
    }
    bench.wait_seen("details");
    let turned = bench.seen();
    let last = |what: &str| turned.iter().rposition(|seen| seen.starts_with(what)).unwrap();
    assert!(last("explanation") < last("details"), "{turned:?}");
    for _ in 0..20 {
        bench.press(Command::Up);
    }
    bench.wait("the first page", || bench.seen().last().is_some_and(|seen| seen.starts_with("explanation 0")));
    bench.press(Command::Details);
    bench.wait("the verdict", || bench.seen().last().is_some_and(|seen| seen.starts_with("refer for")));

    let told = bench.link.status().told.unwrap();
    assert_eq!((told.report.language, told.report.brief()), (Language::Swahili, answer.report.unwrap()));
    let records = bench.records();
    let Entry::Picture(line) = &records[0] else { panic!("{records:?}") };
    assert_eq!(line.criteria, Some(criteria));
    let report = line.report.as_ref().unwrap();
    assert_eq!((report.language, &report.text), (Language::Swahili, &told.report.full()), "what is told is what is recorded");
    bench.press(Command::Accept);
    bench.wait_for("preview");
    assert_eq!(bench.link.status().told, None, "the next case is another one");
}

#[test]
fn a_verdict_without_criteria_is_told_of_too_but_explained_nowhere() {
    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview");
    let answer = bench.press(Command::Capture);
    assert_eq!((answer.criteria, answer.report), (None, None));
    bench.press(Command::Details);
    bench.wait_seen("details 0");
    assert!(!bench.seen().iter().any(|seen| seen.starts_with("explanation") || seen.ends_with("Why")), "{:?}", bench.seen());
    let told = bench.link.status().told.unwrap();
    assert!(told.criteria.is_none() && told.report.brief().contains("refer"), "{told:?}");
    let records = bench.records();
    let Entry::Picture(line) = &records[0] else { panic!("{records:?}") };
    assert_eq!((line.criteria, &line.report), (None, &None));
}

#[test]
fn a_camera_that_goes_is_told_on_the_screen_and_comes_back_by_itself() {
    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview").wait_seen("preview 0");
    *bench.strings.then.lock().unwrap() = Take::Gone;
    bench.wait_seen("waiting: The camera was unplugged.");
    let refusal = bench.link.press(Command::Capture).unwrap_err();
    assert!(refusal.to_string().contains("camera"), "{refusal}");
    *bench.strings.then.lock().unwrap() = Take::Good;
    bench.wait("the picture", || bench.seen().last().is_some_and(|seen| seen == "preview 0"));
    bench.press(Command::Capture);
    let (result, news, _) = bench.stop();
    result.unwrap();
    assert!(matches!(&news[0], News::CameraTrouble(trouble) if trouble.cause == "The camera was unplugged."), "{news:?}");
}

#[test]
fn a_camera_that_hangs_is_started_anew() {
    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview");
    bench.strings.takes.lock().unwrap().push_back(Take::Hangs);
    bench.wait("another camera", || bench.strings.cameras_opened.load(Ordering::Relaxed) >= 2);
    bench.wait_for("preview");
    bench.press(Command::Capture);
    let restarts: Vec<(&str, u32)> = bench.link.status().threads.iter().map(|thread| (thread.name, thread.restarts)).collect();
    assert!(restarts.contains(&("camera", 1)), "{restarts:?}");
}

#[test]
fn a_camera_that_hangs_again_and_again_is_a_fault_with_a_way_back() {
    let bench = Bench::start(BY_HAND, &[], Take::Hangs);
    bench.wait_for("fault").wait_seen("fault: The camera does not answer. It starts anew within a minute");
    bench.press(Command::Accept);
    let ended = bench.end();
    assert_eq!(ended.result.unwrap().end, End::Restart);
}

#[test]
fn an_analysis_that_panics_is_started_anew_and_the_picture_is_told_to_be_lost() {
    let bench = Bench::start(BY_HAND, &[], Take::Deadly);
    bench.wait_for("preview");
    let refusal = bench.link.press(Command::Capture).unwrap_err();
    assert!(refusal.to_string().contains("lost"), "{refusal}");
    *bench.strings.then.lock().unwrap() = Take::Good;
    bench.wait_for("preview");
    bench.wait("a verdict", || bench.link.press(Command::Capture).is_ok_and(|answer| answer.label == Some("refer")));
    assert_eq!(bench.records_in_short(), ["1/2 refer"], "the first picture was lost, and leaves a gap");
}

#[test]
fn records_that_fail_are_a_fault_and_the_picture_is_not_shown() {
    let bench = Bench::start_with(BY_HAND, &[], Take::Good, |_, strings| strings.records_broken.store(true, Ordering::Relaxed));
    bench.wait_for("fault").wait_seen("fault: The records are in use by another program. Press Accept to try again.");
    bench.strings.records_broken.store(false, Ordering::Relaxed);
    bench.press(Command::Accept);
    bench.wait_for("preview");
    bench.press(Command::Capture);
    assert_eq!(bench.records_in_short(), ["1/1 refer"]);
}

#[test]
fn a_display_that_was_gone_shows_the_verdict_again() {
    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview");
    bench.press(Command::Capture);
    bench.wait_seen("refer for");
    bench.strings.display_broken.store(true, Ordering::Relaxed);
    bench.press(Command::Details);
    bench.wait_for("fault");
    bench.strings.display_broken.store(false, Ordering::Relaxed);
    // This display opens even while it cannot show: only what it shows from here on tells that the fault is over.
    bench.strings.seen.lock().unwrap().clear();
    bench.wait_for("verdict").wait("the verdict", || bench.seen().last().is_some_and(|seen| seen.starts_with("refer for")));
    bench.press(Command::Accept);
    assert_eq!(bench.records_in_short(), ["1/1 refer", "1/1 accepted"]);
}

#[test]
fn it_sleeps_and_wakes_at_a_press() {
    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview");
    bench.press(Command::Sleep);
    bench.wait_seen("dark");
    assert_eq!(bench.state(), "sleep");
    bench.press(Command::Accept);
    bench.wait_for("preview").wait_seen("lit");
    bench.wait("a verdict", || bench.link.press(Command::Capture).is_ok());
}

#[test]
fn the_test_pattern_goes_by_itself() {
    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview");
    bench.link.show_pattern(Duration::from_millis(100)).unwrap();
    bench.wait_seen("pattern");
    bench.wait("the live picture", || bench.seen().last().is_some_and(|seen| seen == "preview 0"));
}

#[test]
fn a_self_test_says_of_every_part_whether_it_works() {
    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview");
    let checks = bench.link.self_test().unwrap();
    assert_eq!(
        checks.iter().map(|check| (check.name, check.passed)).collect::<Vec<_>>(),
        ["display", "records", "camera", "model"].map(|name| (name, Some(true)))
    );
    bench.strings.model_broken.store(true, Ordering::Relaxed);
    let checks = bench.link.self_test().unwrap();
    assert_eq!(checks[3].passed, Some(false), "{checks:?}");
}

#[test]
fn it_ends_within_a_second_when_it_is_told_to_and_restarts_when_asked() {
    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview");
    let (result, _, took) = bench.stop();
    assert_eq!(result.unwrap().end, End::Stopped);
    assert!(took < Duration::from_secs(1), "{took:?}");

    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview");
    bench.link.restart(Restart::Board).unwrap();
    assert_eq!(bench.end().result.unwrap().end, End::Reboot);
}

#[test]
fn what_is_said_while_a_code_is_looked_for_is_gone_with_the_looking() {
    let bench = Bench::start(BY_HAND, &[], Take::Good);
    bench.wait_for("preview");
    bench.press(Command::Scan);
    bench.wait_for("scanning").wait_seen("scanning");
    bench.press(Command::Details);
    bench.wait("the live picture", || bench.seen().last().is_some_and(|seen| seen == "preview 0"));
    // Looks that were asked for while scanning may still be answered.
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(bench.seen().last().map(String::as_str), Some("preview 0"));
    assert_eq!(bench.state(), "preview");
}

#[test]
fn the_late_answer_for_a_picture_that_was_given_up_is_recorded_but_is_no_verdict() {
    let bench = Bench::start(BY_HAND, &[], Take::Slow);
    bench.wait_for("preview");
    let link = std::sync::Arc::clone(&bench.link);
    let wish = std::thread::spawn(move || link.press(Command::Capture));
    bench.wait_for("analysing").wait_seen("analysing");
    // The display fails in the middle, and is back before the answer.
    bench.strings.display_broken.store(true, Ordering::Relaxed);
    bench.link.describe_patient(Context { age: Some(54), ..Context::default() }).unwrap();
    assert!(wish.join().unwrap().is_err(), "the picture is told to be lost");
    bench.strings.display_broken.store(false, Ordering::Relaxed);
    bench.wait_for("preview");
    *bench.strings.then.lock().unwrap() = Take::Good;
    bench.wait("its record", || bench.records_in_short() == ["1/1 refer"]);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(bench.state(), "preview");
    assert!(!bench.seen().iter().any(|seen| seen.starts_with("refer")), "{:?}", bench.seen());
    let answer = bench.press(Command::Capture);
    assert_eq!((answer.state, answer.case), ("verdict", Some(1)));
    bench.press(Command::Accept);
    assert_eq!(bench.records_in_short(), ["1/1 refer", "1/2 refer", "1/2 accepted"]);
}
