//! The colours of every screen, and the contrast that makes them legible.
//!
//! Dark, because the device is held close in a dim room and the picture is what should shine. Text needs a contrast of
//! at least 7:1 (WCAG 2.2, success criterion 1.4.6, level AAA) against everything that it can stand on; the tests of this
//! file check every pair. The accents stay apart for red-green colour blindness (Okabe and Ito, "Color Universal
//! Design", 2008: orange against sky blue), and still every state has its own words and shape: colour is never the only sign.

use embedded_graphics::{pixelcolor::Rgb888, prelude::RgbColor};

/// Behind everything.
pub const BACKGROUND: Rgb888 = Rgb888::new(0x0E, 0x14, 0x1A);
/// Bands and panels.
pub const PANEL: Rgb888 = Rgb888::new(0x1A, 0x23, 0x2C);
/// Frames of pictures, empty parts of bars, rules. Never text.
pub const LINE: Rgb888 = Rgb888::new(0x4A, 0x58, 0x66);
/// What must be read.
pub const TEXT: Rgb888 = Rgb888::new(0xF4, 0xF7, 0xF9);
/// What may be read: captions, bundle name.
pub const TEXT_QUIET: Rgb888 = Rgb888::new(0xBC, 0xC8, 0xD2);
/// Refer.
pub const REFER: Rgb888 = Rgb888::new(0xFF, 0xB5, 0x47);
/// No referral indicated.
pub const NO_REFERRAL: Rgb888 = Rgb888::new(0x7E, 0xC8, 0xF5);
/// Retake, and hints before a picture is taken.
pub const RETAKE: Rgb888 = Rgb888::new(0xD3, 0xBE, 0xFF);
/// Cannot assess.
pub const CANNOT_ASSESS: Rgb888 = Rgb888::new(0xE3, 0xE8, 0xEC);
/// Ready to take a picture, or working.
pub const READY: Rgb888 = Rgb888::new(0x86, 0xE3, 0xC6);
/// Something is broken.
pub const FAULT: Rgb888 = Rgb888::new(0xFF, 0xA4, 0x9A);
/// Behind a sleeping screen.
pub const NIGHT: Rgb888 = Rgb888::new(0, 0, 0);
/// The one line of a sleeping screen: as dark as text may be.
pub const NIGHT_TEXT: Rgb888 = Rgb888::new(0x97, 0x97, 0x97);

/// Every colour that text is drawn in by day.
pub const TEXT_COLOURS: [Rgb888; 8] = [TEXT, TEXT_QUIET, REFER, NO_REFERRAL, RETAKE, CANNOT_ASSESS, READY, FAULT];
/// Every colour that text stands on.
pub const SURFACES: [Rgb888; 2] = [BACKGROUND, PANEL];

/// Contrast of two colours, 1 (equal) to 21 (black on white).
///
/// WCAG 2.2, "contrast ratio": `(L1 + 0.05) / (L2 + 0.05)` of the relative luminances, the lighter first.
#[must_use]
pub fn contrast(one: Rgb888, other: Rgb888) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Relative luminance, 0 to 1: WCAG 2.2, from the sRGB transfer function (IEC 61966-2-1).
fn luminance(colour: Rgb888) -> f64 {
    let linear = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_matches_the_published_ends_of_the_scale() {
        assert!((contrast(Rgb888::BLACK, Rgb888::WHITE) - 21.0).abs() < 1e-9);
        assert!((contrast(Rgb888::WHITE, Rgb888::WHITE) - 1.0).abs() < 1e-9);
        // #767676 on white is the grey at which WCAG's 4.5:1 is just met.
        assert!((contrast(Rgb888::new(0x76, 0x76, 0x76), Rgb888::WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn all_text_has_a_contrast_of_at_least_seven_on_every_surface() {
        for surface in SURFACES {
            for text in TEXT_COLOURS {
                let ratio = contrast(text, surface);
                assert!(ratio >= 7.0, "{text:?} on {surface:?}: {ratio:.2}");
            }
        }
    }

    #[test]
    fn the_line_of_a_sleeping_screen_is_legible_but_no_brighter_than_needed() {
        assert!((7.0..8.0).contains(&contrast(NIGHT_TEXT, NIGHT)));
    }

    #[test]
    fn lines_can_be_told_from_what_they_stand_on() {
        // WCAG 2.2, 1.4.11 asks 3:1 only of what is needed to understand; the marker and the filled bar carry that.
        for mark in [TEXT, REFER, NO_REFERRAL] {
            assert!(contrast(mark, LINE) >= 3.0);
        }
    }
}
