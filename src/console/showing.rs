//! An answer on its way to the terminal: row by row, page by page, no faster than the line takes it.

use std::collections::VecDeque;

use super::reply::{Next, Stream};

/// Rows of a page; the last of the terminal's 24 is for the question.
const PAGE: usize = 23;

/// Asked at the end of a page.
pub(super) const MORE: &str = "-- more: space, Enter for a row, q to end --";
/// Takes that question away again.
pub(super) const MORE_GONE: &str = "\r\x1b[K";

/// An answer that is being shown.
pub(super) struct Showing {
    rows: VecDeque<String>,
    stream: Option<Stream>,
    /// Rows until the next stop; `None` for no stops.
    left: Option<usize>,
    waiting: bool,
    /// What happens after the last row.
    pub(super) next: Option<Next>,
}

/// What is to be written next.
pub(super) enum Piece {
    /// This.
    Text(String),
    /// The question at the end of a page; nothing more until it is answered.
    Question,
    /// Nothing before a key is pressed.
    Held,
    /// Everything is written.
    End,
}

impl Showing {
    pub(super) fn new(rows: Vec<String>, stream: Option<Stream>, paged: bool, next: Option<Next>) -> Self {
        Self { rows: rows.into(), stream, left: paged.then_some(PAGE), waiting: false, next }
    }

    /// Whether a page has ended and a key is waited for.
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// Goes on for another page, or one row.
    pub(super) fn go_on(&mut self, one_row: bool) {
        self.waiting = false;
        self.left = Some(if one_row { 1 } else { PAGE });
    }

    pub(super) fn piece(&mut self) -> Piece {
        if self.waiting {
            return Piece::Held;
        }
        if let Some(row) = self.rows.front() {
            match &mut self.left {
                Some(0) => {
                    self.waiting = true;
                    return Piece::Question;
                }
                Some(left) => *left -= 1,
                None => {}
            }
            let text = format!("{row}\r\n");
            self.rows.pop_front();
            return Piece::Text(text);
        }
        self.stream.as_mut().and_then(Iterator::next).map_or(Piece::End, Piece::Text)
    }
}
