//! A session with lentigo's serial console in machine mode: one line asked, one line of JSON answered.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::stream::Stream;

/// The longest wait for an answer, in emulation.
const LIMIT: Duration = Duration::from_secs(40);

/// Nothing for this long: nothing more comes.
const QUIET: Duration = Duration::from_millis(700);

/// The session.
pub struct Console {
    stream: Stream,
}

impl Console {
    /// Takes over a serial port.
    pub fn new(stream: Stream) -> Self {
        Self { stream }
    }

    /// Waits until the console is there and begins machine mode.
    pub fn begin(&mut self, limit: Duration) -> Result<Instant> {
        let deadline = Instant::now() + limit;
        loop {
            // Ctrl-C drops whatever was on the line before.
            let mark = self.stream.mark();
            self.stream.send(b"\x03machine on\r")?;
            let answered = self.stream.wait(mark, Duration::from_secs(2), "machine mode", |heard| {
                answer_in(&heard.text).filter(|answer| answer["ok"] == true).map(|_| heard.at)
            });
            match answered {
                Ok(at) => {
                    self.until_quiet()?;
                    return Ok(at);
                }
                Err(error) if Instant::now() >= deadline => return Err(error.context("the console does not answer")),
                Err(_) => crate::interrupted()?,
            }
        }
    }

    /// The state that the device is in when its console first answers.
    pub fn first_state(&mut self, limit: Duration) -> Result<String> {
        let mark = self.stream.mark();
        let deadline = Instant::now() + limit;
        loop {
            self.stream.send(b"\x03machine on\rshow status\r")?;
            let state = |heard: &crate::stream::Line| answer_in(&heard.text)?.get("state")?.as_str().map(str::to_owned);
            match self.stream.wait(mark, Duration::from_millis(300), "a status", state) {
                Ok(state) => return Ok(state),
                Err(error) if Instant::now() >= deadline => return Err(error.context("the console does not answer")),
                Err(_) => crate::interrupted()?,
            }
        }
    }

    /// Asks and returns the whole answer, with how long it took.
    pub fn ask_timed(&mut self, line: &str) -> Result<(Value, Duration)> {
        let mark = self.stream.mark();
        let asked = Instant::now();
        self.stream.send(format!("{line}\r").as_bytes())?;
        let answer = self
            .stream
            .wait(mark, LIMIT, &format!("the answer to `{line}`"), |heard| answer_in(&heard.text).map(|answer| (answer, heard.at)))?;
        Ok((answer.0, answer.1 - asked))
    }

    /// Asks for something that must succeed.
    pub fn ask(&mut self, line: &str) -> Result<Value> {
        let (answer, _) = self.ask_timed(line)?;
        if answer["ok"] != true {
            bail!("`{line}` is refused: {answer}");
        }
        Ok(answer)
    }

    /// The state of everything.
    pub fn status(&mut self) -> Result<Value> {
        self.ask("show status")
    }

    /// Asks again and again until the status is as `wanted`; returns it.
    pub fn wait_for_status(&mut self, limit: Duration, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<(Value, Instant)> {
        let deadline = Instant::now() + limit;
        loop {
            let status = self.status()?;
            if wanted(&status) {
                return Ok((status, Instant::now()));
            }
            if Instant::now() >= deadline {
                bail!("the device is not {what} after {} s: {status}", limit.as_secs());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Sends a command and does not wait for its answer.
    pub fn send_only(&mut self, line: &str) -> Result<()> {
        self.stream.send(format!("{line}\r").as_bytes())
    }

    /// Waits until nothing more comes: answers to what was asked before it was known that somebody listens.
    fn until_quiet(&mut self) -> Result<()> {
        let mut mark = self.stream.mark();
        while self.stream.wait(mark, QUIET, "more", |_| Some(())).is_ok() {
            mark = self.stream.mark();
        }
        crate::interrupted()
    }

    /// Types a line as a person does, waits for a line with `until` in it, and returns everything that was said until nothing more came.
    pub fn type_line(&mut self, line: &str, until: &str) -> Result<Vec<String>> {
        let mark = self.stream.mark();
        self.stream.send(format!("{line}\r").as_bytes())?;
        self.stream.wait(mark, LIMIT, &format!("`{until}` after `{line}`"), |heard| heard.text.contains(until).then_some(()))?;
        self.until_quiet()?;
        Ok(self.stream.since(mark).into_iter().map(|line| line.text).collect())
    }

    /// Sends bytes that are no command.
    pub fn send_raw(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.send(bytes)
    }

    /// Hangs up: somebody else may call now.
    pub fn let_go(&mut self) -> Result<()> {
        self.stream.hang_up()
    }

    /// Hangs up and calls again.
    pub fn hang_up_and_call(&mut self) -> Result<()> {
        self.stream.reconnect().context("calling again")
    }
}

/// The answer on a line; what was typed may be echoed before it.
fn answer_in(text: &str) -> Option<Value> {
    let answer: Value = serde_json::from_str(text.get(text.find('{')?..)?).ok()?;
    answer.get("ok").is_some().then_some(answer)
}
