//! One person or script at the other end of the line: what is typed, what is answered.
//!
//! Takes bytes and gives bytes; knows no port, thread or clock (`now` is handed in), so that every test types at it directly.
//! Must never block, grow without bound on what comes in or is not read, echo or log a PIN, or end: whatever comes, the next line works.

mod access;
mod answer;
mod consent;

use std::{collections::VecDeque, time::Duration};

use super::{
    complete::{Completion, complete},
    desk::{Desk, Role},
    history::History,
    keys::{Key, KeyReader},
    line::{COLUMNS, Edited, LONGEST_LINE, Line, LineEditor},
    reply::{Complaint, wrapped},
    showing::{MORE, MORE_GONE, Piece, Showing},
};
use crate::device::Restart;
use access::Secret;

/// Output is made no faster than this many bytes are taken.
const AHEAD: usize = 4096;
/// Keys that are kept while an answer is being shown.
const TYPED_AHEAD: usize = 2 * LONGEST_LINE;

/// A session.
pub struct Session {
    desk: Desk,
    role: Role,
    machine: bool,
    paging: bool,
    asking: Asking,
    keys: KeyReader,
    line: LineEditor,
    history: History,
    showing: Option<Showing>,
    /// Typed while an answer was being shown.
    ahead: VecDeque<Typed>,
    out: VecDeque<u8>,
    /// Output was dropped in the middle of a row.
    torn: bool,
    last_key: Duration,
}

/// Something that was typed before its turn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Typed {
    Key(Key),
    /// Keys for which there was no room.
    Gap,
}

/// What the next line is.
enum Asking {
    Command,
    /// Something that is not echoed.
    Secret(Secret, String),
    /// "yes" to this.
    Consent(Restart),
}

impl Session {
    /// A session that works with `desk`.
    #[must_use]
    pub fn new(desk: Desk, now: Duration) -> Self {
        Self {
            desk,
            role: Role::Operator,
            machine: false,
            paging: true,
            asking: Asking::Command,
            keys: KeyReader::default(),
            line: LineEditor::default(),
            history: History::default(),
            showing: None,
            ahead: VecDeque::new(),
            out: VecDeque::new(),
            torn: false,
            last_key: now,
        }
    }

    /// Who is sitting there.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Says who this is. To be called once the line is there.
    pub fn greet(&mut self) {
        let mut rows = vec![format!("lentigo {}", env!("CARGO_PKG_VERSION"))];
        rows.extend(self.desk.board.console.banner.clone());
        if !self.desk.pins.is_set() {
            rows.push("No technician's PIN is set: type `pin` to set one. Until then nobody can change settings.".to_owned());
        }
        rows.push("Type `help` for all commands.".to_owned());
        let rows: Vec<String> = rows.iter().flat_map(|row| wrapped(row, COLUMNS)).collect();
        self.write(&format!("\r\n{}\r\n", rows.join("\r\n")));
        self.prompt();
    }

    /// The line was lost: whoever comes next is an operator and finds nothing of what was typed. What is staged stays.
    pub fn hang_up(&mut self) {
        if self.role == Role::Technician {
            tracing::info!("the technician at the console is logged out");
        }
        self.role = Role::Operator;
        self.machine = false;
        self.paging = true;
        self.asking = Asking::Command;
        self.keys = KeyReader::default();
        self.line.clear();
        self.history.clear();
        self.showing = None;
        self.ahead.clear();
        self.out.clear();
        self.torn = false;
    }

