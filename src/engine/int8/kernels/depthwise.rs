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
pub unsafe fn portable(task: &Depthwise) {
    const BLOCK: usize = 64;
    let DepthwiseShape { channels, kernel, stride, dilation } = task.shape;
    for (y, x) in (0..task.rows).flat_map(|y| (0..task.pixels).map(move |x| (y, x))) {
        for first in (0..channels).step_by(BLOCK) {
            let count = BLOCK.min(channels - first);
            let mut sums = [0i32; BLOCK];
            sums[..count].copy_from_slice(&task.requantise.bias[first..first + count]);
            for (ky, kx) in (0..kernel[0]).flat_map(|ky| (0..kernel[1]).map(move |kx| (ky, kx))) {
                let row = y * stride[0] + ky * dilation[0];
                let column = x * stride[1] + kx * dilation[1];
                // SAFETY: the caller guarantees that every code and weight that the sum names is readable; packed bytes may be unaligned for i16.
                unsafe {
                    let codes = std::slice::from_raw_parts(task.input.add(row * task.row_stride + column * channels + first), count);
                    let weights = task.weights.cast::<[u8; 2]>().add((ky * kernel[1] + kx) * channels + first);
                    let weights = std::slice::from_raw_parts(weights, count);
                    for ((sum, &code), &weight) in sums.iter_mut().zip(codes).zip(weights) {
                        *sum += i32::from(code) * i32::from(i16::from_ne_bytes(weight));
                    }
                }
            }
            // SAFETY: the caller guarantees that the output pixel is writable and ours.
            let output = unsafe { std::slice::from_raw_parts_mut(task.output.add(y * task.out_row_stride + x * channels + first), count) };
            for (at, (code, &sum)) in output.iter_mut().zip(&sums).enumerate() {
                *code = task.requantise.code(first + at, sum);
            }
        }
    }
}
