//! Steps that compute in f32: what a quantised graph leaves in floating point around its int8 body, a gate or a class activation map.

use serde::{Deserialize, Serialize};

/// What a step does to tensors of f32. All arithmetic is f32 in the order given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Real {
    /// `[outer][over][inner]` -> `[outer][inner]`, in order.
    Reduce {
        /// What becomes of the elements.
        kind: Reduction,
        /// Groups.
        outer: usize,
        /// Elements that become one.
        over: usize,
        /// Results side by side.
        inner: usize,
    },
    /// For each matrix of the batch `output[m][n] = bias[n] + Σ_k a[m][k] * b[k][n]`, k ascending; without a third input the bias is 0.
    /// `a` is `[batch][rows][depth]`, `b` `[batch or 1][depth][columns]`.
    Product {
        /// Matrices of `a` and of the output.
        batch: usize,
        /// Whether all use the same `b`.
        shared: bool,
        /// Rows of `a`.
        rows: usize,
        /// Columns of `a`, rows of `b`.
        depth: usize,
        /// Columns of `b`.
        columns: usize,
    },
    /// Element by element, with broadcasting.
    Combine {
        /// What to do with the two.
        kind: RealBinary,
        /// The loops, as those of [`Binary`](super::Binary).
        loops: Vec<[usize; 3]>,
    },
    /// `min(max(x, lowest), highest)`, element by element.
    Clamp {
        /// Lowest that comes out; may be infinite.
        lowest: f32,
        /// Highest that comes out; may be infinite.
        highest: f32,
    },
    /// Element by element.
    Function(RealFunction),
    /// Linear interpolation of a channels-last picture between the rows and columns of [`Resize`](super::Resize): `top = p + (q - p) * h`,
    /// `bottom` likewise, `top + (bottom - top) * v`.
    Resize {
        /// Pictures.
        batch: usize,
        /// Height, width, channels of the input.
        input: [usize; 3],
        /// First row, second row, weight of the second, for each output row.
        rows: Vec<(usize, usize, f32)>,
        /// The same for columns.
        columns: Vec<(usize, usize, f32)>,
    },
}

/// What becomes of several reals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reduction {
    /// Their sum, divided by their number.
    Mean,
    /// Their sum.
    Sum,
    /// The highest.
    Highest,
    /// The lowest.
    Lowest,
}

/// A function of one real. Those that are not exact are made of the exponential of [`Softmax`](super::Operation::Softmax).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RealFunction {
    /// `1 / (1 + e^-x)`.
    Sigmoid,
    /// Hyperbolic tangent.
    Tanh,
    /// Error function, absolute error below 1e-6.
    Erf,
    /// `x (1 + erf(x / sqrt 2)) / 2`.
    Gelu,
    /// Square root.
    Sqrt,
    /// `1 / x`.
    Reciprocal,
    /// `|x|`.
    Abs,
    /// `-x`.
    Negate,
}

/// What to do with two reals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RealBinary {
    /// `a + b`.
    Add,
    /// `a - b`.
    Subtract,
    /// `a * b`.
    Multiply,
    /// `a / b`.
    Divide,
    /// The higher of the two.
    Highest,
    /// The lower of the two.
    Lowest,
    /// 1 where `a > b`, else 0.
    Greater,
}
