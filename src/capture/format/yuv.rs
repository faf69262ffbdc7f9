//! BT.601 limited-range YUV to RGB and back (ITU-R BT.601-7, 2.5.3 and 3.5), in 16-bit fixed point.
//!
//! Written here and not taken from a library, because the result must be the same on every processor: a camera frame that was
//! recorded on a device has to give the same verdict when it is replayed on a bench. The `yuv` crate picks another
//! arithmetic for each instruction set and keeps 6 bits of its coefficients.

use super::Layout;
use crate::frame::Frame;

/// Fractional bits of the coefficients.
const BITS: u32 = 16;
const HALF: i32 = 1 << (BITS - 1);

/// `R G B` of one pixel, rounded to the nearest level and clipped.
#[inline]
fn to_rgb(y: u8, u: u8, v: u8) -> [u8; 3] {
    // 255/219 for brightness; 1.402, 0.344136, 0.714136, 1.772 times 255/224 for chroma.
    let y = 76_309 * (i32::from(y) - 16) + HALF;
    let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
    let level = |value: i32| (value >> BITS).clamp(0, 255) as u8;
    [level(y + 104_597 * v), level(y - 25_675 * u - 53_279 * v), level(y + 132_201 * u)]
}

/// Brightness of one pixel, 16 to 235.
#[inline]
fn to_y([r, g, b]: [u8; 3]) -> u8 {
    let sum = 16_829 * i32::from(r) + 33_039 * i32::from(g) + 6_416 * i32::from(b);
    (((sum + HALF) >> BITS) + 16) as u8
}

/// Chroma of a cell from the sums over its `count` pixels, 16 to 240.
#[inline]
fn to_uv([r, g, b]: [i32; 3], count: i32) -> [u8; 2] {
    let level = |sum: i32| (((sum / count + HALF) >> BITS) + 128).clamp(0, 255) as u8;
    [level(-9_714 * r - 19_070 * g + 28_784 * b), level(28_784 * r - 24_103 * g - 4_681 * b)]
}

/// Where the colour of 4:2:0 lies behind the plane of brightness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chroma {
    /// One plane of `U V`.
    UvPairs,
    /// One plane of `V U`.
    VuPairs,
    /// A plane of U, then one of V, each with half the bytes a line.
    Apart,
}

impl Chroma {
    /// Where U and V of the first cell of row `row` of cells lie behind the plane of brightness, and the bytes from one cell to the next.
    fn row(self, layout: Layout, row: usize) -> ([usize; 2], usize) {
        let pairs = row * layout.stride;
        let half = layout.stride / 2;
        match self {
            Self::UvPairs => ([pairs, pairs + 1], 2),
            Self::VuPairs => ([pairs + 1, pairs], 2),
            Self::Apart => ([row * half, (layout.height.div_ceil(2) + row) * half], 1),
        }
    }
}

/// Fills `pixels`, which holds the whole picture. `bytes` holds `layout.total` bytes: `Y U Y V`, or with `COLOUR_FIRST` `U Y V Y`.
pub(super) fn packed_to_rgb<const COLOUR_FIRST: bool>(bytes: &[u8], layout: Layout, pixels: &mut [u8]) {
    let ordered = |[a, b, c, d]: [u8; 4]| if COLOUR_FIRST { [b, a, d, c] } else { [a, b, c, d] };
    for (line, row) in layout.lines(bytes).zip(pixels.chunks_exact_mut(layout.width * 3)) {
        let (cells, _) = line.as_chunks::<4>();
        let (pairs, odd) = row.as_chunks_mut::<6>();
        for (pair, &cell) in pairs.iter_mut().zip(cells) {
            let [left, u, right, v] = ordered(cell);
            let ([r, g, b], [s, h, c]) = (to_rgb(left, u, v), to_rgb(right, u, v));
            *pair = [r, g, b, s, h, c];
        }
        if let ([_, ..], Some(&cell)) = (&odd, cells.get(layout.width / 2)) {
            let [left, u, _, v] = ordered(cell);
            odd.copy_from_slice(&to_rgb(left, u, v));
        }
    }
}

