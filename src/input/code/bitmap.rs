//! Which pixels of a grey picture are ink: darker than what lies around them, so that shade and a dark rim do not matter
//! (after Bradley and Roth, "Adaptive Thresholding Using the Integral Image", 2007).

use crate::frame::Luma;

/// A picture in black and white.
pub(super) struct Bitmap {
    pub(super) width: usize,
    pub(super) height: usize,
    /// `true` is ink; rows from the top.
    pub(super) ink: Vec<bool>,
}

impl Bitmap {
    /// The window of the comparison is this part of the longer side.
    const WINDOW: usize = 8;
    /// Ink is darker than this share of the mean around it, in percent.
    const SHARE: u64 = 95;
    /// And by this many levels, so that the noise in a black rim is no ink.
    const LEVELS: u64 = 5;

    /// Finds the ink of `picture`, which has at most 64 megapixels as every picture has.
    pub(super) fn of(picture: &Luma) -> Self {
        let (width, height) = (picture.width as usize, picture.height as usize);
        let reach = (width.max(height) / Self::WINDOW / 2).max(1);
        // The sum of each column over the rows of the window, moved down row by row. 16384 rows of 255 fit in 32 bits.
        let mut columns = vec![0_u32; width];
        let row = |y: usize| &picture.values[y * width..][..width];
        for y in 0..reach.min(height) {
            columns.iter_mut().zip(row(y)).for_each(|(sum, value)| *sum += u32::from(*value));
        }
        let mut before = vec![0_u64; width + 1];
        let mut ink = Vec::with_capacity(width * height);
        for y in 0..height {
            if y + reach < height {
                columns.iter_mut().zip(row(y + reach)).for_each(|(sum, value)| *sum += u32::from(*value));
            }
            if y > reach {
                columns.iter_mut().zip(row(y - reach - 1)).for_each(|(sum, value)| *sum -= u32::from(*value));
            }
            let rows = (y + reach).min(height - 1) - y.saturating_sub(reach) + 1;
            let mut sum = 0;
            for (to, column) in before[1..].iter_mut().zip(&columns) {
                sum += u64::from(*column);
                *to = sum;
            }
            for (x, value) in row(y).iter().enumerate() {
                let (from, to) = (x.saturating_sub(reach), (x + reach + 1).min(width));
                let area = ((to - from) * rows) as u64;
                let (here, around) = (u64::from(*value) * area, before[to] - before[from]);
                ink.push(here * 100 < around * Self::SHARE && here + Self::LEVELS * area <= around);
            }
        }
        Self { width, height, ink }
    }

    /// Whether there is ink at a place in the picture.
    pub(super) fn ink(&self, x: usize, y: usize) -> bool {
        self.ink[y * self.width + x]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ink_is_found_in_light_and_in_shade() {
        let (width, height) = (64, 16);
        let light = |x: u32| 250 - 3 * x;
        let values = (0..height).flat_map(|_| (0..width).map(|x| (if x % 8 == 3 { light(x) / 2 } else { light(x) }) as u8)).collect();
        let bitmap = Bitmap::of(&Luma { width, height, values });
        for y in 0..height as usize {
            assert!((0..width as usize).all(|x| bitmap.ink(x, y) == (x % 8 == 3)), "row {y}");
        }
    }

    proptest! {
        #[test]
        fn the_window_is_cut_at_the_edges(width in 1_u32..20, height in 1_u32..20, seed in any::<[u8; 32]>()) {
            let values: Vec<u8> = (0..width * height).map(|index| seed[index as usize % 32].wrapping_mul(index as u8 | 1)).collect();
            let bitmap = Bitmap::of(&Luma { width, height, values: values.clone() });
            let (width, height, reach) = (width as i64, height as i64, (width.max(height) as i64 / 16).max(1));
            for y in 0..height {
                for x in 0..width {
                    let around: Vec<u64> = (y - reach..=y + reach)
                        .flat_map(|row| (x - reach..=x + reach).map(move |column| (column, row)))
                        .filter(|(column, row)| (0..width).contains(column) && (0..height).contains(row))
                        .map(|(column, row)| u64::from(values[(row * width + column) as usize]))
                        .collect();
                    let mean = around.iter().sum::<u64>() as f64 / around.len() as f64;
                    let here = f64::from(values[(y * width + x) as usize]);
                    // Beside the threshold itself, which rounding may cross.
                    if (here - mean * 0.95).abs() > 1e-6 && (here + 5.0 - mean).abs() > 1e-6 {
                        prop_assert_eq!(bitmap.ink(x as usize, y as usize), here < mean * 0.95 && here + 5.0 < mean);
                    }
                }
            }
        }
    }
}
