//! The transcripts in `tests/data/console`, typed at a session line by line.
//!
//! `> text` is a line that is typed; `~ text` are keys (`\t`, `\r`, `\e`, `\x03`); `@ 5` lets so many seconds pass; `! word` happens to the device.
//! Every other line is what the console sends, with the prompt that it leaves last; `#` begins a remark.
//! Written anew with `LENTIGO_ACCEPT_SNAPSHOTS=1 cargo test --test console_session transcripts`.

use std::{path::Path, time::Duration};

use crate::bench::Bench;

#[test]
fn every_transcript_is_what_the_console_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/console");
    let mut played = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let written = std::fs::read_to_string(&path).unwrap();
        let said = play(&written);
        if std::env::var_os("LENTIGO_ACCEPT_SNAPSHOTS").is_some() {
            std::fs::write(&path, &said).unwrap();
        } else {
            let differs = written.lines().zip(said.lines()).find(|(written, said)| written != said);
            assert!(written == said, "{}: {differs:?}\n{said}", path.display());
        }
        played += 1;
    }
    assert!(played >= 8, "{played} transcripts");
}

fn play(transcript: &str) -> String {
    let mut bench = Bench::new();
    let mut said = String::new();
    for line in transcript.lines() {
        let typed = line.get(2..).unwrap_or_default();
        let output = match line.as_bytes() {
            [b'#', ..] => String::new(),
            [b'>', ..] => {
                let output = bench.line(typed);
                // The echo of the line itself stands here already.
                output.strip_prefix(&format!("{typed}\r\n")).map(str::to_owned).unwrap_or(output)
            }
            [b'~', ..] => bench.bytes(&unescape(typed)),
            [b'@', ..] => bench.wait(Duration::from_secs_f64(typed.parse().unwrap())),
            [b'!', ..] => {
                happen(&mut bench, typed);
                bench.output()
            }
            _ => continue,
        };
        said.push_str(&format!("{line}\n{}", visible(&output, &bench)));
    }
    said
}

fn happen(bench: &mut Bench, what: &str) {
    match what.split_once(' ').unwrap_or((what, "")) {
        ("greeting", _) => {}
        ("refuse", _) => bench.device.0.lock().unwrap().refuse_next = true,
        ("explain", _) => bench.device.0.lock().unwrap().explains = true,
        ("unplug", _) => bench.device.0.lock().unwrap().state = "fault",
        ("plug", _) => bench.device.0.lock().unwrap().state = "preview",
        ("power-cycle", _) => bench.power_cycle(),
        ("hang-up", _) => {
            bench.session.hang_up();
            bench.session.greet();
        }
        ("log", count) => {
            let lines = (1..=count.parse().unwrap()).map(|number| format!("INFO case={number} recorded"));
            bench.logs.0.lock().unwrap().extend(lines);
        }
        ("forget-pin", _) => std::fs::remove_file(bench.path("state/pins")).unwrap(),
        (other, _) => panic!("nothing of the kind of {other} can happen"),
    }
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match (character, character == '\\') {
            (_, true) => match rest.next().unwrap() {
                't' => bytes.push(b'\t'),
                'r' => bytes.push(b'\r'),
                'e' => bytes.push(0x1b),
                'x' => {
                    let digits: String = rest.by_ref().take(2).collect();
                    bytes.push(u8::from_str_radix(&digits, 16).unwrap());
                }
                other => panic!("\\{other}"),
            },
            _ => bytes.extend(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// What a person sees in the rows that were written: after a carriage return a row is written anew.
fn visible(output: &str, bench: &Bench) -> String {
    let mut text = String::new();
    for row in output.split("\r\n") {
        let row = row.rsplit('\r').next().unwrap().replace('\x07', "<bell>").replace("\x1b[K", "").replace("\x1b\\", "");
        let row = row.replace(&bench.path("").canonicalize().unwrap().display().to_string(), "DEVICE");
        text.push_str(&format!("{}\n", row.trim_end()));
    }
    let text = text.trim_end_matches('\n');
    if text.is_empty() { String::new() } else { format!("{text}\n") }
}
