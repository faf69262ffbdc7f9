//! `800x480` on the command line.

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// Pixels from left to right.
    pub(super) width: u32,
    /// Pixels from top to bottom.
    pub(super) height: u32,
}

/// Reads `WIDTHxHEIGHT`.
pub(super) fn parse_size(text: &str) -> Result<Size, String> {
    let numbers = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    match numbers {
        Some((width @ 320..=7680, height @ 240..=4320)) if width >= height => Ok(Size { width, height }),
        Some(_) => Err("must be 320x240 to 7680x4320 and not higher than wide".to_owned()),
        None => Err("must be WIDTHxHEIGHT in pixels, as in 800x480".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_what_no_screen_has_is_refused() {
        assert_eq!(parse_size("800x480"), Ok(Size { width: 800, height: 480 }));
        for wrong in ["800", "x480", "800x", "0x0", "480x800", "-1x5", "99999x400"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}