/// Fills `pixels`, which holds the whole picture. `bytes` holds `layout.total` bytes.
pub(super) fn planes_to_rgb(bytes: &[u8], layout: Layout, chroma: Chroma, pixels: &mut [u8]) {
    let colour = &bytes[layout.stride * layout.height..];
    for (y, (line, row)) in layout.lines(bytes).zip(pixels.chunks_exact_mut(layout.width * 3)).enumerate() {
        let ([u, v], _) = chroma.row(layout, y / 2);
        let pairs = colour[u.min(v)..].as_chunks::<2>().0.iter();
        let luma = &line[..layout.width];
        match chroma {
            Chroma::UvPairs => row_to_rgb(luma, pairs.copied(), row),
            Chroma::VuPairs => row_to_rgb(luma, pairs.map(|&[v, u]| [u, v]), row),
            Chroma::Apart => row_to_rgb(luma, colour[u..].iter().zip(&colour[v..]).map(|(&u, &v)| [u, v]), row),
        }
    }
}

/// Fills `row` with the colours of one line, given its cells' `[U, V]`.
#[inline]
fn row_to_rgb(luma: &[u8], mut cells: impl Iterator<Item = [u8; 2]>, row: &mut [u8]) {
    let (luma, last) = luma.as_chunks::<2>();
    let (pairs, odd) = row.as_chunks_mut::<6>();
    for ((pair, &[left, right]), [u, v]) in pairs.iter_mut().zip(luma).zip(cells.by_ref()) {
        let ([r, g, b], [s, h, c]) = (to_rgb(left, u, v), to_rgb(right, u, v));
        *pair = [r, g, b, s, h, c];
    }
    if let (&[left], Some([u, v])) = (last, cells.next()) {
        odd.copy_from_slice(&to_rgb(left, u, v));
    }
}

/// Fills `bytes`, which holds `layout.total` bytes. The missing right pixel of an odd line repeats the left one.
pub(super) fn rgb_to_packed<const COLOUR_FIRST: bool>(frame: &Frame, layout: Layout, bytes: &mut [u8]) {
    for (line, row) in bytes.chunks_exact_mut(layout.stride).zip(frame.pixels().chunks_exact(layout.width * 3)) {
        let (out, _) = line.as_chunks_mut::<4>();
        let (row, _) = row.as_chunks::<3>();
        for (out, pair) in out.iter_mut().zip(row.chunks(2)) {
            let [u, v] = to_uv(sum(pair), pair.len() as i32);
            let (left, right) = (to_y(pair[0]), to_y(pair[pair.len() - 1]));
            *out = if COLOUR_FIRST { [u, left, v, right] } else { [left, u, right, v] };
        }
    }
}

/// Fills `bytes`, which holds `layout.total` bytes.
pub(super) fn rgb_to_planes(frame: &Frame, layout: Layout, chroma: Chroma, bytes: &mut [u8]) {
    let (luma, colour) = bytes.split_at_mut(layout.stride * layout.height);
    let (pixels, _) = frame.pixels().as_chunks::<3>();
    for (line, row) in luma.chunks_exact_mut(layout.stride).zip(pixels.chunks_exact(layout.width)) {
        for (out, &pixel) in line.iter_mut().zip(row) {
            *out = to_y(pixel);
        }
    }
    for (y, rows) in pixels.chunks(layout.width * 2).enumerate() {
        let ([u, v], apart) = chroma.row(layout, y);
        let (upper, lower) = rows.split_at(layout.width);
        for x in 0..layout.width.div_ceil(2) {
            let cell =
                |row: &[[u8; 3]]| row.get(x * 2..(x * 2 + 2).min(row.len())).map_or((0, [0; 3]), |pair| (pair.len() as i32, sum(pair)));
            let ((above, [r, g, b]), (below, [s, h, c])) = (cell(upper), cell(lower));
            [colour[u + x * apart], colour[v + x * apart]] = to_uv([r + s, g + h, b + c], above + below);
        }
    }
}

fn sum(pixels: &[[u8; 3]]) -> [i32; 3] {
    pixels.iter().fold([0; 3], |total, pixel| std::array::from_fn(|channel| total[channel] + i32::from(pixel[channel])))
}
