//! Depthwise convolution, 3x3 and 5x5, stride 1 and 2, for any vector width: channels along the vector, four taps summed by each dot product.
//!
//! Codes of four rows (or columns) are interleaved so that the taps of a channel lie together: two levels of unpacking turn four vectors of
//! `16 x LANES` channels into four *quarters*, quarter `q` holding channels `4q..4q + 4` of every 128-bit lane. Packing sums to codes undoes exactly
//! that order, so no lane is ever permuted. Interleaved columns go to a scratch row on the stack, because stride 1 uses each of them `K` times.
//!
//! A 3x3 kernel takes 3 dot products (its columns, one tap idle), a 5x5 kernel 7: upper four rows of 5 columns, first four columns of the last
//! row, and its last column, which the next pixel's four columns contain.
//!
//! Channels that do not fill a vector are not wasted: the vector is cut into *parts*, each with the same channels of another stretch of the row.

use std::mem::MaybeUninit;

use super::super::{Code, Depthwise, DepthwiseShape, Requantise};

/// Pixels that are interleaved at once, so that the scratch row stays in the first-level cache.
const STRETCH: usize = 28;

/// Columns under a stretch of pixels with stride 1 and a 5x5 kernel; stride 2 takes half the pixels.
const COLUMNS: usize = STRETCH + 4;

/// Most 128-bit lanes of a vector.
const MAX_LANES: usize = 4;

/// What a family brings: vectors of `16 x LANES` codes.
///
/// # Safety
/// Methods are inlined into functions with the family's target features, and may only be called from these.
pub(super) trait Vector {
    /// 128-bit lanes.
    const LANES: usize;
    /// Pixels, 2 or 4, whose sums fit into registers beside the weights of a quarter.
    const PIXELS: usize;
    /// One code of each channel.
    type Codes: Copy;
    /// Four codes of each of a quarter's channels, ready for [`Self::dot`].
    type Taps: Copy;
    /// Sums of a quarter's channels.
    type Sums: Copy;
    /// Constants of requantisation.
    type Limits: Copy;

    /// Packed bytes of the weights of one dot product of a quarter.
    const DOT_BYTES: usize;

    /// Packs four taps of each channel of a quarter, `[channel][tap]`, as [`Self::dot`] reads them.
    fn pack(taps: &[i8], packed: &mut Vec<i8>);

    /// Loads `PARTS` equally long pieces, at these offsets.
    unsafe fn load<const PARTS: usize>(from: *const Code, offsets: &[usize; MAX_LANES]) -> Self::Codes;
    /// Interleaves four vectors.
    unsafe fn interleave(codes: [Self::Codes; 4]) -> [Self::Taps; 4];
    /// Sums from memory, 64-byte aligned.
    unsafe fn sums(from: *const i32) -> Self::Sums;
    /// `sums + Σ taps x weights`.
    unsafe fn dot(sums: Self::Sums, taps: Self::Taps, weights: *const i8) -> Self::Sums;
    /// Prepares requantisation.
    unsafe fn limits(requantise: &Requantise) -> Self::Limits;
    /// Requantises all quarters; `scales` is 64-byte aligned.
    unsafe fn requantise(sums: [Self::Sums; 4], scales: &[Row<f32>; 4], limits: Self::Limits) -> Self::Codes;
    /// Stores `PARTS` equally long pieces, at these offsets.
    unsafe fn store<const PARTS: usize>(codes: Self::Codes, to: *mut Code, offsets: &[usize; MAX_LANES]);
}

/// A table's entries for one quarter, lane after lane.
#[repr(align(64))]
#[derive(Clone, Copy)]
pub(super) struct Row<T>(pub(super) [T; 4 * MAX_LANES]);

/// Channels `first..first + 16 x lanes / parts`, computed for `parts` stretches of a row at once.
#[derive(Clone, Copy)]
struct Block {
    first: usize,
    parts: usize,
}

