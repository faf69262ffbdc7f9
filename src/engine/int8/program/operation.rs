//! What a step does. Each variant says exactly what is computed; all arithmetic on reals is f32 in the order given, rounding is to
//! nearest, ties to even, so that every processor gives the same bytes.

use serde::{Deserialize, Serialize};

use super::{Convolution, Real};

/// A range of the constants: first byte and length. The first byte is a multiple of 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// First byte.
    pub start: usize,
    /// Bytes.
    pub len: usize,
}

/// What the codes of a tensor mean: `real = (code - zero_point) * scale`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Affine {
    /// Real difference between neighbouring codes, positive.
    pub scale: f32,
    /// Code of the real value 0 (of the stored code: on aarch64 -128..=127, elsewhere 0..=255).
    pub zero_point: i32,
}

/// Owned form of [`Requantise`](super::super::kernels::Requantise).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Requant {
    /// i32 for each channel, padded with zeros to a multiple of `CHANNEL_PADDING` from the start of the last group on.
    pub bias: Table,
    /// f32 for each channel, padded likewise.
    pub scale: Table,
    /// Code of the output's real 0.
    pub zero_point: i32,
    /// Lowest code that may come out.
    pub lowest: i32,
    /// Highest code that may come out.
    pub highest: i32,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Operation {
    /// Codes -> codes. Input and output are channels last, or row-major with the channels as last axis (a matrix product with a constant).
    Convolve(Convolution),
    /// Two tensors of codes -> codes: a product of matrices that are both made at run time.
    Multiply(Matrix),
    /// Two tensors -> one, element by element.
    Combine(Binary),
    /// Codes -> codes, each by a table of 256: any function of one variable. The table is indexed by `code - Code::MIN`.
    Lookup(Table),
    /// Codes -> codes, windows of a channels-last picture.
    Pool(Pool),
    /// Any element type: copies boxes of the inputs to boxes of the output. Concatenation, padding, slices, transposition, change of layout.
    Assemble {
        /// Byte that fills the output first, if the parts leave holes.
        fill: Option<i32>,
        /// What to copy, in order.
        parts: Vec<Part>,
    },
    /// Codes -> codes, channels last.
    Resize(Resize),
    /// Codes or f32 -> codes or f32, over the last axis of `[rows][columns]`.
    Softmax(Norm),
    /// As `Softmax`. Two more f32 inputs, constants of `columns` values: factor and offset.
    LayerNorm {
        /// Rows, columns, input and output.
        norm: Norm,
        /// Added to the variance.
        epsilon: f32,
    },
    /// f32 -> codes: `clamp(round(real / scale) + zero_point)`. Same layout in and out, or a picture of at most 4 channels, row-major in and
    /// channels last out.
    Quantise(Affine),
    /// Codes -> f32: `(code - zero_point) * scale`. Same layout in and out.
    Dequantise(Affine),
    /// f32 -> f32.
    Real(Real),
    /// Operators of tract, by index into what the executor was given beside the program.
    Foreign(usize),
}

/// A product of two tensors of codes: for each matrix of the batch `output[m][n] = requantise(Σ_k (a[m][k] - a_zero) * (b[k][n] - b_zero))`
/// with one scale and no bias. Both are row-major and dense: `[batch][rows][depth]`, `[batch or 1][depth][columns]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// Matrices of `a` and of the output.
    pub batch: usize,
    /// Whether all use the same `b`.
    pub shared: bool,
    /// Rows of `a`.
    pub rows: usize,
    /// Columns of `a`, rows of `b`.
    pub depth: usize,
    /// Columns of `b`.
    pub columns: usize,
    /// Zero point of `a`.
    pub a_zero: i32,
    /// Zero point of `b`.
    pub b_zero: i32,
    /// Factor of the sum.
    pub scale: f32,
    /// Zero point and clamp of the output.
    pub output: Output,
}

/// How a real value becomes a code at an output.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Code of the real value 0.
    pub zero_point: i32,
    /// Lowest code that may come out.
    pub lowest: i32,
    /// Highest code that may come out.
    pub highest: i32,
}

