//! Setting text into a given width: wrapping, then shrinking, and only as the last resort an ellipsis.
//!
//! Nothing here draws. A [`Block`] is what [`super::painter`] draws, and its measured size is what layouts count with.

use super::font::{self, PITCH, Weight};

/// Lines of text in one size, broken so that none is wider than asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    pub(super) lines: Vec<String>,
    pub(super) weight: Weight,
    /// Cap height in pixels.
    pub(super) cap: u32,
    /// A word had to be broken inside.
    pub(super) broken: bool,
    /// Something was left out, and an ellipsis says so.
    pub(super) shortened: bool,
}

impl Block {
    /// Breaks `text` into as few lines as fit into `width` pixels.
    pub(super) fn wrap(text: &str, weight: Weight, cap: u32, width: u32) -> Self {
        let (lines, broken) = greedy(text, weight, cap, width as f32);
        Self { lines, weight, cap, broken, shortened: false }
    }

    /// Makes the lines about equally long, so that no last word stands alone. Their number stays.
    pub(super) fn even_out(&mut self, width: u32) {
        if self.broken || self.shortened || self.lines.len() < 2 {
            return;
        }
        let text = self.lines.join(" ");
        let mut narrower = width;
        while let Some(next) = narrower.checked_sub(self.cap.max(1)) {
            let (even, broken) = greedy(&text, self.weight, self.cap, next as f32);
            if broken || even.len() > self.lines.len() {
                break;
            }
            (self.lines, narrower) = (even, next);
        }
    }

    /// Height in pixels, with room for accents above and descenders below.
    pub(super) fn height(&self) -> u32 {
        height(self.lines.len() as u32, self.cap)
    }

    /// Width of the widest line in pixels.
    pub(super) fn width(&self) -> u32 {
        self.lines.iter().map(|line| font::width(line, self.weight, self.cap).ceil() as u32).max().unwrap_or(0)
    }

    /// Leaves out what does not fit into `width` x `height` and says so with an ellipsis. At least one line stays.
    pub(super) fn shorten(&mut self, width: u32, height: u32) {
        let room = ((height as f32 / (self.cap as f32 * PITCH)) as usize).max(1);
        if self.lines.len() <= room {
            return;
        }
        self.lines.truncate(room);
        if let Some(last) = self.lines.last_mut() {
            last.push('…');
            while font::width(last, self.weight, self.cap) > width as f32 && last.chars().count() > 1 {
                // The ellipsis stays, the letter before it goes.
                last.pop();
                last.pop();
                last.push('…');
            }
        }
        self.shortened = true;
    }
}

/// Height of `lines` lines in pixels.
pub(super) fn height(lines: u32, cap: u32) -> u32 {
    (lines as f32 * cap as f32 * PITCH).ceil() as u32
}

/// What may be set on different lines: a no-break space keeps a number with its unit.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_whitespace() && letter != '\u{a0}').filter(|word| !word.is_empty())
}

fn greedy(text: &str, weight: Weight, cap: u32, width: f32) -> (Vec<String>, bool) {
    let measure = |text: &str| font::width(text, weight, cap);
    let space = measure(" ");
    let (mut lines, mut broken) = (Vec::new(), false);
    let (mut line, mut used) = (String::new(), 0.0);
    for word in words(text) {
        let needed = measure(word);
        if !line.is_empty() && used + space + needed <= width {
            line.push(' ');
            line.push_str(word);
            used += space + needed;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if needed <= width {
            (line, used) = (word.to_owned(), needed);
            continue;
        }
        used = 0.0;
        for letter in word.chars() {
            let needed = measure(letter.encode_utf8(&mut [0; 4]));
            if !line.is_empty() && used + needed > width {
                lines.push(std::mem::take(&mut line));
                (used, broken) = (0.0, true);
            }
            line.push(letter);
            used += needed;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    (lines, broken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_evened_out() {
        let mut block = Block::wrap("Refer to a clinician who can examine the lesion.", Weight::Regular, 10, 230);
        block.even_out(230);
        assert_eq!(block.lines, ["Refer to a clinician who", "can examine the lesion."]);
        assert!(!block.broken && !block.shortened);
    }

    #[test]
    fn a_word_that_is_too_long_is_broken_and_reported() {
        let block = Block::wrap("/dev/video0123456789", Weight::Regular, 10, 60);
        assert!(block.broken && block.lines.len() > 1);
        assert_eq!(block.lines.concat(), "/dev/video0123456789");
    }

    #[test]
    fn an_ellipsis_ends_what_was_left_out() {
        let mut block = Block::wrap(&"very long words ".repeat(20), Weight::Regular, 10, 120);
        block.shorten(120, height(3, 10));
        assert_eq!(block.lines.len(), 3);
        assert!(block.shortened && block.lines[2].ends_with('…') && block.width() <= 120);
    }

    #[test]
    fn a_number_stays_with_its_unit() {
        let block = Block::wrap("Refer at 12\u{a0}% or above", Weight::Regular, 10, 90);
        assert!(block.lines.iter().any(|line| line.contains("12\u{a0}%")), "{block:?}");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_asked_and_no_word_is_lost(text in "\\PC{0,80}", cap in 8_u32..40, width in 40_u32..600) {
            let block = Block::wrap(&text, Weight::Regular, cap, width);
            let one_letter_is_too_wide = text.chars().any(|letter| font::width(&letter.to_string(), Weight::Regular, cap) > width as f32);
            prop_assert!(block.width() <= width || one_letter_is_too_wide);
            let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&block.lines.concat()), letters(&text));
        }
    }
}
