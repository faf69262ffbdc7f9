//! Convolutions, and everything else that is a product with constant weights.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Requant, Table};

/// A convolution of codes with constant weights, channels last. A fully connected layer, and a matrix product with a constant, are 1x1
/// convolutions of a picture that is one row high.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Convolution {
    /// Pictures.
    pub batch: usize,
    /// Height, width, channels of the input.
    pub input: [usize; 3],
    /// Height, width, channels of the output.
    pub output: [usize; 3],
    /// Kernel height and width.
    pub kernel: [usize; 2],
    /// Vertical and horizontal stride.
    pub stride: [usize; 2],
    /// Vertical and horizontal dilation.
    pub dilation: [usize; 2],
    /// Rows above and columns left of the picture; below and right as many as the output calls for.
    pub padding: [usize; 2],
    /// Code outside of the picture: the input's zero point.
    pub outside: i32,
    /// How it is computed.
    pub method: Method,
    /// Bias (of all channels, each group after the other), scale, zero point, clamp.
    pub requant: Requant,
}

/// How a convolution is computed, and its weights for that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Method {
    /// As matrix products over strided input, one for each group: `Kernels::product`.
    Product {
        /// Groups of channels that do not see one another.
        groups: usize,
        /// For each segment of the product: kernel row, kernel column of its first code.
        segments: Vec<[usize; 2]>,
        /// Codes of each segment.
        depth: usize,
        /// Packed weights of each group, in the constants.
        weights: Vec<Table>,
    },
    /// Each channel with its own kernel: `Kernels::depthwise`.
    Depthwise {
        /// Weights from `Kernels::pack_depthwise`.
        weights: Table,
    },
    /// Each channel with its own kernel, any geometry: `Kernels::depthwise_portable`.
    DepthwisePortable {
        /// Weights from [`pack_portable`](super::super::kernels::pack_portable).
        weights: Table,
    },
}

impl Convolution {
    /// Multiply-adds of one inference, padding included.
    #[must_use]
    pub fn multiply_adds(&self) -> u64 {
        let per_output = match &self.method {
            Method::Product { segments, depth, .. } => segments.len() * depth,
            _ => self.kernel[0] * self.kernel[1],
        };
        (self.batch * self.output.iter().product::<usize>() * per_output) as u64
    }

    /// Input rows, some of them outside of the picture (negative or past the end), that the output rows `rows` are made from.
    #[must_use]
    pub fn input_rows(&self, rows: &Range<usize>) -> Range<isize> {
        let first = (rows.start * self.stride[0]) as isize - self.padding[0] as isize;
        let reach = (rows.len().saturating_sub(1)) * self.stride[0] + (self.kernel[0] - 1) * self.dilation[0] + 1;
        first..first + reach as isize
    }

    /// Columns of the input with its padding.
    #[must_use]
    pub fn padded_width(&self) -> usize {
        (self.output[1] - 1) * self.stride[1] + (self.kernel[1] - 1) * self.dilation[1] + 1
    }

    /// Whether no output looks outside of the picture and rows can be read where they lie.
    #[must_use]
    pub fn reads_in_place(&self) -> bool {
        let rows = self.input_rows(&(0..self.output[0]));
        self.padding == [0, 0] && rows.end as usize <= self.input[0] && self.padded_width() <= self.input[1]
    }
}
