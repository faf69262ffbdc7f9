//! From RGB888 to the pixels of a screen's memory. Rounds to the nearest level that the screen has; never looks at a device.
//!
//! The two layouts that nearly all screens have are written by loops that compilers turn into vector code; any other by its bits.

/// Where the bits of one colour lie in a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channel {
    /// Lowest bit.
    pub offset: u32,
    /// Number of bits; 0 when there is none.
    pub length: u32,
}

/// How a pixel lies in memory: a word of 16, 24 or 32 bits in the byte order of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelLayout {
    /// 16, 24 or 32.
    pub bits_per_pixel: u32,
    /// Bits of red.
    pub red: Channel,
    /// Bits of green.
    pub green: Channel,
    /// Bits of blue.
    pub blue: Channel,
    /// Bits that must be set for the pixel to be seen; length 0 when there are none.
    pub opaque: Channel,
}

impl PixelLayout {
    /// 5, 6 and 5 bits in 16: most small panels.
    pub const RGB565: Self = Self {
        bits_per_pixel: 16,
        red: Channel { offset: 11, length: 5 },
        green: Channel { offset: 5, length: 6 },
        blue: Channel { offset: 0, length: 5 },
        opaque: Channel { offset: 0, length: 0 },
    };

    /// 8 bits each in 32, the upper 8 unused: what every KMS driver takes.
    pub const XRGB8888: Self = Self {
        bits_per_pixel: 32,
        red: Channel { offset: 16, length: 8 },
        green: Channel { offset: 8, length: 8 },
        blue: Channel { offset: 0, length: 8 },
        opaque: Channel { offset: 0, length: 0 },
    };

    /// Bytes of one pixel.
    #[must_use]
    pub fn bytes_per_pixel(&self) -> usize {
        self.bits_per_pixel as usize / 8
    }

    /// Writes `row` (`RGBRGB...`) into `line`, as many pixels as both have room for.
    pub fn convert(&self, row: &[u8], line: &mut [u8]) {
        let opaque = level(255, self.opaque);
        match *self {
            Self { opaque: unused, .. } if (Self { opaque: unused, ..Self::XRGB8888 }) == *self => {
                for (pixel, word) in row.as_chunks::<3>().0.iter().zip(line.as_chunks_mut::<4>().0) {
                    *word = (u32::from_be_bytes([0, pixel[0], pixel[1], pixel[2]]) | opaque).to_ne_bytes();
                }
            }
            Self::RGB565 => {
                for (pixel, word) in row.as_chunks::<3>().0.iter().zip(line.as_chunks_mut::<2>().0) {
                    *word = rgb565(*pixel).to_ne_bytes();
                }
            }
            _ => self.convert_by_bits(row, line),
        }
    }

    fn convert_by_bits(&self, row: &[u8], line: &mut [u8]) {
        let bytes = self.bytes_per_pixel();
        let opaque = level(255, self.opaque);
        for (pixel, into) in row.as_chunks::<3>().0.iter().zip(line.chunks_exact_mut(bytes)) {
            let word = level(pixel[0], self.red) | level(pixel[1], self.green) | level(pixel[2], self.blue) | opaque;
            let word = word.to_ne_bytes();
            // The low bytes of a word come first only on a little-endian machine.
            into.copy_from_slice(if cfg!(target_endian = "little") { &word[..bytes] } else { &word[4 - bytes..] });
        }
    }
}

/// One pixel as 5, 6 and 5 bits.
///
/// Multiplications and shifts in 16 bits give what rounding `value * 31 / 255` and `value * 63 / 255` gives, for every value.
#[must_use]
pub fn rgb565([red, green, blue]: [u8; 3]) -> u16 {
    let five = |value: u8| (u16::from(value) * 249 + 1014) >> 11;
    let six = |value: u8| (u16::from(value) * 253 + 505) >> 10;
    five(red) << 11 | six(green) << 5 | five(blue)
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

    #[test]
    fn every_value_is_rounded_as_the_definition_says() {
        for value in 0..=255 {
            let expected =
                level(value, PixelLayout::RGB565.red) | level(value, PixelLayout::RGB565.green) | level(value, PixelLayout::RGB565.blue);
            assert_eq!(u32::from(rgb565([value; 3])), expected, "{value}");
        }
    }

    proptest! {
        #[test]
        fn a_level_is_never_further_off_than_half_a_step(value: u8, length in 4_u32..=8, offset in 0_u32..=24) {
            let most = f64::from((1_u32 << length) - 1);
            let shown = f64::from(level(value, Channel { offset, length }) >> offset) / most * 255.0;
            prop_assert!((shown - f64::from(value)).abs() <= 255.0 / most / 2.0 + 0.51, "{value} -> {shown}");
        }

        #[test]
        fn the_fast_loops_write_what_the_bits_say(row in proptest::collection::vec(any::<u8>(), 0..200), opaque: bool) {
            let alpha = Channel { offset: 24, length: if opaque { 8 } else { 0 } };
            for layout in [PixelLayout::RGB565, PixelLayout { opaque: alpha, ..PixelLayout::XRGB8888 }] {
                let bytes = row.len() / 3 * layout.bytes_per_pixel();
                let (mut fast, mut plain) = (vec![0; bytes], vec![0; bytes]);
                layout.convert(&row, &mut fast);
                layout.convert_by_bits(&row, &mut plain);
                prop_assert_eq!(fast, plain);
            }
        }
    }
}
