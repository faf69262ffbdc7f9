//! The operators that rewrite rules put into tract's graph: quantised ones, each standing for a whole pattern of ONNX operators.
//!
//! A [`Fused`] node takes and gives codes (tract's u8 or i8) or f32 in ONNX's own order of axes; the memory layout is decided when the graph
//! is compiled into a [`Program`](super::program::Program), which is also what runs it: tract alone cannot.
//! Zero points and clamps are in the domain of u8 here: those of an i8 tensor are 128 higher than in the file.

use std::sync::Arc;

use tract_onnx::tract_core::internal::*;

use super::program::{RealBinary, RealFunction, Reduction};

/// What the codes of a tensor mean: `real = (code - zero) * scale`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quant {
    /// Real difference between neighbouring codes.
    pub scale: f32,
    /// Code of real 0, 0..=255.
    pub zero: i32,
}

impl Quant {
    /// The code nearest to `real`, ties to even.
    #[must_use]
    pub(super) fn code(&self, real: f32) -> u8 {
        ((real / self.scale).round_ties_even() as i32).saturating_add(self.zero).clamp(0, 255) as u8
    }

    /// What `code` means.
    #[must_use]
    pub(super) fn real(&self, code: u8) -> f32 {
        (i32::from(code) - self.zero) as f32 * self.scale
    }
}

/// The codes that an operator gives: what they mean, and which may come out (a fused ReLU or Clip narrows them).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Output {
    /// Meaning.
    pub quant: Quant,
    /// Lowest.
    pub lowest: u8,
    /// Highest.
    pub highest: u8,
}

/// A picture's sliding window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// Height and width.
    pub kernel: [usize; 2],
    /// Vertical and horizontal.
    pub stride: [usize; 2],
    /// Vertical and horizontal.
    pub dilation: [usize; 2],
    /// Rows above and columns left of the picture.
    pub padding: [usize; 2],
}

/// Weights of a convolution or of a product with a constant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weights {
    /// `[output channel][input channel of the group][kernel row][kernel column]`, zero point taken off.
    pub values: Vec<i16>,
    /// For each output channel; holds no zero points yet.
    pub bias: Vec<i32>,
    /// Input scale x weight scale / output scale, for each output channel.
    pub scale: Vec<f32>,
}

