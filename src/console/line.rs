//! Editing one line, and drawing it in one row of a terminal.
//!
//! The text with its cursor, words, kills and swaps is rustyline's `LineBuffer`. rustyline as a whole reads from a terminal device
//! only; of the line editors that take any stream of bytes, embedded-cli 0.2 completes names of commands only and makes text of
//! invalid UTF-8 without a check, which line noise is full of; noline 0.5 waits for the terminal to answer where its cursor is,
//! which no script does; linefeed 0.6 reads a file of its user's and needs a terminal database. So the text is a library's, and what
//! is here is the row on the screen: drawn with carriage return, "erase to the end" and "left", nothing that asks the terminal anything.

use rustyline::{
    At, Word,
    line_buffer::{ChangeListener, DeleteListener, Direction, LineBuffer},
};
use unicode_width::UnicodeWidthChar;

use super::keys::Key;

/// Longest line, in bytes.
pub(super) const LONGEST_LINE: usize = 1024;

/// Columns of the terminal that are used; the last stays empty, since terminals differ in what they do there.
pub(super) const COLUMNS: usize = 79;

/// The bell.
const BELL: &str = "\x07";

/// A line that is being typed.
pub(super) struct LineEditor {
    text: LineBuffer,
    kept: Kept,
    /// Something did not fit: the line is not what was typed.
    overrun: bool,
}

/// What a key did to the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Edited {
    /// Nothing more than what is to be written to the terminal.
    Drawn(String),
    /// The line is finished.
    Finished(Line),
}

/// A finished line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// As it was typed.
    Text(String),
    /// It was longer than [`LONGEST_LINE`], or a part of it is missing: it must not be carried out.
    TooLong,
}

/// What was deleted last, for Ctrl-Y.
#[derive(Default)]
struct Kept {
    killing: bool,
    text: String,
}

impl DeleteListener for Kept {
    fn start_killing(&mut self) {
        self.killing = true;
        self.text.clear();
    }

    fn delete(&mut self, _: usize, text: &str, direction: Direction) {
        if self.killing {
            match direction {
                Direction::Forward => self.text.push_str(text),
                Direction::Backward => self.text.insert_str(0, text),
            }
        }
    }

    fn stop_killing(&mut self) {
        self.killing = false;
    }
}

impl ChangeListener for Kept {
    fn insert_char(&mut self, _: usize, _: char) {}
    fn insert_str(&mut self, _: usize, _: &str) {}
    fn replace(&mut self, _: usize, _: &str, _: &str) {}
}

impl Default for LineEditor {
    fn default() -> Self {
        Self { text: LineBuffer::with_capacity(LONGEST_LINE), kept: Kept::default(), overrun: false }
    }
}

impl LineEditor {
    /// What was typed so far.
    #[must_use]
    pub(super) fn text(&self) -> &str {
        self.text.as_str()
    }

    /// What was typed before the cursor.
    #[must_use]
    pub(super) fn before_cursor(&self) -> &str {
        self.text.as_str().get(..self.text.pos()).unwrap_or_default()
    }

    /// Another line in the place of this one.
    pub(super) fn replace(&mut self, text: &str) {
        let fitting = cut(text, LONGEST_LINE);
        self.text.update(fitting, fitting.len(), &mut self.kept);
        self.overrun = false;
    }

    /// An empty line.
    pub(super) fn clear(&mut self) {
        self.replace("");
    }

    /// A part of what was typed is missing.
    pub(super) fn spoil(&mut self) {
        self.overrun = true;
    }

    /// Puts `text` in at the cursor.
    pub(super) fn insert(&mut self, text: &str) {
        text.chars().for_each(|character| {
            self.insert_char(character);
        });
    }

    /// Whether there was room.
    fn insert_char(&mut self, character: char) -> bool {
        let fits = self.text.len() + character.len_utf8() <= LONGEST_LINE;
        let inserted = fits && self.text.insert(character, 1, &mut self.kept).is_some();
        self.overrun |= !inserted;
        inserted
    }

