//! The matrix product behind convolutions, fully connected layers and attention.

use std::ops::Range;

use super::{Code, Requantise};

/// A product of strided input with packed weights, requantised.
///
/// For every row `y < rows`, pixel `x < pixels` and channel `n` in `channels`:
/// ```text
/// sum = bias[n] + Σ_s Σ_{k < depth} input[y * row_stride + x * pixel_stride + segments[s] + k] * weight[n][s][k]
/// output[y * out_row_stride + x * out_pixel_stride + n] = requantise(sum)
/// ```
/// A 1x1 convolution has one segment; a convolution without horizontal dilation has one for each kernel row, `kernel width x channels` deep;
/// with dilation it has one for each tap. The same segment may occur twice with two sets of weights (weights beyond 8 bits).
///
/// # Safety of the kernels that take it
/// `input` must be readable over every address that the sum names and [`READ_SLACK`](super::READ_SLACK) bytes more; `output` writable where
/// it is named and nowhere else touched by another thread; `weights` packed by the family's [`PanelLayout`](super::PanelLayout) for
/// `segments.len()` and `depth`, with `READ_SLACK` readable bytes behind, 64-byte aligned; `requantise` tables readable up to a multiple of
/// [`CHANNEL_PADDING`](super::CHANNEL_PADDING); `channels.start` a multiple of the layout's width; `segments`, `rows`, `pixels`, `depth` not 0.
#[derive(Debug, Clone)]
pub struct Product<'a> {
    /// First code of pixel (0, 0), segment offset 0.
    pub input: *const Code,
    /// Output rows.
    pub rows: usize,
    /// Codes from one output row's input to the next.
    pub row_stride: usize,
    /// Output pixels of each row.
    pub pixels: usize,
    /// Codes from one output pixel's input to the next.
    pub pixel_stride: usize,
    /// Offset of each segment, in codes.
    pub segments: &'a [usize],
    /// Codes that are multiplied in each segment.
    pub depth: usize,
    /// All channels' packed weights.
    pub weights: *const i8,
    /// All channels of the layer.
    pub all_channels: usize,
    /// Channels to compute.
    pub channels: Range<usize>,
    /// Bias, scale, zero point and clamp, indexed by channel of the layer.
    pub requantise: Requantise<'a>,
    /// Code of pixel (0, 0), channel 0.
    pub output: *mut Code,
    /// Codes from one output row to the next.
    pub out_row_stride: usize,
    /// Codes from one output pixel to the next.
    pub out_pixel_stride: usize,
}