/// A quantised operator.
#[derive(Debug, Clone)]
pub(super) enum Operator {
    /// `[n][c][h][w]` -> `[n][c][h][w]`.
    Convolution {
        /// Geometry.
        window: Window,
        /// Groups of channels that do not see one another.
        groups: usize,
        /// Weights, bias, scale.
        weights: Arc<Weights>,
        /// Code of the input's real 0.
        zero: i32,
        /// Output.
        output: Output,
    },
    /// `[...][depth]` -> `[...][channel]`: a fully connected layer.
    Dense {
        /// Weights, `[channel][depth]`.
        weights: Arc<Weights>,
        /// Code of the input's real 0.
        zero: i32,
        /// Output.
        output: Output,
    },
    /// `[...][m][k]` x `[...][k][n]`.
    Product {
        /// First operand.
        a: Quant,
        /// Second operand.
        b: Quant,
        /// Output.
        output: Output,
    },
    /// Sum, with ONNX's broadcasting; `sign` -1 for a difference.
    Add {
        /// First operand.
        a: Quant,
        /// Second operand.
        b: Quant,
        /// Sign of the second.
        sign: f32,
        /// Output.
        output: Output,
    },
    /// Product element by element, with ONNX's broadcasting.
    Multiply {
        /// First operand.
        a: Quant,
        /// Second operand.
        b: Quant,
        /// Output.
        output: Output,
    },
    /// Any function of one code.
    Lookup(Arc<[u8; 256]>),
    /// Highest code of each window.
    MaxPool(Window),
    /// Mean of each window.
    AveragePool {
        /// Geometry.
        window: Window,
        /// Whether padding counts as real zeros.
        count_padding: bool,
        /// Input.
        input: Quant,
        /// Output.
        output: Output,
    },
    /// Mean or highest over axes that are neighbours, `[outer][mean][inner]`.
    Reduce {
        /// Elements of the axes that are reduced.
        over: usize,
        /// Elements of the axes after them.
        inner: usize,
        /// Whether those axes are the height and width of a picture `[n][c][h][w]` (then `inner` is 1).
        picture: bool,
        /// Input and output of a mean; `None` for the highest.
        mean: Option<(Quant, Output)>,
    },
    /// Along an axis; each input through a table, where its codes mean something else than the output's.
    Concat {
        /// Axis.
        axis: usize,
        /// For each input.
        tables: Vec<Option<Arc<[u8; 256]>>>,
    },
    /// The same elements, other axes.
    Reshape,
    /// Output axis `i` walks along input axis `axes[i].0` from `axes[i].1` in steps of `axes[i].2`; input axes that no output axis walks
    /// along stand at `fixed`.
    Strided {
        /// For each output axis: input axis, first index, step.
        axes: Vec<(usize, usize, isize)>,
        /// Input axis, index.
        fixed: Vec<(usize, usize)>,
    },
    /// A border of one code.
    Pad {
        /// Elements before, on each axis.
        before: Vec<usize>,
        /// The code, 0..=255.
        code: u8,
    },
    /// Two axes of a picture: for every output row (column) the two input rows (columns) that it lies between and how far it is from the first.
    Resize {
        /// Rows.
        rows: Vec<(usize, usize, f32)>,
        /// Columns.
        columns: Vec<(usize, usize, f32)>,
        /// Input and output of an interpolation; `None` for the nearest element.
        linear: Option<(Quant, Output)>,
    },
    /// Over the last axis, or over the channels of a picture.
    Softmax {
        /// Over axis 1 of 4.
        over_channels: bool,
        /// `None`: f32.
        input: Option<Quant>,
        /// `None`: f32.
        output: Option<Quant>,
    },
    /// Over the last axis.
    LayerNorm {
        /// `None`: f32.
        input: Option<Quant>,
        /// `None`: f32.
        output: Option<Quant>,
        /// Factor of each column.
        factor: Arc<Vec<f32>>,
        /// Offset of each column.
        offset: Arc<Vec<f32>>,
        /// Added to the variance.
        epsilon: f32,
    },
    /// f32 only: over neighbouring axes, see `Reduce`.
    RealReduce {
        /// What becomes of the elements.
        kind: Reduction,
        /// Elements of the axes that are reduced.
        over: usize,
        /// Elements of the axes after them.
        inner: usize,
        /// Whether those axes are the height and width of a picture.
        picture: bool,
    },
    /// f32 only: `[...][depth]` -> `[...][channel]`.
    RealDense {
        /// `[depth][channel]`.
        weights: Arc<Vec<f32>>,
        /// One for each channel.
        bias: Arc<Vec<f32>>,
    },
    /// f32 only: `[...][m][k]` x `[...][k][n]`.
    RealProduct,
    /// f32 only: two tensors element by element, with ONNX's broadcasting.
    RealCombine(RealBinary),
    /// f32 only: limits.
    RealClamp(f32, f32),
    /// f32 only: a function of each element.
    RealFunction(RealFunction),
    /// f32 only: linear interpolation, see `Resize`.
    RealResize {
        /// Rows.
        rows: Vec<(usize, usize, f32)>,
        /// Columns.
        columns: Vec<(usize, usize, f32)>,
    },
    /// f32 -> codes.
    Quantise(Quant),
    /// Codes -> f32.
    Dequantise(Quant),
}

/// A quantised operator as a node of tract's graph.
#[derive(Debug, Clone)]
pub(super) struct Fused {
    /// What it does.
    pub operator: Operator,
    /// What it gives.
    pub output: TypedFact,
}

impl PartialEq for Fused {
    fn eq(&self, _other: &Self) -> bool {
        false
    }
}
impl Eq for Fused {}

impl Op for Fused {
    fn name(&self) -> StaticName {
        self.operator.name().into()
    }
    op_as_typed_op!();
}

impl EvalOp for Fused {
    not_out_of_plan!();
}

impl TypedOp for Fused {
    fn output_facts(&self, _inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(self.output.clone()))
    }
    as_op!();
}

impl Operator {
    /// Name in plans.
    #[must_use]
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Convolution { .. } => "convolution",
            Self::Dense { .. } => "dense",
            Self::Product { .. } => "product",
            Self::Add { .. } => "add",
            Self::Multiply { .. } => "multiply",
            Self::Lookup(_) => "lookup",
            Self::MaxPool(_) => "max pool",
            Self::AveragePool { .. } => "average pool",
            Self::Reduce { .. } => "reduce",
            Self::Concat { .. } => "concat",
            Self::Reshape => "reshape",
            Self::Strided { .. } => "strided copy",
            Self::Pad { .. } => "pad",
            Self::Resize { .. } => "resize",
            Self::Softmax { .. } => "softmax",
            Self::LayerNorm { .. } => "layer norm",
            Self::RealReduce { .. } => "reduce in f32",
            Self::RealDense { .. } => "dense in f32",
            Self::RealProduct => "product in f32",
            Self::RealCombine(_) => "combine in f32",
            Self::RealClamp(..) => "limits in f32",
            Self::RealFunction(_) => "function in f32",
            Self::RealResize { .. } => "resize in f32",
            Self::Quantise(_) => "quantise",
            Self::Dequantise(_) => "dequantise",
        }
    }
}