    /// Takes a key. Keys that are not about the line itself do nothing here.
    pub(super) fn key(&mut self, key: Key, prompt: &str) -> Edited {
        let kept = &mut self.kept;
        match key {
            Key::Char(character) => return Edited::Drawn(self.typed(character, prompt)),
            Key::Enter => {
                let text = self.text().to_owned();
                let line = if self.overrun { Line::TooLong } else { Line::Text(text) };
                self.clear();
                return Edited::Finished(line);
            }
            Key::Backspace => {
                self.text.backspace(1, kept);
            }
            Key::Delete | Key::EndOfInput => {
                self.text.delete(1, kept);
            }
            Key::Left => {
                self.text.move_backward(1);
            }
            Key::Right => {
                self.text.move_forward(1);
            }
            Key::WordLeft => {
                self.text.move_to_prev_word(Word::Emacs, 1);
            }
            Key::WordRight => {
                self.text.move_to_next_word(At::AfterEnd, Word::Emacs, 1);
            }
            Key::Home => {
                self.text.move_home();
            }
            Key::End => {
                self.text.move_end();
            }
            Key::KillWord => self.kill(|text, kept| text.delete_prev_word(Word::Vi, 1, kept)),
            Key::KillToStart => self.kill(LineBuffer::discard_line),
            Key::KillToEnd => self.kill(LineBuffer::kill_line),
            Key::Transpose => {
                self.text.transpose_chars(kept);
            }
            Key::Yank => {
                let text = self.kept.text.clone();
                self.insert(&text);
            }
            Key::Redraw => {}
            Key::Tab | Key::Up | Key::Down | Key::Cancel | Key::Break => return Edited::Drawn(String::new()),
        }
        Edited::Drawn(self.drawn(prompt))
    }

    /// `kill` says whether there was anything to delete, which nobody needs to know.
    fn kill(&mut self, kill: impl FnOnce(&mut LineBuffer, &mut Kept) -> bool) {
        self.kept.start_killing();
        kill(&mut self.text, &mut self.kept);
        self.kept.stop_killing();
    }

    /// The cheap way for the commonest key: at the end of a line that fits, a character is its own echo.
    fn typed(&mut self, character: char, prompt: &str) -> String {
        let was_full = self.overrun;
        if !self.insert_char(character) {
            // One bell a line: noise without end must not become bells without end.
            return if was_full { String::new() } else { BELL.to_owned() };
        }
        let row = width(prompt) + width(self.text());
        if self.text.is_cursor_at_end() && row < COLUMNS && character.width().unwrap_or(0) > 0 {
            return character.to_string();
        }
        self.drawn(prompt)
    }

    /// What draws prompt and line in the row that the cursor is in.
    #[must_use]
    pub(super) fn drawn(&self, prompt: &str) -> String {
        let room = COLUMNS.saturating_sub(width(prompt)).max(8);
        let (before, after) = self.text().split_at(self.before_cursor().len());
        // The part that is seen ends at the cursor when the line is too long, and begins anew there on the way back.
        let seen_before = tail(before, room.saturating_sub(1));
        let seen_after = head(after, room - width(seen_before).min(room));
        let back = width(seen_after);
        let left = if back > 0 { format!("\x1b[{back}D") } else { String::new() };
        format!("\r{prompt}{seen_before}{seen_after}\x1b[K{left}")
    }
}

/// Columns that `text` takes.
#[must_use]
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|character| character.width().unwrap_or(0)).sum()
}

/// As much of the start of `text` as fits into `room` columns.
fn head(text: &str, room: usize) -> &str {
    let mut taken = 0;
    let over = text.char_indices().find(|(_, character)| {
        taken += character.width().unwrap_or(0);
        taken > room
    });
    over.map_or(text, |(at, _)| text.get(..at).unwrap_or_default())
}