    /// Takes what came over the line.
    pub fn feed(&mut self, bytes: &[u8], now: Duration) {
        for byte in bytes {
            if let Some(key) = self.keys.key(*byte) {
                self.last_key = now;
                self.press(key, now);
                self.fill(now);
            }
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Duration) {
        let flowing = self.showing.as_ref().is_some_and(|showing| !showing.is_waiting());
        if flowing {
            // Somebody is waiting for a long answer.
            self.last_key = now;
        } else if self.role == Role::Technician && now.saturating_sub(self.last_key) >= self.desk.board.console.idle {
            self.role = Role::Operator;
            tracing::info!("the console's technician typed nothing for long and is logged out");
            if !self.machine {
                self.drop_everything("Nothing was typed for a while: you are an operator again.");
            }
        }
        self.fill(now);
    }

    /// What is to be sent; [`Session::sent`] tells how much of it was.
    pub fn pending(&mut self) -> &[u8] {
        self.out.make_contiguous()
    }

    /// So many bytes of [`Session::pending`] are on their way.
    pub fn sent(&mut self, count: usize, now: Duration) {
        self.out.drain(..count.min(self.out.len()));
        self.fill(now);
    }

    /// Nobody reads: what is to be sent is dropped, and what would follow it.
    pub fn drop_output(&mut self) {
        self.torn |= !self.out.is_empty();
        self.out.clear();
        self.ahead.clear();
        if self.showing.take().is_some() {
            self.asking = Asking::Command;
        }
    }

    fn press(&mut self, key: Key, now: Duration) {
        if std::mem::take(&mut self.torn) {
            self.write("\r\n");
        }
        if matches!(key, Key::Cancel | Key::Break) {
            self.cancel(key);
            return;
        }
        if let Some(showing) = &mut self.showing {
            if !showing.is_waiting() {
                if self.ahead.len() < TYPED_AHEAD {
                    self.ahead.push_back(Typed::Key(key));
                } else if self.ahead.back() != Some(&Typed::Gap) {
                    self.ahead.push_back(Typed::Gap);
                }
                return;
            }
            match key {
                Key::Char(' ') => showing.go_on(false),
                Key::Enter => showing.go_on(true),
                Key::Char('q' | 'Q') | Key::EndOfInput => {
                    self.write(MORE_GONE);
                    self.end_of_answer();
                    return;
                }
                _ => return,
            }
            self.write(MORE_GONE);
            return;
        }
        match std::mem::replace(&mut self.asking, Asking::Command) {
            Asking::Command => self.edit(key, now),
            Asking::Secret(secret, typed) => self.unseen(secret, typed, key, now),
            Asking::Consent(what) => self.consent(what, key),
        }
    }

    /// Drops what is being typed, asked or shown.
    fn cancel(&mut self, key: Key) {
        if self.showing.is_some() {
            // Ends a picture that the terminal may be in the middle of.
            self.write("\x1b\\");
        }
        if key == Key::Cancel {
            self.drop_everything("^C");
        } else {
            self.drop_everything("");
        }
    }

    fn drop_everything(&mut self, text: &str) {
        self.showing = None;
        self.ahead.clear();
        self.asking = Asking::Command;
        self.line.clear();
        if !self.machine {
            self.write(&format!("{text}\r\n"));
            self.prompt();
        }
    }

    fn edit(&mut self, key: Key, now: Duration) {
        match key {
            Key::Tab => self.tab(),
            Key::Up => {
                if let Some(line) = self.history.older(self.line.text()) {
                    self.line.replace(&line);
                    self.redraw();
                }
            }
            Key::Down => {
                if let Some(line) = self.history.newer() {
                    self.line.replace(&line);
                    self.redraw();
                }
            }
            Key::EndOfInput if self.line.text().is_empty() => {
                if self.role == Role::Technician {
                    self.echo("\r\n");
                    self.carry_out("logout", now);
                }
            }
            key => match self.line.key(key, &self.prompt_text()) {
                Edited::Drawn(text) => self.echo(&text),
                Edited::Finished(line) => {
                    self.echo("\r\n");
                    match line {
                        Line::Text(line) => {
                            self.history.add(&line);
                            self.carry_out(&line, now);
                        }
                        Line::TooLong => {
                            let error = format!("that line is longer than {LONGEST_LINE} bytes, or came faster than it could be read");
                            self.refuse(Complaint::new(error, "Nothing was done."));
                        }
                    }
                }
            },
        }
    }

    fn tab(&mut self) {
        if self.machine {
            return;
        }
        match complete(&self.desk, self.line.before_cursor()) {
            Completion::Nothing => self.write("\x07"),
            Completion::Insert(text) => {
                self.line.insert(&text);
                self.redraw();
            }
            Completion::Rows(rows) => {
                let rows: Vec<String> = rows.iter().flat_map(|row| wrapped(row, COLUMNS)).collect();
                self.write(&format!("\r\n{}\r\n", rows.join("\r\n")));
                self.redraw();
            }
        }
    }

    /// Makes output until the line has enough to do, or something is waited for.
    fn fill(&mut self, now: Duration) {
        loop {
            while self.out.len() < AHEAD
                && let Some(showing) = &mut self.showing
            {
                match showing.piece() {
                    Piece::Text(text) => self.write(&text),
                    Piece::Question => {
                        self.write(MORE);
                        break;
                    }
                    Piece::Held => break,
                    Piece::End => self.end_of_answer(),
                }
            }
            let free = self.showing.as_ref().is_none_or(Showing::is_waiting) && self.out.len() < AHEAD;
            match free.then(|| self.ahead.pop_front()).flatten() {
                Some(Typed::Key(key)) => self.press(key, now),
                // What is left of a line must not be taken for the whole.
                Some(Typed::Gap) => self.line.spoil(),
                None => return,
            }
        }
    }

    fn prompt_text(&self) -> String {
        let staged = if self.desk.settings.diff().is_empty() { "" } else { "*" };
        let sign = if self.role == Role::Technician { '#' } else { '>' };
        format!("lentigo{staged}{sign} ")
    }

    fn prompt(&mut self) {
        let text = match &self.asking {
            Asking::Command => self.prompt_text(),
            Asking::Consent(what) => consent::question(*what).to_owned(),
            Asking::Secret(secret, _) => secret.question().to_owned(),
        };
        self.echo(&text);
    }

    fn redraw(&mut self) {
        let text = self.line.drawn(&self.prompt_text());
        self.echo(&text);
    }

    /// For people only.
    fn echo(&mut self, text: &str) {
        if !self.machine {
            self.write(text);
        }
    }

    /// What is echoed while nobody reads has a bound too: a line that is not drawn whole is drawn again by the next key.
    fn write(&mut self, text: &str) {
        const MOST: usize = 16 * AHEAD;
        if self.out.len() + text.len() <= MOST {
            self.out.extend(text.as_bytes());
        }
    }
}
