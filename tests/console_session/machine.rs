//! A script at the other end: one line of JSON for every line, whatever it is.

use lentigo::console::commands::COMMANDS;
use proptest::prelude::*;
use serde_json::Value;

use crate::bench::Bench;

fn answers(said: &str) -> Vec<Value> {
    said.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"))).collect()
}

#[test]
fn several_lines_at_once_get_their_answers_in_order() {
    let mut bench = Bench::machine();
    let said = bench.bytes(b"show version\rnonsense\r\ndiff\nset capture.burst 3\r");
    let found: Vec<bool> = answers(&said).iter().map(|answer| answer["ok"].as_bool().unwrap()).collect();
    assert_eq!(found, [true, false, true, true]);
}

#[test]
fn numbers_have_their_own_few_digits() {
    let mut bench = Bench::machine();
    assert!(bench.line("capture").contains("\"probability\":0.6182,"));
}

#[test]
fn a_commit_does_not_restart_before_the_script_asks() {
    let mut bench = Bench::machine();
    bench.bytes(b"set capture.burst 3\rcommit\r");
    assert!(bench.device.0.lock().unwrap().restarts.is_empty());
    bench.line("restart");
    assert_eq!(bench.device.0.lock().unwrap().restarts.len(), 1);
}

fn any_line() -> impl Strategy<Value = String> {
    let names: Vec<&'static str> = COMMANDS.iter().map(|command| command.name).filter(|name| *name != "machine").collect();
    let words = "( (show|set|clear|list|csv|jsonl|status|settings|capture\\.hold_ms|camera\\.kind|v4l2|self|--cases|age|[a-zé0-9.\"'{}\\[\\]/-]{0,9})){0,4}";
    (prop::sample::select(names), words).prop_map(|(name, words)| format!("{name}{words}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn every_line_gets_exactly_one_line_of_json(lines in prop::collection::vec(any_line(), 1..8)) {
        // Not as a technician: each PIN that is looked at costs a fifth of a second.
        let mut bench = Bench::new();
        bench.line("machine on");
        for line in lines {
            let said = bench.line(&line);
            let all = answers(&said);
            prop_assert_eq!(all.len(), 1, "{:?} said {:?}", line, said);
            let ok = all[0]["ok"].as_bool().unwrap();
            prop_assert!(ok || all[0]["error"].is_string());
        }
    }
}
