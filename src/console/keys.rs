//! Bytes from a line become keys.
//!
//! The state machine of escape sequences and UTF-8 is `anstyle-parse`'s. What is added here is what a serial line needs: a control
//! character always ends whatever sequence came before it, and no sequence is longer than a key sends. Without that, a few
//! bytes of noise could open a string sequence that swallows everything typed after it, Enter included.

use anstyle_parse::{Params, Parser, Perform};

/// Something that was pressed, or that happened to the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A character to insert; never a control character.
    Char(char),
    /// Carriage return, line feed, or both.
    Enter,
    /// Tab.
    Tab,
    /// Delete the character before the cursor.
    Backspace,
    /// Delete the character under the cursor.
    Delete,
    /// One character left.
    Left,
    /// One character right.
    Right,
    /// One word left.
    WordLeft,
    /// One word right.
    WordRight,
    /// Start of the line.
    Home,
    /// End of the line.
    End,
    /// The line before in the history.
    Up,
    /// The line after in the history.
    Down,
    /// Delete the word before the cursor.
    KillWord,
    /// Delete everything before the cursor.
    KillToStart,
    /// Delete everything from the cursor on.
    KillToEnd,
    /// Insert what was deleted last.
    Yank,
    /// Swap the two characters at the cursor.
    Transpose,
    /// Draw the line again.
    Redraw,
    /// Ctrl-C: drop what is being done.
    Cancel,
    /// Ctrl-D: delete under the cursor, or log out on an empty line.
    EndOfInput,
    /// A BREAK on the line, which Linux hands over as a NUL.
    Break,
}

/// No key sends a longer sequence; a longer one is noise.
const LONGEST_SEQUENCE: u32 = 12;

/// Makes keys of bytes.
#[derive(Default)]
pub(super) struct KeyReader {
    parser: Parser,
    /// Bytes of the running sequence.
    running: u32,
    /// The last byte was a carriage return: a line feed now belongs to it.
    returned: bool,
    /// The running sequence is `ESC O`, whose final letter is not part of what the parser calls a sequence.
    function: bool,
}

/// What the parser called for.
#[derive(Default)]
struct Found {
    key: Option<Key>,
    done: bool,
    function: bool,
}

impl KeyReader {
    /// Takes one byte; most keys are one.
    pub(super) fn key(&mut self, byte: u8) -> Option<Key> {
        let returned = std::mem::take(&mut self.returned);
        if byte < 0x20 || byte == 0x7f {
            self.parser = Parser::default();
            self.running = 0;
            self.function = false;
            if byte != 0x1b {
                self.returned = byte == b'\r';
                return control(byte, returned);
            }
        }
        if std::mem::take(&mut self.function) {
            return function_key(byte);
        }
        let mut found = Found::default();
        self.parser.advance(&mut found, byte);
        self.function = found.function;
        self.running = if found.done { 0 } else { self.running + 1 };
        if self.running > LONGEST_SEQUENCE {
            self.parser = Parser::default();
            self.running = 0;
        }
        found.key
    }
}

impl Perform for Found {
    fn print(&mut self, character: char) {
        self.done = true;
        // What is no UTF-8 comes as U+FFFD: noise, not text.
        if !character.is_control() && character != char::REPLACEMENT_CHARACTER {
            self.key = Some(Key::Char(character));
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], ignore: bool, action: u8) {
        self.done = true;
        let mut numbers = params.iter().map(|param| param.first().copied().unwrap_or(0));
        let (first, second) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        // 5 stands for Ctrl, 3 for Alt.
        let word = matches!(second, 3 | 5);
        self.key = match (action, first) {
            _ if ignore || !intermediates.is_empty() => None,
            (b'A', _) => Some(Key::Up),
            (b'B', _) => Some(Key::Down),
            (b'C', _) => Some(if word { Key::WordRight } else { Key::Right }),
            (b'D', _) => Some(if word { Key::WordLeft } else { Key::Left }),
            (b'H', _) | (b'~', 1 | 7) => Some(Key::Home),
            (b'F', _) | (b'~', 4 | 8) => Some(Key::End),
            (b'~', 3) => Some(Key::Delete),
            _ => None,
        };
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _ignore: bool, byte: u8) {
        self.done = true;
        self.function = intermediates.is_empty() && byte == b'O';
        self.key = match byte {
            b'b' => Some(Key::WordLeft),
            b'f' => Some(Key::WordRight),
            _ => None,
        };
    }
}

