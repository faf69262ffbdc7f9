//! The console's thread over lines that behave badly, in memory.

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{Sender, channel},
    },
    time::{Duration, Instant},
};

use lentigo::console::{Doing, Lines, Port, run};

use crate::bench::Bench;

/// What a line does, one line after the other.
struct Script {
    /// Typed at once.
    typed: &'static [u8],
    /// Whether anybody reads.
    read: bool,
    /// What happens once everything was taken.
    end: End,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    /// An error, as when a USB adapter is pulled.
    Lost,
    /// The carrier goes.
    HungUp,
    /// Nothing; the console is told to stop when it comes for another line, or sees the end here.
    Stop,
}

struct Scripted {
    lines: VecDeque<Script>,
    told: Sender<String>,
    stop: Arc<AtomicBool>,
}

struct Wire {
    script: Script,
    at: usize,
    told: Sender<String>,
    stop: Arc<AtomicBool>,
    quiet: u32,
    asked: u32,
}

impl Lines for Scripted {
    fn open(&mut self) -> io::Result<Box<dyn Port>> {
        let script = self.lines.pop_front().ok_or_else(|| {
            self.stop.store(true, Ordering::Relaxed);
            io::Error::from(io::ErrorKind::NotFound)
        })?;
        Ok(Box::new(Wire { script, at: 0, told: self.told.clone(), stop: self.stop.clone(), quiet: 0, asked: 0 }))
    }

    fn name(&self) -> String {
        "a line in memory".to_owned()
    }
}

impl Port for Wire {
    fn receive(&mut self, bytes: &mut [u8], _: Duration) -> io::Result<usize> {
        let rest = &self.script.typed[self.at..];
        // A few bytes at a time, as a line gives them.
        let count = rest.len().min(bytes.len()).min(7);
        bytes[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        if count == 0 {
            self.quiet += 1;
            std::thread::sleep(Duration::from_millis(1));
        }
        // What was typed last is answered before the end comes.
        match self.script.end {
            End::Lost if self.quiet > 20 => Err(io::Error::other("unplugged")),
            End::Stop if self.quiet > 20 => {
                self.stop.store(true, Ordering::Relaxed);
                Ok(0)
            }
            _ => Ok(count),
        }
    }

    fn send(&mut self, bytes: &[u8], _: Duration) -> io::Result<usize> {
        if !self.script.read {
            return Ok(0);
        }
        let _ = self.told.send(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn carrier(&mut self) -> Option<bool> {
        self.asked += 1;
        (self.script.end == End::HungUp).then_some(self.asked < 2)
    }

    fn finish(&mut self, _: Duration) {}
}

/// What was sent over all lines, and how long it took.
fn play(bench: &Bench, lines: Vec<Script>) -> (String, Duration) {
    let (told, heard) = channel();
    let stop = Arc::new(AtomicBool::new(false));
    let mut scripted = Scripted { lines: lines.into(), told, stop: stop.clone() };
    let doings = Mutex::new(0);
    let begun = Instant::now();
    run(&mut scripted, bench.desk(), begun, &stop, &|doing| {
        if doing == Doing::Resting {
            *doings.lock().unwrap() += 1;
        }
    });
    assert!(*doings.lock().unwrap() > 0, "whoever watches over the console hears of it");
    drop(scripted);
    (heard.iter().collect(), begun.elapsed())
}

#[test]
fn whoever_comes_after_a_lost_line_is_an_operator() {
    for end in [End::Lost, End::HungUp] {
        let bench = Bench::new();
        let (said, _) = play(
            &bench,
            vec![
                Script { typed: b"pin\r271828\r271828\rset capture.burst 3\rhalf a li", read: true, end },
                Script { typed: b"commit\rdiff\r", read: true, end: End::Stop },
            ],
        );
        assert!(said.contains("lentigo*# half a li"), "{said}");
        assert!(said.contains("error: `commit` is for technicians"), "{said}");
        assert!(said.contains("capture.burst: 5 (default) -> 3"), "what is staged stays: {said}");
    }
}

#[test]
fn commands_are_carried_out_though_nobody_reads_the_answers() {
    let bench = Bench::new();
    let (said, _) = play(&bench, vec![Script { typed: b"capture\raccept\rcapture\r", read: false, end: End::Stop }]);
    assert_eq!(said, "");
    assert_eq!(bench.device.0.lock().unwrap().presses.len(), 3);
}

#[test]
fn the_answer_to_a_restart_is_sent_before_the_console_ends() {
    let bench = Bench::new();
    let (said, took) = play(&bench, vec![Script { typed: b"machine on\rpin 271828\rrestart\r", read: true, end: End::Stop }]);
    assert!(said.contains("The program restarts."), "{said}");
    assert!(took < Duration::from_secs(10));
}
