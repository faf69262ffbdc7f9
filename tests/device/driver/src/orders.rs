//! Orders to the bench's hand inside the machine: see `guest/src/orders.rs`.

use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::stream::Stream;

const LIMIT: Duration = Duration::from_secs(40);

/// The line to the hand.
pub struct Orders(Stream);

/// What lentigo uses, as the kernel counts it.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// Resident memory in kB.
    pub resident_kb: u64,
    /// Open descriptors.
    pub descriptors: u64,
    /// Threads.
    pub threads: u64,
}

impl Orders {
    /// Takes over a line.
    pub fn new(stream: Stream) -> Self {
        Self(stream)
    }

    /// Waits until the hand is there.
    pub fn wait_until_ready(&self, limit: Duration) -> Result<()> {
        self.0.wait(0, limit, "the bench's hand", |line| (line.text == "ready").then_some(()))
    }

    /// Gives an order and waits until it is done; returns what the hand says.
    pub fn give(&mut self, order: &str) -> Result<String> {
        let mark = self.0.mark();
        self.0.send(format!("{order}\n").as_bytes())?;
        let answer = self.0.wait(mark, LIMIT, &format!("the answer to the order {order}"), |line| {
            (line.text.starts_with("ok") || line.text.starts_with("error")).then(|| line.text.clone())
        })?;
        match answer.strip_prefix("ok") {
            Some(said) => Ok(said.trim().to_owned()),
            None => bail!("the order {order} failed: {answer}"),
        }
    }

    /// What lentigo uses now.
    pub fn usage(&mut self) -> Result<Usage> {
        let said = self.give("usage")?;
        let field = |key: &str| -> Result<u64> {
            let field = said.split(' ').find_map(|field| field.strip_prefix(key)?.strip_prefix('='));
            field.and_then(|field| field.parse().ok()).with_context(|| format!("no {key} in {said}"))
        };
        Ok(Usage { resident_kb: field("resident_kb")?, descriptors: field("descriptors")?, threads: field("threads")? })
    }
}
