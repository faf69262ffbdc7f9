//! A grey picture a fraction the size of a frame, each pixel the mean of a square of the frame's.

use crate::frame::{Frame, Luma};

/// Brightness of `frame` with both sides divided by `factor`, which is at least 1 and no more than either side; what is left over at the right and
/// lower edge is left out.
pub(super) fn luma(frame: &Frame, factor: u32) -> Luma {
    let factor = factor.clamp(1, frame.width().min(frame.height()));
    if factor == 1 {
        return frame.luma();
    }
    let (width, height) = (frame.width() / factor, frame.height() / factor);
    let step = factor as usize * 3;
    // Weights of Rec. 601 in 1/256 and the mean of the square in one division; the sums of a 256 x 256 square fit in 32 bits.
    let whole = 256 * factor * factor;
    let mut values = Vec::with_capacity((width * height) as usize);
    let mut sums = vec![0_u32; width as usize];
    for row in 0..height {
        sums.fill(0);
        for inner in 0..factor {
            for (sum, square) in sums.iter_mut().zip(frame.row(row * factor + inner).chunks_exact(step)) {
                *sum += square.chunks_exact(3).map(|p| u32::from(p[0]) * 77 + u32::from(p[1]) * 150 + u32::from(p[2]) * 29).sum::<u32>();
            }
        }
        values.extend(sums.iter().map(|sum| ((sum + whole / 2) / whole) as u8));
    }
    Luma { width, height, values }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameError;

    #[test]
    fn each_pixel_is_the_mean_of_its_square() -> Result<(), FrameError> {
        let frame = Frame::from_fn(5, 4, |x, y| [if (x / 2 + y / 2) % 2 == 0 { 200 } else { 100 }; 3])?;
        let small = luma(&frame, 2);
        assert_eq!((small.width, small.height, small.values), (2, 2, vec![200, 100, 100, 200]));
        let mixed = Frame::from_fn(2, 2, |x, _| [if x == 0 { 255 } else { 0 }; 3])?;
        assert_eq!(luma(&mixed, 2).values, [128]);
        Ok(())
    }

    #[test]
    fn the_brightest_and_the_largest_factor_are_borne() -> Result<(), FrameError> {
        let white = Frame::from_fn(256, 256, |_, _| [255; 3])?;
        assert_eq!(luma(&white, 256).values, [255]);
        let thin = Frame::from_fn(3000, 2, |_, _| [255; 3])?;
        assert_eq!((luma(&thin, 5).width, luma(&thin, 5).height), (1500, 1));
        Ok(())
    }
}