/// Element by element. With a broadcast operand its strides along the broadcast axes are 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Binary {
    /// What to do with the two.
    pub kind: BinaryKind,
    /// The loops, from the outermost to the innermost: length, stride of the first operand, of the second; the output is dense.
    /// Adjacent loops are merged by the compiler: same shapes are one loop; a gate over channels is two.
    pub loops: Vec<[usize; 3]>,
}

/// What to do with two elements.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum BinaryKind {
    /// `clamp(round((a - a_zero) as f32 * a_scale + (b - b_zero) as f32 * b_scale) + zero_point)`; scales are input scale / output scale, and
    /// `b_scale` is negative for a difference.
    Add {
        /// Zero point of the first.
        a_zero: i32,
        /// Factor of the first.
        a_scale: f32,
        /// Zero point of the second.
        b_zero: i32,
        /// Factor of the second.
        b_scale: f32,
        /// Zero point and clamp.
        output: Output,
    },
    /// `clamp(round(((a - a_zero) * (b - b_zero)) as f32 * scale) + zero_point)`.
    Multiply {
        /// Zero point of the first.
        a_zero: i32,
        /// Zero point of the second.
        b_zero: i32,
        /// Input scales / output scale.
        scale: f32,
        /// Zero point and clamp.
        output: Output,
    },
}

/// Windows of a channels-last picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    /// What becomes of a window.
    pub kind: PoolKind,
    /// Pictures.
    pub batch: usize,
    /// Height, width, channels of the input.
    pub input: [usize; 3],
    /// Height, width of the output.
    pub output: [usize; 2],
    /// Window height and width.
    pub kernel: [usize; 2],
    /// Vertical and horizontal stride.
    pub stride: [usize; 2],
    /// Vertical and horizontal dilation.
    pub dilation: [usize; 2],
    /// Rows above and columns left of the picture.
    pub padding: [usize; 2],
}

/// What becomes of a window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum PoolKind {
    /// The highest code inside the picture; codes keep their meaning.
    Max,
    /// `clamp(round((sum - count * zero) as f32 * (scale / count as f32)) + zero_point)` over the codes inside the picture; `count` is their
    /// number, or the window's size when padding counts.
    Average {
        /// Zero point of the input.
        zero: i32,
        /// Input scale / output scale.
        scale: f32,
        /// Whether padding counts as real zeros.
        count_padding: bool,
        /// Zero point and clamp.
        output: Output,
    },
}

/// A box of elements copied from one tensor into another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Which input of the step.
    pub input: usize,
    /// First element read.
    pub from: usize,
    /// First element written.
    pub to: usize,
    /// The loops, from the outermost to the innermost: length, distance of elements read, distance of elements written.
    pub loops: Vec<[isize; 3]>,
    /// Codes pass through this table of 256 on the way: another meaning, or a function.
    pub table: Option<Table>,
}

/// Change of a picture's size: for every output row (column) the two input rows (columns) that it lies between and how far it is from the
/// first, so that every mode of ONNX is one table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resize {
    /// Pictures.
    pub batch: usize,
    /// Height, width, channels of the input.
    pub input: [usize; 3],
    /// First row, second row, weight of the second in 0..=1, for each output row.
    pub rows: Vec<(usize, usize, f32)>,
    /// The same for columns.
    pub columns: Vec<(usize, usize, f32)>,
    /// `None`: codes keep their meaning and the code of the first row and column is copied (nearest). Otherwise, with weights `v` and `h`:
    /// `top = p + (q - p) * h`, `bottom` likewise, `real = top + (bottom - top) * v` of codes less the input's zero point, as f32 (so that codes
    /// of either sign give the same bytes), `clamp(round(real * scale) + zero_point)`.
    pub linear: Option<(i32, f32, Output)>,
}

/// Rows that are normalised, in f32.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Norm {
    /// Rows.
    pub rows: usize,
    /// Values of each row.
    pub columns: usize,
    /// What the input's codes mean; `None` when it is f32.
    pub input: Option<Affine>,
    /// What the output's codes mean; `None` when it is f32.
    pub output: Option<Affine>,
}
