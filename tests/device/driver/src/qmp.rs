//! QEMU's own control connection (QMP): one JSON object a line.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::stream::Stream;

const LIMIT: Duration = Duration::from_secs(30);

/// A connection that has been greeted.
pub struct Qmp(Stream);

impl Qmp {
    /// Connects and leaves negotiation.
    pub fn connect(socket: &Path, log: &Path) -> Result<Self> {
        let stream = Stream::connect("QMP socket", socket, log)?;
        stream.wait(0, LIMIT, "QEMU's greeting", |line| line.text.contains("\"QMP\"").then_some(()))?;
        let mut qmp = Self(stream);
        qmp.ask("qmp_capabilities", json!({}))?;
        Ok(qmp)
    }

    /// Runs one command and returns what QEMU says.
    pub fn ask(&mut self, command: &str, arguments: Value) -> Result<Value> {
        let mark = self.0.mark();
        let mut line = serde_json::to_vec(&json!({ "execute": command, "arguments": arguments }))?;
        line.push(b'\n');
        self.0.send(&line)?;
        // Between question and answer there can be events.
        let answer = self.0.wait(mark, LIMIT, &format!("the answer to {command}"), |line| {
            let answer: Value = serde_json::from_str(&line.text).ok()?;
            (answer.get("return").is_some() || answer.get("error").is_some()).then_some(answer)
        })?;
        if let Some(error) = answer.get("error") {
            bail!("QEMU refuses {command}: {}", error["desc"].as_str().unwrap_or_default());
        }
        answer.get("return").cloned().context("QEMU's answer has no content")
    }
}
