//! One person or script at the other end of the line: what is typed, what is answered.
//!
//! Takes bytes and gives bytes; knows no port, thread or clock (`now` is handed in), so that every test types at it directly.
//! Must never block, grow without bound on what comes in or is not read, echo or log a PIN, or end: whatever comes, the next line works.

use std::{collections::VecDeque, time::Duration};

use serde_json::{Map, Value};

use super::{
    commands,
    complete::{Completion, complete},
    desk::{Desk, Role},
    history::History,
    keys::{Key, KeyReader},
    line::{COLUMNS, Edited, LONGEST_LINE, Line, LineEditor},
    pins::{self, PinError},
    reply::{Complaint, Next, Reply, wrapped},
    showing::{MORE, MORE_GONE, Piece, Showing},
};
use crate::device::Restart;

/// Output is made no faster than this many bytes are taken.
const AHEAD: usize = 4096;
/// Keys that are kept while an answer is being shown.
const TYPED_AHEAD: usize = 2 * LONGEST_LINE;
/// Longest PIN that is looked at; more digits are no PIN.
const LONGEST_PIN: usize = 64;

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

/// What an unseen line is for.
enum Secret {
    LogIn,
    OldPin,
    NewPin,
    Again(String),
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
            tracing::info!("the console's line was lost; its technician is logged out");
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

    fn carry_out(&mut self, line: &str, now: Duration) {
        if line.trim().is_empty() {
            self.prompt();
            return;
        }
        match commands::carry_out(&mut self.desk, line, self.role, self.machine) {
            Ok(reply) => self.answer(reply, line, now),
            Err(complaint) => self.refuse(complaint),
        }
    }

    fn answer(&mut self, reply: Reply, line: &str, now: Duration) {
        match reply.next {
            Some(Next::LogIn | Next::SetPin) if self.machine => {
                self.pin_from(line, reply.next == Some(Next::LogIn), now);
                return;
            }
            Some(Next::LogIn) => {
                self.ask_for_pin(Secret::LogIn, now);
                return;
            }
            Some(Next::SetPin) => {
                let first = if self.desk.pins.is_set() { Secret::OldPin } else { Secret::NewPin };
                self.ask_for_pin(first, now);
                return;
            }
            _ => {}
        }
        // A script that asks for machine mode is answered in it.
        self.machine |= reply.next == Some(Next::Machine(true));
        if self.machine {
            self.answer_script(reply, line);
        } else {
            let rows = reply.lines.iter().flat_map(|row| wrapped(&printable(row), COLUMNS)).collect();
            self.showing = Some(Showing::new(rows, reply.stream.map(|(_, stream)| stream), self.paging, reply.next));
        }
    }

    /// One line of JSON, whatever the answer.
    fn answer_script(&mut self, mut reply: Reply, line: &str) {
        let restart = match (reply.next, line.split_whitespace().next()) {
            // After a commit a script restarts when it wants to.
            (Some(Next::Restart), Some("restart")) => Some(Restart::Program),
            (Some(Next::Reboot), _) => Some(Restart::Board),
            _ => None,
        };
        if let Some(what) = restart {
            if let Err(refusal) = self.desk.link.restart(what) {
                self.refuse(commands::refused(refusal));
                return;
            }
            reply.data.insert("message".to_owned(), Value::from(begins(what)));
        }
        let mut text = json_line(true, reply.data);
        let stream = reply.stream.take().map(|(key, stream)| {
            // The array goes in before the last brace.
            text.pop();
            let head = format!("{text},\"{key}\":[");
            let all: super::reply::Stream = Box::new(std::iter::once(head).chain(stream).chain(std::iter::once("]}\r\n".to_owned())));
            all
        });
        let rows = if stream.is_some() { Vec::new() } else { vec![text] };
        self.showing = Some(Showing::new(rows, stream, false, reply.next.filter(|next| !matches!(next, Next::Restart | Next::Reboot))));
    }

    fn refuse(&mut self, complaint: Complaint) {
        if self.machine {
            let text = json_line(false, Reply::default().with_all(&complaint).data);
            self.showing = Some(Showing::new(vec![text], None, false, None));
            return;
        }
        let mut rows: Vec<String> = complaint.error.lines().map(str::to_owned).collect();
        if let Some(first) = rows.first_mut() {
            *first = format!("error: {first}");
        }
        if !complaint.hint.is_empty() {
            rows.push(complaint.hint);
        }
        let rows = rows.iter().flat_map(|row| wrapped(&printable(row), COLUMNS)).collect();
        self.showing = Some(Showing::new(rows, None, self.paging, None));
    }

    /// Everything of an answer is written, or the rest is not wanted.
    fn end_of_answer(&mut self) {
        let next = self.showing.take().and_then(|showing| showing.next);
        match next {
            Some(Next::LogOut) => self.role = Role::Operator,
            Some(Next::Machine(on)) => self.machine = on,
            Some(Next::Paging(on)) => self.paging = on,
            Some(Next::Restart) => self.asking = Asking::Consent(Restart::Program),
            Some(Next::Reboot) => self.asking = Asking::Consent(Restart::Board),
            Some(Next::LogIn | Next::SetPin) | None => {}
        }
        self.prompt();
    }

    fn consent(&mut self, what: Restart, key: Key) {
        let question = question(what);
        match self.line.key(key, question) {
            Edited::Drawn(text) => {
                self.asking = Asking::Consent(what);
                self.echo(&text);
            }
            Edited::Finished(line) => {
                self.echo("\r\n");
                if line != Line::Text("yes".to_owned()) {
                    self.tell("Not now.");
                } else {
                    match self.desk.link.restart(what) {
                        Ok(()) => self.tell(begins(what)),
                        Err(refusal) => self.refuse(commands::refused(refusal)),
                    }
                }
            }
        }
    }