/// `returned`: a carriage return came just before.
fn control(byte: u8, returned: bool) -> Option<Key> {
    match byte {
        0x00 => Some(Key::Break),
        0x01 => Some(Key::Home),
        0x02 => Some(Key::Left),
        0x03 => Some(Key::Cancel),
        0x04 => Some(Key::EndOfInput),
        0x05 => Some(Key::End),
        0x06 => Some(Key::Right),
        0x08 | 0x7f => Some(Key::Backspace),
        0x09 => Some(Key::Tab),
        b'\n' if returned => None,
        b'\n' | b'\r' => Some(Key::Enter),
        0x0b => Some(Key::KillToEnd),
        0x0c => Some(Key::Redraw),
        0x0e => Some(Key::Down),
        0x10 => Some(Key::Up),
        0x14 => Some(Key::Transpose),
        0x15 => Some(Key::KillToStart),
        0x17 => Some(Key::KillWord),
        0x19 => Some(Key::Yank),
        _ => None,
    }
}

/// The letter after `ESC O`, as terminals in application mode send arrows.
fn function_key(byte: u8) -> Option<Key> {
    match byte {
        b'A' => Some(Key::Up),
        b'B' => Some(Key::Down),
        b'C' => Some(Key::Right),
        b'D' => Some(Key::Left),
        b'H' => Some(Key::Home),
        b'F' => Some(Key::End),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut reader = KeyReader::default();
        bytes.iter().filter_map(|byte| reader.key(*byte)).collect()
    }

    #[test]
    fn letters_of_every_length_and_arrows_are_keys() {
        assert_eq!(keys("aé€😀".as_bytes()), [Key::Char('a'), Key::Char('é'), Key::Char('€'), Key::Char('😀')]);
        assert_eq!(keys(b"\x1b[A\x1bOB\x1b[1;5C\x1b[3~\x1bb"), [Key::Up, Key::Down, Key::WordRight, Key::Delete, Key::WordLeft]);
    }

    #[test]
    fn a_line_ends_once_whichever_way_it_ends() {
        assert_eq!(keys(b"\r\n"), [Key::Enter]);
        assert_eq!(keys(b"\n\n\r\r\n"), [Key::Enter; 4]);
    }

    #[test]
    fn enter_gets_through_whatever_was_begun() {
        for begun in [&b"\x1b"[..], b"\x1b[", b"\x1b]0;title", b"\x1bPq", b"\x1bX", b"\x1b[1;1;1;1", b"\xe2", b"\xe2\x82", b"\xf0\x9f\x98"]
        {
            let mut bytes = begun.to_vec();
            bytes.extend(b"\rok");
            assert!(keys(&bytes).ends_with(&[Key::Enter, Key::Char('o'), Key::Char('k')]), "{begun:?}");
        }
    }

    #[test]
    fn a_string_sequence_cannot_swallow_the_line() {
        let bytes = [&b"\x1b]"[..], &[b'x'; 40]].concat();
        assert!(keys(&bytes).len() > 20);
    }

    proptest! {
        #[test]
        fn any_bytes_are_keys_and_plain_text_is_read_after_a_line_end(noise in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut bytes = noise;
            bytes.extend(b"\x03show\r");
            let found = keys(&bytes);
            let expected = [Key::Cancel, Key::Char('s'), Key::Char('h'), Key::Char('o'), Key::Char('w'), Key::Enter];
            prop_assert!(found.ends_with(&expected));
            for key in found {
                if let Key::Char(character) = key {
                    prop_assert!(!character.is_control());
                }
            }
        }
    }
}
