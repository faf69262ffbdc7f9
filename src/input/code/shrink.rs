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

/// `picture` with each pixel the mean of itself and its eight neighbours, against noise; the outermost pixels stay.
pub(super) fn softened(picture: &Luma) -> Luma {
    let width = picture.width as usize;
    let mut values = picture.values.clone();
    // The sum of three rows in each column, then of three such sums.
    let mut sums = vec![0_u16; width];
    for (y, row) in values.chunks_exact_mut(width).enumerate().skip(1).take((picture.height as usize).saturating_sub(2)) {
        let source = |y: usize| &picture.values[y * width..][..width];
        for (sum, ((above, here), below)) in sums.iter_mut().zip(source(y - 1).iter().zip(source(y)).zip(source(y + 1))) {
            *sum = u16::from(*above) + u16::from(*here) + u16::from(*below);
        }
        for (value, three) in row.iter_mut().skip(1).zip(sums.windows(3)) {
            *value = ((three[0] + three[1] + three[2] + 4) / 9) as u8;
        }
    }
    Luma { width: picture.width, height: picture.height, values }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameError;

    #[test]
    fn softening_spreads_a_spot_over_its_neighbours_and_keeps_the_edge() {
        let mut picture = Luma { width: 5, height: 4, values: vec![90; 20] };
        picture.values[5 + 2] = 180;
        let row = [90, 100, 100, 100, 90];
        assert_eq!(softened(&picture).values, [[90, 90, 90, 90, 90], row, row, [90, 90, 90, 90, 90]].concat());
        for (width, height) in [(1, 1), (2, 2), (1, 5), (5, 1)] {
            let picture = Luma { width, height, values: vec![7; (width * height) as usize] };
            assert_eq!(softened(&picture), picture);
        }
    }

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
