//! Whatever comes over the line, and whether or not anybody reads, the next line works.

use std::time::Duration;

use proptest::prelude::*;

use crate::bench::Bench;

fn still_answers(bench: &mut Bench) -> bool {
    bench.bytes(b"\x03");
    bench.bytes(b"machine off\r\x03");
    bench.line("show version").contains("lentigo 0.1.0")
}

/// Bytes as lines have them: noise, but also pieces of what means something.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..40),
        1 => prop::sample::select(vec![
            &b"\x1b]"[..], b"\x1bP", b"\x1b[", b"\x00\x00\x00", b"\xff\xff", b"\xe2\x82", b"\r\n", b"\t\t", b"show settings\r", b"help\r", b"test frame\r",
            b"pin\r", b"login\r", b"case set age 4\r", b"machine on\r", b"set capture.hold_ms 3\r", b"\x1b[A\x1b[A\r", b"capture\r", b"   q ",
        ]).prop_map(<[u8]>::to_vec),
    ];
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn noise_never_ends_the_console(noise in any_bytes()) {
        let mut bench = Bench::new();
        bench.bytes(&noise);
        prop_assert!(still_answers(&mut bench));
    }

    #[test]
    fn noise_that_nobody_reads_the_answers_to_never_ends_the_console(noise in any_bytes(), rounds in 1..6) {
        let mut bench = Bench::new();
        for _ in 0..rounds {
            bench.session.feed(&noise, bench.now);
            prop_assert!(bench.session.pending().len() < 200_000);
        }
        bench.session.drop_output();
        prop_assert!(still_answers(&mut bench));
    }
}

#[test]
fn input_without_end_takes_no_memory_and_does_nothing() {
    let mut bench = Bench::new();
    let mut sent = 0;
    for _ in 0..2000 {
        sent += bench.bytes(&[b'x'; 512]).len();
    }
    assert!(sent < 100_000, "{sent} bytes of echo");
    let said = bench.line("");
    assert!(said.contains("longer than 1024 bytes"), "{said}");
    assert!(still_answers(&mut bench));
}

#[test]
fn what_is_typed_while_an_answer_flows_waits_its_turn_and_ctrl_c_does_not() {
    let mut bench = Bench::new();
    bench.logs.0.lock().unwrap().extend((0..5000).map(|number| format!("line {number:060}")));
    bench.line("paging off");
    bench.session.feed(b"log 5000\rshow version\r", bench.now);
    let said = bench.output();
    assert!(said.contains("line 0000") && said.trim_end().ends_with("lentigo>"), "{}", &said[said.len() - 200..]);
    assert!(said.contains("lentigo 0.1.0"));

    bench.session.feed(b"log 5000\r", bench.now);
    bench.session.feed(b"\x03", bench.now);
    let said = bench.output();
    assert!(said.len() < 20_000 && said.contains("^C"), "{} bytes", said.len());
}

#[test]
fn lines_that_come_faster_than_they_are_read_are_not_carried_out_in_part() {
    let mut bench = Bench::machine();
    bench.logs.0.lock().unwrap().extend((0..500).map(|number| format!("line {number:060}")));
    // Nothing is read, so that nothing is done; what does not fit is lost.
    bench.session.feed(b"log 500\rlog 500\r", bench.now);
    for _ in 0..400 {
        bench.session.feed(b"set capture.hold_ms 12345\r", bench.now);
    }
    let answers = bench.output();
    assert!(answers.lines().count() < 402, "everything fitted");
    // The line that was cut off must not be finished by whatever comes next.
    let said = bench.line("9");
    assert!(said.contains("came faster than it could be read"), "{said}");
    let shown = bench.line("show settings capture.hold_ms");
    assert!(shown.contains("\"value\":\"12345\""), "{shown}");
}

#[test]
fn a_technician_who_only_watches_a_long_answer_is_not_logged_out() {
    let mut bench = Bench::technician();
    bench.line("paging off");
    bench.logs.0.lock().unwrap().extend((0..5000).map(|number| format!("line {number:060}")));
    bench.session.feed(b"log 5000\r", bench.now);
    bench.now += Duration::from_secs(600);
    bench.session.tick(bench.now);
    assert!(bench.output().ends_with("lentigo# "));
}
