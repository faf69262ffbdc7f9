//! From RGB888 to the pixels of a framebuffer. Rounds to the nearest level that the screen has; never looks at the device.

use super::geometry::{Channel, Geometry};

/// Appends one line of `RGBRGB...` as the screen wants it, in the byte order of the machine.
pub(super) fn convert(row: &[u8], geometry: &Geometry, line: &mut Vec<u8>) {
    let bytes = geometry.bytes_per_pixel();
    let opaque = level(255, geometry.opaque);
    for pixel in row.chunks_exact(3) {
        let word = level(pixel[0], geometry.red) | level(pixel[1], geometry.green) | level(pixel[2], geometry.blue) | opaque;
        let word = word.to_ne_bytes();
        // The framebuffer holds words of 16, 24 or 32 bits in the machine's order: their low bytes come first only on a little-endian one.
        line.extend_from_slice(if cfg!(target_endian = "little") { &word[..bytes] } else { &word[4 - bytes..] });
    }
}

/// `value` (0 to 255) rounded to the levels of a channel, at the channel's bits.
fn level(value: u8, channel: Channel) -> u32 {
    if channel.length == 0 {
        return 0;
    }
    let most = (1_u64 << channel.length) - 1;
    (((u64::from(value) * most + 127) / 255) << channel.offset) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn black_and_white_use_all_levels() {
        let channel = Channel { offset: 5, length: 6 };
        assert_eq!(level(0, channel), 0);
        assert_eq!(level(255, channel), 0x7E0);
        assert_eq!(level(255, Channel { offset: 0, length: 0 }), 0);
    }

    proptest! {
        #[test]
        fn a_level_is_never_further_off_than_half_a_step(value: u8, length in 4_u32..=8, offset in 0_u32..=24) {
            let most = f64::from((1_u32 << length) - 1);
            let shown = f64::from(level(value, Channel { offset, length }) >> offset) / most * 255.0;
            prop_assert!((shown - f64::from(value)).abs() <= 255.0 / most / 2.0 + 0.51, "{value} -> {shown}");
        }
    }
}