impl Block {
    /// The block that covers channel `at` and, as far as it can, those behind. The last one may cover channels again that another covered.
    fn at(at: usize, channels: usize, lanes: usize) -> Self {
        let left = channels - at;
        let mut parts = 1;
        // The narrowest that takes all channels that are left, or else the widest that there are channels for.
        while parts < lanes && (16 * lanes / parts > channels || 16 * lanes / (2 * parts) >= left) {
            parts *= 2;
        }
        let width = 16 * lanes / parts;
        Self { first: if left < width { channels - width } else { at }, parts }
    }

    fn width(&self, lanes: usize) -> usize {
        16 * lanes / self.parts
    }

    /// Channel of `lane`'s first code.
    fn channel(&self, lane: usize, lanes: usize) -> usize {
        self.first + 16 * lane % self.width(lanes)
    }

    /// All blocks, in the order of packed weights.
    fn all(channels: usize, lanes: usize) -> impl Iterator<Item = Self> {
        let mut at = 0;
        std::iter::from_fn(move || {
            (at < channels).then(|| {
                let block = Self::at(at, channels, lanes);
                at = block.first + block.width(lanes);
                block
            })
        })
    }
}

/// Dot products of a pixel.
const fn dots(kernel: usize) -> usize {
    if kernel == 3 { 3 } else { 7 }
}

/// Row and column of the kernel that tap `tap` of dot product `dot` multiplies; `None` if it is idle.
fn place(kernel: usize, stride: usize, dot: usize, tap: usize) -> Option<(usize, usize)> {
    match dot {
        _ if dot < kernel => (tap < kernel).then_some((tap, dot)),
        5 => Some((4, tap)),
        _ => (tap + stride == 4).then_some((4, 4)),
    }
}

/// Packs weights for [`convolve`]: `[block][dot product][quarter]`. `None` for other geometries, and fewer channels than a lane has.
pub(super) fn pack<V: Vector>(shape: &DepthwiseShape, weights: &[i8]) -> Option<Vec<i8>> {
    let (kernel, stride) = (shape.kernel[0], shape.stride[0]);
    if !(matches!((kernel, stride), (3 | 5, 1 | 2)) && shape.is_square(kernel, stride) && shape.channels >= 16) {
        return None;
    }
    let mut packed = Vec::new();
    for block in Block::all(shape.channels, V::LANES) {
        for (dot, quarter) in (0..dots(kernel)).flat_map(|dot| (0..4).map(move |quarter| (dot, quarter))) {
            let channels = (0..V::LANES).flat_map(|lane| (0..4).map(move |at| block.channel(lane, V::LANES) + 4 * quarter + at));
            let taps = channels.flat_map(|channel| (0..4).map(move |tap| (channel, tap)));
            let weight =
                |(channel, tap)| place(kernel, stride, dot, tap).map_or(0, |(ky, kx)| weights[(channel * kernel + ky) * kernel + kx]);
            V::pack(&taps.map(weight).collect::<Vec<_>>(), &mut packed);
        }
    }
    Some(packed)
}

/// Convolves with weights from [`pack`].
///
/// # Safety
/// [`Depthwise`]'s contract, inlined into a function with the family's target features.
#[inline(always)]
pub(super) unsafe fn convolve<V: Vector>(task: &Depthwise) {
    // SAFETY: the caller's contract.
    unsafe {
        match (task.shape.kernel[0], task.shape.stride[0]) {
            (3, 1) => blocks::<V, 3, 1>(task),
            (3, _) => blocks::<V, 3, 2>(task),
            (_, 1) => blocks::<V, 5, 1>(task),
            _ => blocks::<V, 5, 2>(task),
        }
    }
}

