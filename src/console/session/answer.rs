//! How an answer is given: rows for a person, one line of JSON for a script.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Asking, Session, access::Secret, consent::begins};
use crate::{
    console::{
        commands,
        desk::Role,
        line::COLUMNS,
        reply::{Complaint, Next, Reply, Stream, wrapped},
        showing::Showing,
    },
    device::Restart,
};

impl Session {
    pub(super) fn carry_out(&mut self, line: &str, now: Duration) {
        if line.trim().is_empty() {
            self.prompt();
            return;
        }
        match commands::carry_out(&mut self.desk, line, self.role, self.machine) {
            Ok(reply) => self.answer(reply, line, now),
            Err(complaint) => self.refuse(complaint),
        }
    }

    pub(super) fn answer(&mut self, reply: Reply, line: &str, now: Duration) {
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
    pub(super) fn answer_script(&mut self, mut reply: Reply, line: &str) {
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
            let all: Stream = Box::new(std::iter::once(head).chain(stream).chain(std::iter::once("]}\r\n".to_owned())));
            all
        });
        let rows = if stream.is_some() { Vec::new() } else { vec![text] };
        self.showing = Some(Showing::new(rows, stream, false, reply.next.filter(|next| !matches!(next, Next::Restart | Next::Reboot))));
    }

    pub(super) fn refuse(&mut self, complaint: Complaint) {
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
    pub(super) fn end_of_answer(&mut self) {
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

    pub(super) fn tell(&mut self, text: &str) {
        self.showing = Some(Showing::new(vec![text.to_owned()], None, self.paging, None));
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
