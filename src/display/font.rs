//! The typeface: Noto Sans, regular and bold, with smooth edges.
//!
//! Noto Sans (SIL Open Font License 1.1) was drawn for legibility at small sizes, has open shapes that tell 1, l and I and
//! 6, 8 and 9 apart, covers Latin with all accents, Greek and Cyrillic for translations, and comes as two files of 0.2 MB from
//! the crate `notosans`. `ab_glyph` reads a glyph only when it is drawn, so starting costs nothing. The 1-bit fonts of
//! embedded-graphics were the other choice: they have no bold weight, few sizes and jagged large letters.
//!
//! Letters stand at their own advance: these fonts keep kerning in their GPOS table alone, which `ab_glyph` does not read.
//!
//! All sizes are **cap heights** in pixels, because that is what decides whether a line can be read at arm's length.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, GlyphId, PxScale, point};

/// Thickness of the strokes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// For sentences and captions.
    Regular,
    /// For the one thing to be seen first.
    Bold,
}

/// Distance between two baselines, in cap heights: room for accents on capitals above and descenders below.
pub(super) const PITCH: f32 = 1.75;
/// Baseline of a line of text, in cap heights below its upper edge.
pub(super) const BASELINE: f32 = 1.36;

/// Letters whose glyphs are looked up once: Basic Latin to Latin Extended-B. Setting text asks for each hundreds of times.
const COMMON: u32 = 0x250;

struct Face {
    font: FontRef<'static>,
    /// Cap height as a share of the font's own scale.
    cap: f32,
    common: Vec<Glyph>,
}

#[derive(Clone, Copy)]
struct Glyph {
    id: GlyphId,
    /// Width with the room around it, as a share of the font's own scale.
    advance: f32,
}

fn face(weight: Weight) -> &'static Face {
    static REGULAR: OnceLock<Face> = OnceLock::new();
    static BOLD: OnceLock<Face> = OnceLock::new();
    match weight {
        Weight::Regular => REGULAR.get_or_init(|| Face::read(notosans::REGULAR_TTF)),
        Weight::Bold => BOLD.get_or_init(|| Face::read(notosans::BOLD_TTF)),
    }
}

impl Face {
    #[expect(clippy::expect_used, reason = "the two fonts are compiled in and a test reads both, so this cannot fire on a device")]
    fn read(bytes: &'static [u8]) -> Self {
        let font = FontRef::try_from_slice(bytes).expect("Noto Sans is a font");
        let cap = font.outline(font.glyph_id('H')).expect("Noto Sans has an H").bounds.height() / font.height_unscaled();
        let common = (0..COMMON).map(|code| look_up(&font, char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))).collect();
        Self { font, cap: cap.abs(), common }
    }

    fn glyph(&self, letter: char) -> Glyph {
        self.common.get(letter as usize).copied().unwrap_or_else(|| look_up(&self.font, letter))
    }

    fn scale(&self, cap: u32) -> PxScale {
        PxScale::from(cap as f32 / self.cap)
    }
}

fn look_up(font: &FontRef, letter: char) -> Glyph {
    let id = font.glyph_id(letter);
    Glyph { id, advance: font.h_advance_unscaled(id) / font.height_unscaled() }
}

/// Width of one line, in pixels.
pub(super) fn width(text: &str, weight: Weight, cap: u32) -> f32 {
    let face = face(weight);
    text.chars().map(|letter| face.glyph(letter).advance).sum::<f32>() * face.scale(cap).x
}

/// Draws one line from (`left`, `baseline`) and hands every touched pixel with its coverage, 0 to 255, to `plot`.
pub(super) fn draw(text: &str, weight: Weight, cap: u32, left: i32, baseline: i32, mut plot: impl FnMut(i32, i32, u8)) {
    let face = face(weight);
    let scale = face.scale(cap);
    let mut x = left as f32;
    for letter in text.chars() {
        let Glyph { id, advance } = face.glyph(letter);
        if let Some(outline) = face.font.outline_glyph(id.with_scale_and_position(scale, point(x, baseline as f32))) {
            let corner = outline.px_bounds().min;
            outline.draw(|dx, dy, coverage| {
                let alpha = (coverage.clamp(0.0, 1.0) * 255.0).round() as u8;
                if alpha > 0 {
                    plot(corner.x as i32 + dx as i32, corner.y as i32 + dy as i32, alpha);
                }
            });
        }
        x += advance * scale.x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ink(text: &str, weight: Weight, cap: u32) -> (i32, i32, i32, i32) {
        let mut bounds = (i32::MAX, i32::MAX, i32::MIN, i32::MIN);
        draw(text, weight, cap, 0, 0, |x, y, alpha| {
            if alpha > 64 {
                bounds = (bounds.0.min(x), bounds.1.min(y), bounds.2.max(x + 1), bounds.3.max(y + 1));
            }
        });
        bounds
    }

    #[test]
    fn capitals_are_as_high_as_asked() {
        for weight in [Weight::Regular, Weight::Bold] {
            for cap in [10, 13, 48] {
                let (_, top, _, bottom) = ink("H", weight, cap);
                assert_eq!((top, bottom), (-(cap as i32), 0));
            }
        }
    }

    #[test]
    fn the_measured_width_holds_the_ink() {
        for text in ["No referral indicated", "87 %", "AVAVA Tj"] {
            let (left, _, right, _) = ink(text, Weight::Bold, 40);
            assert!(left >= -1 && right as f32 <= width(text, Weight::Bold, 40) + 1.0, "{text}");
        }
    }

    #[test]
    fn accents_and_descenders_stay_within_the_pitch_of_a_line() {
        let cap = 40;
        let (_, top, _, bottom) = ink("ÀÉÎÕÜÅÇgjpqy", Weight::Bold, cap);
        assert!(-top as f32 <= BASELINE * cap as f32, "{top}");
        assert!(bottom as f32 <= (PITCH - BASELINE) * cap as f32, "{bottom}");
    }

    #[test]
    fn every_latin_1_letter_has_a_glyph() {
        for weight in [Weight::Regular, Weight::Bold] {
            for code in (0x21..0x7F).chain(0xA1..0x100).filter(|code| *code != 0xAD) {
                let letter = char::from_u32(code).unwrap();
                assert_ne!(face(weight).font.glyph_id(letter).0, 0, "{letter}");
            }
            for letter in ['…', '–', '−', '+'] {
                assert_ne!(face(weight).font.glyph_id(letter).0, 0, "{letter}");
            }
        }
    }
}