#[inline(always)]
unsafe fn blocks<V: Vector, const K: usize, const S: usize>(task: &Depthwise) {
    let mut weights = task.weights;
    for block in Block::all(task.shape.channels, V::LANES) {
        // SAFETY: the caller's contract.
        unsafe {
            match block.parts {
                1 => rows::<V, K, S, 1>(task, block, weights),
                2 => rows::<V, K, S, 2>(task, block, weights),
                _ => rows::<V, K, S, 4>(task, block, weights),
            }
        }
        weights = weights.wrapping_add(dots(K) * 4 * V::DOT_BYTES);
    }
}

/// What all pixels of a block share.
struct Shared<V: Vector> {
    weights: *const i8,
    bias: [Row<i32>; 4],
    scale: [Row<f32>; 4],
    limits: V::Limits,
    channels: usize,
    /// From one part's output to the next part's.
    output_parts: [usize; MAX_LANES],
}

/// Interleaved columns of a stretch: the upper rows, and for 5x5 the last row four columns at a time.
struct Scratch<V: Vector> {
    upper: [MaybeUninit<[V::Taps; 4]>; COLUMNS],
    last: [MaybeUninit<[V::Taps; 4]>; COLUMNS],
}

#[inline(always)]
unsafe fn rows<V: Vector, const K: usize, const S: usize, const PARTS: usize>(task: &Depthwise, block: Block, weights: *const i8) {
    let channels = task.shape.channels;
    let mut bias = [Row([0; 4 * MAX_LANES]); 4];
    let mut scale = [Row([0.0; 4 * MAX_LANES]); 4];
    for (quarter, lane) in (0..4).flat_map(|quarter| (0..V::LANES).map(move |lane| (quarter, lane))) {
        let channel = block.channel(lane, V::LANES) + 4 * quarter;
        bias[quarter].0[4 * lane..][..4].copy_from_slice(&task.requantise.bias[channel..channel + 4]);
        scale[quarter].0[4 * lane..][..4].copy_from_slice(&task.requantise.scale[channel..channel + 4]);
    }
    // The parts' stretches overlap where pixels do not divide by their number.
    let pixels = task.pixels.div_ceil(PARTS);
    let part_pixel = |part: usize| (part * pixels).min(task.pixels - pixels);
    let parts: [usize; MAX_LANES] = std::array::from_fn(|part| part_pixel(part.min(PARTS - 1)) * channels);
    let input_parts = parts.map(|offset| offset * S);
    // SAFETY: only called in a function with the family's features.
    let limits = unsafe { V::limits(&task.requantise) };
    let shared = Shared::<V> { weights, bias, scale, limits, channels, output_parts: parts };
    let mut scratch = Scratch::<V> { upper: [MaybeUninit::uninit(); COLUMNS], last: [MaybeUninit::uninit(); COLUMNS] };
    for y in 0..task.rows {
        let input = task.input.wrapping_add(y * S * task.row_stride + block.first);
        let output = task.output.wrapping_add(y * task.out_row_stride + block.first);
        for start in (0..pixels).step_by(STRETCH / S) {
            let count = (pixels - start).min(STRETCH / S);
            let input = input.wrapping_add(start * S * channels);
            let output = output.wrapping_add(start * channels);
            // SAFETY: every code that is read belongs to a row and column under a pixel of the task; `interleave_stretch` writes all scratch
            // columns that `pixels` of the stretch read.
            unsafe {
                interleave_stretch::<V, K, S, PARTS>(&mut scratch, input, task.row_stride, channels, &input_parts, count);
                let mut x = 0;
                while x + V::PIXELS <= count {
                    let output = output.wrapping_add(x * channels);
                    match V::PIXELS {
                        4 => pixel_group::<V, K, S, PARTS, 4>(&shared, &scratch, x, output),
                        _ => pixel_group::<V, K, S, PARTS, 2>(&shared, &scratch, x, output),
                    }
                    x += V::PIXELS;
                }
                let output = output.wrapping_add(x * channels);
                match (count - x) % V::PIXELS {
                    0 => {}
                    1 => pixel_group::<V, K, S, PARTS, 1>(&shared, &scratch, x, output),
                    2 => pixel_group::<V, K, S, PARTS, 2>(&shared, &scratch, x, output),
                    _ => pixel_group::<V, K, S, PARTS, 3>(&shared, &scratch, x, output),
                }
            }
        }
    }
}

