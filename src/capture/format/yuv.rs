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

/// Fills `pixels`, which holds the whole picture. `bytes` holds `layout.total` bytes.
pub(super) fn yuyv_to_rgb(bytes: &[u8], layout: Layout, pixels: &mut [u8]) {
    for (line, row) in layout.lines(bytes).zip(pixels.chunks_exact_mut(layout.width * 3)) {
        let (cells, _) = line.as_chunks::<4>();
        let (pairs, odd) = row.as_chunks_mut::<6>();
        for (pair, &[left, u, right, v]) in pairs.iter_mut().zip(cells) {
            let ([r, g, b], [s, h, c]) = (to_rgb(left, u, v), to_rgb(right, u, v));
            *pair = [r, g, b, s, h, c];
        }
        if let ([_, ..], Some(&[left, u, _, v])) = (&odd, cells.get(layout.width / 2)) {
            odd.copy_from_slice(&to_rgb(left, u, v));
        }
    }
}

/// Fills `pixels`, which holds the whole picture. `bytes` holds `layout.total` bytes.
pub(super) fn nv12_to_rgb(bytes: &[u8], layout: Layout, pixels: &mut [u8]) {
    let chroma = &bytes[layout.stride * layout.height..];
    for (y, (line, row)) in layout.lines(bytes).zip(pixels.chunks_exact_mut(layout.width * 3)).enumerate() {
        let (cells, _) = chroma[y / 2 * layout.stride..][..layout.width.next_multiple_of(2)].as_chunks::<2>();
        let (luma, last) = line[..layout.width].as_chunks::<2>();
        let (pairs, odd) = row.as_chunks_mut::<6>();
        for ((pair, &[left, right]), &[u, v]) in pairs.iter_mut().zip(luma).zip(cells) {
            let ([r, g, b], [s, h, c]) = (to_rgb(left, u, v), to_rgb(right, u, v));
            *pair = [r, g, b, s, h, c];
        }
        if let (&[left], Some(&[u, v])) = (last, cells.last()) {
            odd.copy_from_slice(&to_rgb(left, u, v));
        }
    }
}

/// Fills `bytes`, which holds `layout.total` bytes. The missing right pixel of an odd line repeats the left one.
pub(super) fn rgb_to_yuyv(frame: &Frame, layout: Layout, bytes: &mut [u8]) {
    for (line, row) in bytes.chunks_exact_mut(layout.stride).zip(frame.pixels().chunks_exact(layout.width * 3)) {
        let (out, _) = line.as_chunks_mut::<4>();
        let (row, _) = row.as_chunks::<3>();
        for (out, pair) in out.iter_mut().zip(row.chunks(2)) {
            let [u, v] = to_uv(sum(pair), pair.len() as i32);
            *out = [to_y(pair[0]), u, to_y(pair[pair.len() - 1]), v];
        }
    }
}

/// Fills `bytes`, which holds `layout.total` bytes.
pub(super) fn rgb_to_nv12(frame: &Frame, layout: Layout, bytes: &mut [u8]) {
    let (luma, chroma) = bytes.split_at_mut(layout.stride * layout.height);
    let (pixels, _) = frame.pixels().as_chunks::<3>();
    for (line, row) in luma.chunks_exact_mut(layout.stride).zip(pixels.chunks_exact(layout.width)) {
        for (out, &pixel) in line.iter_mut().zip(row) {
            *out = to_y(pixel);
        }
    }
    for (line, rows) in chroma.chunks_exact_mut(layout.stride).zip(pixels.chunks(layout.width * 2)) {
        let (upper, lower) = rows.split_at(layout.width);
        let (cells, _) = line.as_chunks_mut::<2>();
        for (x, out) in cells.iter_mut().take(layout.width.div_ceil(2)).enumerate() {
            let cell =
                |row: &[[u8; 3]]| row.get(x * 2..(x * 2 + 2).min(row.len())).map_or((0, [0; 3]), |pair| (pair.len() as i32, sum(pair)));
            let ((above, [r, g, b]), (below, [s, h, c])) = (cell(upper), cell(lower));
            *out = to_uv([r + s, g + h, b + c], above + below);
        }
    }
}

fn sum(pixels: &[[u8; 3]]) -> [i32; 3] {
    pixels.iter().fold([0; 3], |total, pixel| std::array::from_fn(|channel| total[channel] + i32::from(pixel[channel])))
}
