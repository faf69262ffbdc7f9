//! Lines of the kernel's GPIO character device (uAPI v2, Linux 5.10 on). The only code that knows `gpiocdev`.
//!
//! The kernel debounces if it will, and reports edges if the chip can; where it cannot (a port expander without an interrupt line), levels are
//! read every few milliseconds.

use std::{
    os::fd::{AsFd, BorrowedFd},
    path::Path,
    time::Duration,
};

use gpiocdev::{
    Chip, Request,
    line::{Bias, EdgeDetection, EdgeKind, EventClock, Value, Values},
    request::Config,
};

use super::lines::{Edge, Lines, TakeLines};
use crate::{
    device::board::{ButtonsBoard, Pull},
    input::InputError,
};

/// The chips of this board.
pub(super) struct Chips;

/// How often levels are read where the chip reports no edges: shorter than any bounce that matters, longer than a bus transfer.
const POLL_EVERY: Duration = Duration::from_millis(5);

/// Edges that are read at once: a line that nothing holds may give them faster than they can be read.
const MOST_EDGES: usize = 256;

impl TakeLines for Chips {
    fn take(&mut self, board: &ButtonsBoard) -> Result<Box<dyn Lines>, InputError> {
        let chip = find(&board.chip)?;
        let name = chip.path().display().to_string();
        let mut refused = None;
        // A chip that will not debounce may report edges, and one that reports none can be read.
        for (edges, debounced) in [(true, true), (true, false), (false, false)] {
            match request(&chip, board, edges, debounced) {
                Ok(request) => {
                    let mut lines = Taken { request, offsets: offsets(board), debounced, before: None, seen: 0, lost: false, name };
                    if !edges {
                        lines.before = Some(lines.levels()?);
                    }
                    return Ok(Box::new(lines));
                }
                Err(error) => refused = Some(error),
            }
        }
        Err(why(&chip, board, refused))
    }
}

fn offsets(board: &ButtonsBoard) -> Vec<u32> {
    board.lines.iter().map(|(_, line)| *line).collect()
}

/// The chip of that path, name or label.
fn find(named: &str) -> Result<Chip, InputError> {
    let absent = || InputError::Absent { what: "GPIO chip", name: named.to_owned() };
    let device = |error: gpiocdev::Error| InputError::Device { what: format!("GPIO chip {named}"), cause: error.to_string() };
    if named.starts_with('/') {
        return if Path::new(named).exists() { Chip::from_path(named).map_err(device) } else { Err(absent()) };
    }
    let mut refused = None;
    for path in gpiocdev::chip::chips().map_err(|_| absent())? {
        match Chip::from_path(&path).and_then(|chip| Ok((chip.info()?, chip))) {
            Ok((info, chip)) if info.name == named || info.label == named => return Ok(chip),
            Ok(_) => {}
            Err(error) => refused = Some(error),
        }
    }
    // A chip that could not be asked for its label may be the one.
    Err(refused.map_or_else(absent, device))
}

fn request(chip: &Chip, board: &ButtonsBoard, edges: bool, debounced: bool) -> Result<Request, gpiocdev::Error> {
    let mut config = Config::default();
    config.with_lines(&offsets(board)).as_input();
    if board.active_low {
        config.as_active_low();
    }
    match board.pull {
        Pull::Up => config.with_bias(Bias::PullUp),
        Pull::Down => config.with_bias(Bias::PullDown),
        Pull::None => config.with_bias(Bias::Disabled),
        Pull::AsIs => &mut config,
    };
    if edges {
        config.with_edge_detection(EdgeDetection::BothEdges).with_event_clock(EventClock::Monotonic);
    }
    if debounced && !board.debounce.is_zero() {
        config.with_debounce_period(board.debounce);
    }
    Request::from_config(config).on_chip(chip.path()).with_consumer("lentigo").request()
}

/// Why the lines were not to be had.
fn why(chip: &Chip, board: &ButtonsBoard, refused: Option<gpiocdev::Error>) -> InputError {
    let path = chip.path().display();
    for (command, line) in &board.lines {
        match chip.line_info(*line) {
            Ok(info) if info.used => {
                let user = if info.consumer.is_empty() { "the kernel".to_owned() } else { info.consumer };
                return InputError::Busy { what: format!("line {line} of {path} ({command} button)"), user };
            }
            Ok(_) => {}
            Err(cause) => {
                return InputError::Device { what: format!("line {line} of {path} ({command} button)"), cause: cause.to_string() };
            }
        }
    }
    let cause = refused.map_or_else(|| "the kernel gives no reason".to_owned(), |error| error.to_string());
    InputError::Device { what: path.to_string(), cause }
}

struct Taken {
    request: Request,
    offsets: Vec<u32>,
    debounced: bool,
    /// The levels when they were read last, for a chip that reports no edges.
    before: Option<Vec<(u32, bool)>>,
    /// Number of the last edge, as the kernel counts them from 1.
    seen: u32,
    lost: bool,
    name: String,
}

impl Taken {
    fn failed(&self, error: &gpiocdev::Error) -> InputError {
        InputError::Device { what: self.name.clone(), cause: error.to_string() }
    }
}

impl Lines for Taken {
    fn edges(&mut self, now: Duration) -> Result<Vec<Edge>, InputError> {
        if let Some(before) = self.before.take() {
            let levels = self.levels()?;
            let changed = levels.iter().filter(|level| !before.contains(level));
            let edges = changed.map(|(line, pressed)| Edge { line: *line, pressed: *pressed, at: now }).collect();
            self.before = Some(levels);
            return Ok(edges);
        }
        let mut edges = Vec::new();
        while edges.len() < MOST_EDGES && self.request.has_edge_event().map_err(|error| self.failed(&error))? {
            let event = self.request.read_edge_event().map_err(|error| self.failed(&error))?;
            self.lost |= event.seqno != self.seen.wrapping_add(1);
            self.seen = event.seqno;
            edges.push(Edge { line: event.offset, pressed: event.kind == EdgeKind::Rising, at: Duration::from_nanos(event.timestamp_ns) });
        }
        Ok(edges)
    }

    fn levels(&mut self) -> Result<Vec<(u32, bool)>, InputError> {
        let mut values = Values::from_offsets(&self.offsets);
        self.request.values(&mut values).map_err(|error| self.failed(&error))?;
        Ok(self.offsets.iter().map(|line| (*line, values.get(*line) == Some(Value::Active))).collect())
    }

    fn lost_edges(&mut self) -> bool {
        std::mem::take(&mut self.lost)
    }

    fn debounced(&self) -> bool {
        self.debounced
    }

    fn poll_every(&self) -> Option<Duration> {
        self.before.is_some().then_some(POLL_EVERY)
    }

    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.before.is_none().then(|| self.request.as_fd())
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}