    fn ask_for_pin(&mut self, secret: Secret, now: Duration) {
        let wait = self.desk.pins.wait(now);
        if matches!(secret, Secret::LogIn | Secret::OldPin) && self.desk.pins.is_set() && !wait.is_zero() {
            self.pin_refused(&PinError::Wait { wait: wait.max(Duration::from_secs(1)) });
            return;
        }
        if matches!(secret, Secret::LogIn) && !self.desk.pins.is_set() {
            self.pin_refused(&PinError::Unset);
            return;
        }
        self.asking = Asking::Secret(secret, String::new());
        self.prompt();
    }

    /// A key that is not echoed.
    fn unseen(&mut self, secret: Secret, mut typed: String, key: Key, now: Duration) {
        match key {
            Key::Char(character) if typed.len() < LONGEST_PIN => typed.push(character),
            Key::Backspace => {
                typed.pop();
            }
            Key::KillToStart => typed.clear(),
            Key::Enter => {
                self.write("\r\n");
                self.secret(secret, typed, now);
                return;
            }
            _ => {}
        }
        self.asking = Asking::Secret(secret, typed);
    }

    fn secret(&mut self, secret: Secret, typed: String, now: Duration) {
        match secret {
            Secret::LogIn => match self.desk.pins.check(&typed, now) {
                Ok(()) => self.become_technician("You are a technician."),
                Err(error) => self.pin_refused(&error),
            },
            Secret::OldPin => match self.desk.pins.check(&typed, now) {
                Ok(()) => self.ask_for_pin(Secret::NewPin, now),
                Err(error) => self.pin_refused(&error),
            },
            Secret::NewPin => match pins::fit(&typed) {
                Ok(()) => self.ask_for_pin(Secret::Again(typed), now),
                Err(error) => self.pin_refused(&error),
            },
            Secret::Again(first) if first == typed => match self.desk.pins.set(&typed) {
                Ok(()) => self.become_technician("The PIN is set. You are a technician."),
                Err(error) => self.pin_refused(&error),
            },
            Secret::Again(_) => {
                self.refuse(Complaint::new("the two were not the same", "Nothing was changed. Type `pin` to try again."));
            }
        }
    }

    /// `login PIN`, `pin NEW`, `pin OLD NEW` of a script.
    fn pin_from(&mut self, line: &str, log_in: bool, now: Duration) {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        let done = match (log_in, words.as_slice()) {
            (true, [pin]) => self.desk.pins.check(pin, now),
            (false, [new]) if !self.desk.pins.is_set() => self.desk.pins.set(new),
            (false, [old, new]) => self.desk.pins.check(old, now).and_then(|()| self.desk.pins.set(new)),
            (true, _) => return self.refuse(Complaint::new("login: there is no PIN on the line", "Type `login PIN`.")),
            (false, _) => {
                return self
                    .refuse(Complaint::new("pin: that is not a way to use it", "Type `pin NEW` for the first one, then `pin OLD NEW`."));
            }
        };
        match done {
            Ok(()) => self.become_technician(if log_in { "You are a technician." } else { "The PIN is set. You are a technician." }),
            Err(error) => self.pin_refused(&error),
        }
    }

    fn become_technician(&mut self, text: &str) {
        self.role = Role::Technician;
        tracing::info!("a technician is at the console");
        let mut reply = Reply::say(text).with("role", Role::Technician);
        let staged = self.desk.settings.diff().len();
        if staged > 0 {
            reply = reply.line("Settings are staged from before: see `diff`.").with("staged", staged);
        }
        self.answer(reply, "", Duration::ZERO);
    }

    fn pin_refused(&mut self, error: &PinError) {
        let hint = match error {
            PinError::Wrong { .. } | PinError::Wait { .. } => "`help login` tells what to do when it is forgotten.",
            PinError::Unset => "Type `pin` to set one.",
            PinError::Unfit(_) => "Nothing was changed. Type `pin` to try again.",
            PinError::Damaged { .. } => "Switch off, delete that file on a computer, and set a PIN anew.",
            PinError::Unkept { .. } => "Look at `show health` for room on the storage.",
        };
        self.refuse(Complaint::new(error, hint));
    }

    fn tell(&mut self, text: &str) {
        self.showing = Some(Showing::new(vec![text.to_owned()], None, self.paging, None));
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
            Asking::Consent(what) => question(*what).to_owned(),
            Asking::Secret(Secret::LogIn | Secret::OldPin, _) => "PIN: ".to_owned(),
            Asking::Secret(Secret::NewPin, _) => "New PIN, 6 to 12 digits: ".to_owned(),
            Asking::Secret(Secret::Again(_), _) => "The same again: ".to_owned(),
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

/// `{"ok":true,...}`, with `ok` first.
fn json_line(ok: bool, data: Map<String, Value>) -> String {
    let rest = Value::Object(data).to_string();
    let rest = rest.strip_prefix('{').unwrap_or(&rest);
    let comma = if rest == "}" { "" } else { "," };
    format!("{{\"ok\":{ok}{comma}{rest}")
}

/// Control characters, such as in a log line or a file's name, must not steer the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

fn question(what: Restart) -> &'static str {
    match what {
        Restart::Program => "Restart now? Type yes: ",
        Restart::Board => "Boot the board anew? Type yes: ",
    }
}

fn begins(what: Restart) -> &'static str {
    match what {
        Restart::Program => "The program restarts.",
        Restart::Board => "The board boots anew.",
    }
}