/// Fills `scratch` for `count` pixels.
#[inline(always)]
unsafe fn interleave_stretch<V: Vector, const K: usize, const S: usize, const PARTS: usize>(
    scratch: &mut Scratch<V>,
    input: *const Code,
    row_stride: usize,
    channels: usize,
    parts: &[usize; MAX_LANES],
    count: usize,
) {
    let columns = (count - 1) * S + K;
    for (column, taps) in scratch.upper[..columns].iter_mut().enumerate() {
        let at = input.wrapping_add(column * channels);
        // SAFETY: the caller says that these rows and columns are readable. A 3x3 kernel has no fourth row: its taps are idle.
        unsafe {
            let row = |row: usize| V::load::<PARTS>(at.wrapping_add(row * row_stride), parts);
            let third = row(2);
            taps.write(V::interleave([row(0), row(1), third, if K == 5 { row(3) } else { third }]));
        }
    }
    if K == 5 {
        let last_row = input.wrapping_add(4 * row_stride);
        for (x, taps) in scratch.last[..=count].iter_mut().enumerate() {
            // SAFETY: as above; behind the last column, where taps are idle, that column is read again.
            unsafe {
                let column = |dx: usize| V::load::<PARTS>(last_row.wrapping_add((x * S + dx).min(columns - 1) * channels), parts);
                taps.write(V::interleave([column(0), column(1), column(2), column(3)]));
            }
        }
    }
}

/// Computes and writes `X` pixels from pixel `x` of the stretch on.
#[inline(always)]
unsafe fn pixel_group<V: Vector, const K: usize, const S: usize, const PARTS: usize, const X: usize>(
    shared: &Shared<V>,
    scratch: &Scratch<V>,
    x: usize,
    output: *mut Code,
) {
    // SAFETY: the caller's contract; quarters by hand, so that sums stay in registers.
    unsafe {
        let sums = [
            quarter::<V, K, S, X>(shared, scratch, x, 0),
            quarter::<V, K, S, X>(shared, scratch, x, 1),
            quarter::<V, K, S, X>(shared, scratch, x, 2),
            quarter::<V, K, S, X>(shared, scratch, x, 3),
        ];
        for at in 0..X {
            let codes = V::requantise(sums.map(|quarter| quarter[at]), &shared.scale, shared.limits);
            V::store::<PARTS>(codes, output.wrapping_add(at * shared.channels), &shared.output_parts);
        }
    }
}

/// Sums of one quarter of `X` pixels.
#[inline(always)]
unsafe fn quarter<V: Vector, const K: usize, const S: usize, const X: usize>(
    shared: &Shared<V>,
    scratch: &Scratch<V>,
    x: usize,
    quarter: usize,
) -> [V::Sums; X] {
    let weights = |dot: usize| shared.weights.wrapping_add((dot * 4 + quarter) * V::DOT_BYTES);
    // SAFETY: the caller filled the scratch columns of these pixels; weights are packed for the block.
    unsafe {
        let mut sums = [V::sums(shared.bias[quarter].0.as_ptr()); X];
        for (at, sum) in sums.iter_mut().enumerate() {
            for kx in 0..K {
                let taps = scratch.upper.get_unchecked((x + at) * S + kx).assume_init_ref();
                *sum = V::dot(*sum, taps[quarter], weights(kx));
            }
            if K == 5 {
                for (dot, next) in [(5, 0), (6, 1)] {
                    let taps = scratch.last.get_unchecked(x + at + next).assume_init_ref();
                    *sum = V::dot(*sum, taps[quarter], weights(dot));
                }
            }
        }
        sums
    }
}