/// As much of the end of `text` as fits into `room` columns.
fn tail(text: &str, room: usize) -> &str {
    let mut taken = 0;
    let over = text.char_indices().rev().find(|(_, character)| {
        taken += character.width().unwrap_or(0);
        taken > room
    });
    over.map_or(text, |(at, character)| text.get(at + character.len_utf8()..).unwrap_or_default())
}

/// As much of the start of `text` as fits into `bytes`.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A terminal of one row: what a person sees after `bytes`, and the column of the cursor.
    fn seen(bytes: &str) -> (String, usize) {
        let (mut row, mut column): (Vec<char>, usize) = (Vec::new(), 0);
        let mut rest = bytes.chars();
        while let Some(character) = rest.next() {
            match character {
                '\r' => column = 0,
                '\x1b' => {
                    let sequence: String = rest.by_ref().skip(1).take_while(|c| !c.is_ascii_alphabetic()).collect();
                    match sequence.parse::<usize>() {
                        Ok(back) => column -= back,
                        Err(_) => row.truncate(column),
                    }
                }
                '\x07' => {}
                character => {
                    row.truncate(row.len().max(column));
                    if column < row.len() {
                        row[column] = character;
                    } else {
                        row.push(character);
                    }
                    column += 1;
                }
            }
        }
        (row.into_iter().collect(), column)
    }

    fn edit(keys: &[Key]) -> (LineEditor, String) {
        let mut editor = LineEditor::default();
        let mut drawn = editor.drawn("> ");
        for key in keys {
            if let Edited::Drawn(more) = editor.key(*key, "> ") {
                drawn.push_str(&more);
            }
        }
        (editor, drawn)
    }

    fn typed(text: &str) -> Vec<Key> {
        text.chars().map(Key::Char).collect()
    }

    #[test]
    fn typing_at_the_end_echoes_just_what_was_typed() {
        let (editor, drawn) = edit(&typed("show é"));
        assert_eq!(editor.text(), "show é");
        assert_eq!(drawn, "\r> \x1b[Kshow é");
    }

    #[test]
    fn words_are_killed_and_come_back() {
        let mut keys = typed("set log.level debug");
        keys.extend([Key::KillWord, Key::KillWord, Key::Yank]);
        let (editor, _) = edit(&keys);
        assert_eq!(editor.text(), "set log.level ");
    }

    #[test]
    fn a_line_too_long_is_not_carried_out_and_rings_once() {
        let (mut editor, drawn) = edit(&typed(&"x".repeat(LONGEST_LINE + 50)));
        assert_eq!(drawn.matches('\x07').count(), 1);
        assert_eq!(editor.key(Key::Enter, "> "), Edited::Finished(Line::TooLong));
        assert_eq!(editor.text(), "");
        editor.insert("ok");
        assert_eq!(editor.key(Key::Enter, "> "), Edited::Finished(Line::Text("ok".to_owned())));
    }

    fn any_key() -> impl Strategy<Value = Key> {
        use Key::*;
        let edits =
            [Backspace, Delete, Left, Right, WordLeft, WordRight, Home, End, KillWord, KillToStart, KillToEnd, Yank, Transpose, Redraw];
        prop_oneof![6 => "[a-z .]".prop_map(|text| Char(text.chars().next().unwrap())), 3 => prop::sample::select(edits.to_vec())]
    }

    proptest! {
        #[test]
        fn the_row_shows_the_text_around_the_cursor(keys in prop::collection::vec(any_key(), 0..220)) {
            let (editor, drawn) = edit(&keys);
            let (row, column) = seen(&drawn);
            prop_assert!(row.chars().count() <= COLUMNS + 1, "{} columns", row.chars().count());
            let shown = row.strip_prefix("> ").unwrap();
            prop_assert!(editor.text().contains(shown), "{shown:?} is not in {:?}", editor.text());
            if width(editor.text()) < 70 {
                prop_assert_eq!(shown, editor.text());
                prop_assert_eq!(column - 2, editor.before_cursor().chars().count());
            }
        }
    }
}
