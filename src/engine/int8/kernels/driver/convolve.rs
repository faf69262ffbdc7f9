//! Products and depthwise convolutions over slices.

use std::ops::Range;

use super::{
    super::{CHANNEL_PADDING, Code, Depthwise, DepthwiseShape, Processor, Product, READ_SLACK, Requantise, pack_portable},
    Tile,
};

/// Input of a product: rows of pixels, of each of which some segments are multiplied.
#[derive(Debug, Clone, Copy)]
pub struct Strided<'a> {
    /// Codes from pixel (0, 0), segment offset 0, on, with [`READ_SLACK`] more behind the last that is used.
    pub codes: &'a [Code],
    /// Rows.
    pub rows: usize,
    /// Codes from one row to the next.
    pub row_stride: usize,
    /// Pixels of each row.
    pub pixels: usize,
    /// Codes from one pixel to the next.
    pub pixel_stride: usize,
    /// Offset of each segment.
    pub segments: &'a [usize],
    /// Codes of each segment.
    pub depth: usize,
}

/// Weights of a product and what becomes of its sums.
#[derive(Debug, Clone, Copy)]
pub struct PackedWeights<'a> {
    /// Packed by the family's layout, at a 64-byte boundary, with [`READ_SLACK`] more behind.
    pub packed: &'a [i8],
    /// Channels that are packed.
    pub channels: usize,
    /// Of all these channels.
    pub requantise: Requantise<'a>,
}

/// Multiplies `input` with the weights of `channels`, whose first is a multiple of the layout's width. The tile has a row for each pixel and a
/// column for each of `channels`. See [`Product`].
///
/// # Panics
/// When a slice is too short or the sizes contradict each other, which a checked program's never do.
pub fn product(processor: Processor, input: &Strided, weights: &PackedWeights, channels: Range<usize>, mut output: Tile) {
    let kernels = processor.kernels();
    let Strided { codes, rows, row_stride, pixels, pixel_stride, segments, depth } = *input;
    let PackedWeights { packed, channels: all_channels, requantise } = *weights;
    if rows == 0 || pixels == 0 || channels.is_empty() {
        return;
    }
    let furthest = segments.iter().max().copied().unwrap_or(0);
    assert!(!segments.is_empty() && depth > 0, "a product of nothing");
    assert!(codes.len() >= (rows - 1) * row_stride + (pixels - 1) * pixel_stride + furthest + depth + READ_SLACK, "input of a product");
    assert!(channels.start.is_multiple_of(kernels.layout.width) && channels.end <= all_channels, "channels of a product");
    assert!(packed.len() >= kernels.layout.packed_len(all_channels, segments.len(), depth) + READ_SLACK, "weights of a product");
    assert!(packed.as_ptr().addr().is_multiple_of(64), "alignment of weights");
    assert_tables(&requantise, all_channels);
    let columns = output.columns();
    assert!(output.rows() == rows * pixels && columns.len() == channels.len() && columns.start >= channels.start, "output of a product");
    let pitch = output.pitch();
    let task = Product {
        input: codes.as_ptr(),
        rows,
        row_stride,
        pixels,
        pixel_stride,
        segments,
        depth,
        weights: packed.as_ptr(),
        all_channels,
        // The kernel adds the channel's number to this.
        output: output.as_mut_ptr().wrapping_add(columns.start - channels.start),
        channels,
        requantise,
        out_row_stride: pixels * pitch,
        out_pixel_stride: pitch,
    };
    // SAFETY: input, weights and tables are as long as asserted above; the tile is the only access to the pixels' columns that are written;
    // the processor has the family's instructions.
    unsafe { (kernels.product)(&task) }
}

/// A depthwise convolution whose packed weights have a known length.
#[derive(Debug, Clone, Copy)]
pub struct DepthwisePlan {
    processor: Processor,
    shape: DepthwiseShape,
    portable: bool,
    packed_len: usize,
}

impl DepthwisePlan {
    /// For weights from `Kernels::pack_depthwise`, or from [`pack_portable`] when `portable`; `None` when the family has no kernel for `shape`.
    #[must_use]
    pub fn new(processor: Processor, shape: DepthwiseShape, portable: bool) -> Option<Self> {
        let count = shape.channels * shape.kernel[0] * shape.kernel[1];
        let packed_len = if portable {
            pack_portable(&shape, &vec![0; count]).len()
        } else {
            (processor.kernels().pack_depthwise)(&shape, &vec![0; count])?.len()
        };
        Some(Self { processor, shape, portable, packed_len })
    }

    /// Bytes of packed weights.
    #[must_use]
    pub fn packed_len(&self) -> usize {
        self.packed_len
    }
}

/// Convolves `rows` rows of `pixels` pixels into `output`, dense. Input rows are `row_stride` codes apart, with [`READ_SLACK`] behind the last
/// that is used; `weights` too, at a 64-byte boundary. See [`Depthwise`].
///
/// # Panics
/// When a slice is too short, which a checked program's never is.
pub fn depthwise(
    plan: &DepthwisePlan,
    (input, row_stride): (&[Code], usize),
    [rows, pixels]: [usize; 2],
    weights: &[i8],
    requantise: Requantise,
    output: &mut [Code],
) {
    let DepthwiseShape { channels, kernel, stride, dilation } = plan.shape;
    if rows == 0 || pixels == 0 || channels == 0 {
        return;
    }
    let last = |axis: usize, count: usize| (count - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis];
    assert!(kernel[0] > 0 && kernel[1] > 0, "a convolution with nothing");
    assert!(input.len() >= last(0, rows) * row_stride + (last(1, pixels) + 1) * channels + READ_SLACK, "input of a depthwise convolution");
    assert!(weights.len() >= plan.packed_len + READ_SLACK, "weights of a depthwise convolution");
    assert!(weights.as_ptr().addr().is_multiple_of(64), "alignment of weights");
    assert!(output.len() >= rows * pixels * channels, "output of a depthwise convolution");
    assert_tables(&requantise, channels);
    let task = Depthwise {
        shape: plan.shape,
        input: input.as_ptr(),
        row_stride,
        rows,
        pixels,
        weights: weights.as_ptr(),
        requantise,
        output: output.as_mut_ptr(),
        out_row_stride: pixels * channels,
    };
    let kernels = plan.processor.kernels();
    // SAFETY: input, weights, tables and output are as long as asserted above; the processor has the family's instructions.
    unsafe { if plan.portable { (kernels.depthwise_portable)(&task) } else { (kernels.depthwise)(&task) } }
}

fn assert_tables(requantise: &Requantise, channels: usize) {
    let padded = channels.next_multiple_of(CHANNEL_PADDING);
    assert!(requantise.bias.len() >= padded && requantise.scale.len() >= padded, "tables of a layer");
}
