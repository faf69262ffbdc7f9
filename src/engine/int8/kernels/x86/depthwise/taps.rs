//! Which taps of the kernel each dot product sums, and the weights in that order.

use super::super::super::DepthwiseShape;
use super::Vector;
use super::blocks::Block;

/// Output rows that share interleaved columns: two neighbours with stride 1.
pub(super) const fn rows_together(stride: usize) -> usize {
    if stride == 1 { 2 } else { 1 }
}

/// Dot products of a pixel.
pub(super) const fn dots(kernel: usize, stride: usize) -> usize {
    match (kernel, stride) {
        (3, _) => 3,
        (_, 1) => 8,
        _ => 7,
    }
}

/// Which of the lower columns dot product `dot` of pixel `x` takes; the first `kernel` dot products take the upper columns under the kernel's.
pub(super) const fn lower_column(stride: usize, dot: usize, x: usize) -> usize {
    match (stride, dot) {
        (_, 5) => x,
        (1, 6) => x + 2,
        (1, _) => x + 3,
        _ => x + 1,
    }
}

/// How many lower columns `pixels` pixels take.
pub(super) const fn lower_columns(stride: usize, pixels: usize) -> usize {
    if stride == 1 { pixels + 3 } else { pixels + 1 }
}

/// Row and column of the kernel that a tap multiplies in output row `row` of those that share columns; `None` if it is idle.
///
/// Upper columns hold rows 0 to 3. With stride 1, lower columns hold rows 4 and 5 of a column and of the next one, and the last dot product takes
/// the second half only, because the column behind a row's last may not be read. With stride 2 they hold row 4 of four columns: the fifth is among
/// the next pixel's.
fn place(kernel: usize, stride: usize, row: usize, dot: usize, tap: usize) -> Option<(usize, usize)> {
    let (tap_row, column) = match (stride, dot) {
        _ if dot < kernel => (tap, dot),
        (1, 7) if tap < 2 => return None,
        (1, 7) => (4 + tap % 2, 4),
        (1, _) => (4 + tap % 2, 2 * (dot - 5) + tap / 2),
        (_, 5) => (4, tap),
        _ if tap == 2 => (4, 4),
        _ => return None,
    };
    let kernel_row = tap_row.checked_sub(row)?;
    (kernel_row < kernel).then_some((kernel_row, column))
}

/// Packs weights for [`convolve`](super::convolve): `[block][output row][dot product][quarter]`. `None` for other geometries, and for fewer channels
/// than a lane has.
pub(in super::super) fn pack<V: Vector>(shape: &DepthwiseShape, weights: &[i8]) -> Option<Vec<i8>> {
    let (kernel, stride) = (shape.kernel[0], shape.stride[0]);
    if !(matches!((kernel, stride), (3 | 5, 1 | 2)) && shape.is_square(kernel, stride) && shape.channels >= 16) {
        return None;
    }
    let mut packed = Vec::new();
    for block in Block::all(shape.channels, V::LANES) {
        let dots = (0..rows_together(stride)).flat_map(|row| (0..dots(kernel, stride)).map(move |dot| (row, dot)));
        for (row, dot, quarter) in dots.flat_map(|(row, dot)| (0..4).map(move |quarter| (row, dot, quarter))) {
            let channels = (0..V::LANES).flat_map(|lane| (0..4).map(move |at| block.channel(lane, V::LANES) + 4 * quarter + at));
            let taps = channels.flat_map(|channel| (0..4).map(move |tap| (channel, tap)));
            let weight = |(channel, tap): (usize, usize)| {
                place(kernel, stride, row, dot, tap).map_or(0, |(ky, kx)| weights[(channel * kernel + ky) * kernel + kx])
            };
            V::pack(&taps.map(weight).collect::<Vec<_>>(), &mut packed);
        }
    }
    Some(packed)
}
