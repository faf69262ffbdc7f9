//! Convolution of each channel with its own kernel.

use super::{Code, Requantise};

/// Geometry of a depthwise convolution, by which a family decides whether it has a kernel of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DepthwiseShape {
    /// Channels, of input and output alike.
    pub channels: usize,
    /// Kernel height and width.
    pub kernel: [usize; 2],
    /// Vertical and horizontal stride.
    pub stride: [usize; 2],
    /// Vertical and horizontal dilation.
    pub dilation: [usize; 2],
}

impl DepthwiseShape {
    /// A square kernel of `size`, the same stride in both directions, no dilation.
    #[must_use]
    pub fn is_square(&self, size: usize, stride: usize) -> bool {
        self.kernel == [size; 2] && self.stride == [stride; 2] && self.dilation == [1; 2]
    }
}

/// A depthwise convolution over padded input, requantised.
///
/// For every row `y < rows`, pixel `x < pixels` and channel `c`:
/// ```text
/// sum = bias[c] + Σ_ky Σ_kx input[(y * stride.y + ky * dilation.y) * row_stride + (x * stride.x + kx * dilation.x) * channels + c] * weight[c][ky][kx]
/// output[y * out_row_stride + x * channels + c] = requantise(sum)
/// ```
/// # Safety of the kernels that take it
/// As for [`Product`](super::Product), with `weights` packed by the family for `shape`. Nothing beyond the rows that the sum names is readable,
/// but [`READ_SLACK`](super::READ_SLACK) bytes behind the last.
#[derive(Debug, Clone)]
pub struct Depthwise<'a> {
    /// Geometry.
    pub shape: DepthwiseShape,
    /// First code of the padded input.
    pub input: *const Code,
    /// Codes from one padded input row to the next.
    pub row_stride: usize,
    /// Output rows.
    pub rows: usize,
    /// Output pixels of each row.
    pub pixels: usize,
    /// Packed weights.
    pub weights: *const i8,
    /// Bias, scale, zero point and clamp.
    pub requantise: Requantise<'a>,
    /// Code of pixel (0, 0), channel 0.
    pub output: *mut Code,
    /// Codes from one output row to the next.
    pub out_row_stride: usize,
}

/// Packs `weights`, `[channels][kernel height][kernel width]`, as `[tap][channel]` i16 in native byte order: the layout of the portable kernel,
/// which takes any geometry and weights of 9 bits.
#[must_use]
pub fn pack_portable(shape: &DepthwiseShape, weights: &[i16]) -> Vec<i8> {
    let taps = shape.kernel[0] * shape.kernel[1];
    let by_tap = (0..taps).flat_map(|tap| (0..shape.channels).map(move |channel| weights[channel * taps + tap]));
    by_tap.flat_map(i16::to_ne_bytes).map(|byte| byte as i8).collect()
}

/// The portable kernel: any geometry, weights from [`pack_portable`]. Compiled for a family's instructions by inlining.
///
/// # Safety
/// See [`Depthwise`].
#[inline(always)]
pub(super) unsafe fn portable(task: &Depthwise) {
    let channels = task.shape.channels;
    for (y, x) in (0..task.rows).flat_map(|y| (0..task.pixels).map(move |x| (y, x))) {
        let mut first = 0;
        // SAFETY: the caller's contract. Channel counts that the compiler knows become vectors.
        unsafe {
            while first + 32 <= channels {
                portable_block::<32>(task, y, x, first);
                first += 32;
            }
            while first + 8 <= channels {
                portable_block::<8>(task, y, x, first);
                first += 8;
            }
            while first < channels {
                portable_block::<1>(task, y, x, first);
                first += 1;
            }
        }
    }
}

/// Channels `first..first + N` of one pixel.
///
/// # Safety
/// See [`Depthwise`].
#[inline(always)]
unsafe fn portable_block<const N: usize>(task: &Depthwise, y: usize, x: usize, first: usize) {
    let DepthwiseShape { channels, kernel, stride, dilation } = task.shape;
    let Requantise { bias, scale, .. } = task.requantise;
    let mut sums = [0i32; N];
    sums.copy_from_slice(&bias[first..first + N]);
    for (ky, kx) in (0..kernel[0]).flat_map(|ky| (0..kernel[1]).map(move |kx| (ky, kx))) {
        let row = y * stride[0] + ky * dilation[0];
        let column = x * stride[1] + kx * dilation[1];
        // SAFETY: the caller guarantees that every code and weight that the sum names is readable; packed bytes may be unaligned for i16.
        let (codes, weights) = unsafe {
            let codes = task.input.add(row * task.row_stride + column * channels + first).cast::<[Code; N]>();
            let weights = task.weights.cast::<i16>().wrapping_add((ky * kernel[1] + kx) * channels + first).cast::<[i16; N]>();
            (codes.read(), weights.read_unaligned())
        };
        for ((sum, &code), &weight) in sums.iter_mut().zip(&codes).zip(&weights) {
            *sum += i32::from(code) * i32::from(weight);
        }
    }
    let mut scales = [0.0; N];
    scales.copy_from_slice(&scale[first..first + N]);
    let mut codes = [0 as Code; N];
    for ((code, &sum), &scale) in codes.iter_mut().zip(&sums).zip(&scales) {
        *code = task.requantise.code_of(sum, scale);
    }
    // SAFETY: the caller guarantees that the output pixel is writable and ours.
    unsafe { task.output.add(y * task.out_row_stride + x * channels + first).cast::<[Code; N]>().write(codes) };
}
