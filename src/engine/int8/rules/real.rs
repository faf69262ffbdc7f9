//! What a graph leaves in floating point around its quantised body: gates, heads, class activation maps.

use std::sync::Arc;

use tract_onnx::tract_core::internal::*;

use super::{
    super::{
        graph::{Kept, Reader},
        operator::Operator,
        program::{RealBinary, RealFunction, Reduction},
    },
    Found, lookup, movement, pool, replace, resize,
};

pub(super) fn rule(model: &TypedModel, node: &TypedNode, name: &str, kept: &Kept) -> TractResult<Option<TypedModelPatch>> {
    let reader = Reader { model };
    let real = |outlet: OutletId| reader.datum(outlet) == Some(DatumType::F32);
    if !node.outputs.iter().all(|output| output.fact.datum_type == DatumType::F32) {
        return Ok(None);
    }
    if kept.op_type() == "Split" {
        return movement::carry(model, node, name, kept, &movement::Carried { source: node.inputs[0], dequantisation: None });
    }
    if node.outputs.len() != 1 {
        return Ok(None);
    }
    let found = if kept.op_type() == "Cast" { greater(reader, node) } else { find(reader, node, kept) };
    match found.filter(|(_, inputs)| inputs.iter().all(|&input| real(input))) {
        Some((operator, inputs)) => replace(model, node, name, operator, &inputs).map(Some),
        None => Ok(None),
    }
}

fn find(reader: Reader, node: &TypedNode, kept: &Kept) -> Found {
    let first = kept.input(node, 0)?;
    let from = reader.shape(first)?;
    let to = reader.shape(node.id.into())?;
    let pair = || Some(vec![first, kept.input(node, 1)?]);
    Some(match kept.op_type() {
        "ReduceMean" | "ReduceSum" | "ReduceMax" | "ReduceMin" | "GlobalAveragePool" | "GlobalMaxPool" => {
            let (over, inner, picture) = pool::reduced(reader, node, kept, &from)?;
            let kind = match kept.op_type() {
                "ReduceSum" => Reduction::Sum,
                "ReduceMax" | "GlobalMaxPool" => Reduction::Highest,
                "ReduceMin" => Reduction::Lowest,
                _ => Reduction::Mean,
            };
            (Operator::RealReduce { kind, over, inner, picture }, vec![first])
        }
        "Gemm" => (gemm(reader, node, kept)?, vec![first]),
        "MatMul" => {
            let right = reader.shape(kept.input(node, 1)?)?;
            let matrices = |shape: &[usize]| shape.len().checked_sub(2).map(|batch| shape[..batch].to_vec());
            let (left, right) = (matrices(&from)?, matrices(&right)?);
            // With one matrix on the right the left's are as good as one of more rows, however many axes of 1 either has.
            let one = right.iter().all(|&length| length == 1);
            (one || left == right).then(|| Some((Operator::RealProduct, pair()?)))??
        }
        "Add" => (Operator::RealCombine(RealBinary::Add), pair()?),
        "Sub" => (Operator::RealCombine(RealBinary::Subtract), pair()?),
        "Mul" => (Operator::RealCombine(RealBinary::Multiply), pair()?),
        "Div" => (Operator::RealCombine(RealBinary::Divide), pair()?),
        "Max" | "Min" if node.inputs.len() == 2 => {
            let kind = if kept.op_type() == "Max" { RealBinary::Highest } else { RealBinary::Lowest };
            (Operator::RealCombine(kind), pair()?)
        }
        "Pow" => power(reader, node, kept, first, from == to)?,
        "Relu" | "Clip" => {
            let (lowest, highest) = lookup::limits(reader, node, kept).filter(|(lowest, highest)| lowest <= highest)?;
            (Operator::RealClamp(lowest, highest), vec![first])
        }
        "Sigmoid" | "Tanh" | "Erf" | "Gelu" | "Sqrt" | "Reciprocal" | "Abs" | "Neg" => {
            (Operator::RealFunction(function(kept)?), vec![first])
        }
        "Resize" => {
            let neighbours = ["linear", "nearest"].iter().find_map(|mode| resize::neighbours(reader, node, kept, &from, &to, mode));
            let (rows, columns) = neighbours?;
            (Operator::RealResize { rows, columns }, vec![first])
        }
        "Concat" => {
            let axis = kept.attribute::<i64>("axis").ok()??;
            let axis = usize::try_from(if axis < 0 { axis + to.len() as i64 } else { axis }).ok()?;
            (Operator::Concat { axis, tables: vec![None; node.inputs.len()] }, node.inputs.to_vec())
        }
        "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" | "Transpose" | "Slice" | "Gather" | "Expand" => {
            (movement::operator(reader, node, kept, 0, None, &from, &to)?, vec![first])
        }
        _ => return None,
    })
}

fn function(kept: &Kept) -> Option<RealFunction> {
    Some(match kept.op_type() {
        "Sigmoid" => RealFunction::Sigmoid,
        "Tanh" => RealFunction::Tanh,
        "Erf" => RealFunction::Erf,
        "Gelu" if kept.attribute::<&str>("approximate").ok()?.is_none_or(|kind| kind == "none") => RealFunction::Gelu,
        "Sqrt" => RealFunction::Sqrt,
        "Reciprocal" => RealFunction::Reciprocal,
        "Abs" => RealFunction::Abs,
        "Neg" => RealFunction::Negate,
        _ => return None,
    })
}

/// Squares and roots: other powers need a logarithm.
fn power(reader: Reader, node: &TypedNode, kept: &Kept, base: OutletId, same_shape: bool) -> Found {
    let (_, exponent) = reader.constant_reals(kept.input(node, 1)?)?;
    match exponent[..] {
        [2.0] if same_shape => Some((Operator::RealCombine(RealBinary::Multiply), vec![base, base])),
        [0.5] if same_shape => Some((Operator::RealFunction(RealFunction::Sqrt), vec![base])),
        _ => None,
    }
}

fn gemm(reader: Reader, node: &TypedNode, kept: &Kept) -> Option<Operator> {
    let flag = |name: &str| Some(kept.attribute::<i64>(name).ok()?.unwrap_or(0) != 0);
    let factor = |name: &str| Some(kept.attribute::<f32>(name).ok()?.unwrap_or(1.0));
    let (alpha, beta) = (factor("alpha")?, factor("beta")?);
    let (shape, values) = reader.constant_reals(kept.input(node, 1)?)?;
    let &[rows, columns] = shape.as_slice() else { return None };
    let (depth, channels) = if flag("transB")? { (columns, rows) } else { (rows, columns) };
    let at = |k: usize, n: usize| if rows == depth && !flag("transB").unwrap_or(false) { k * columns + n } else { n * columns + k };
    let weights = (0..depth).flat_map(|k| (0..channels).map(move |n| (k, n))).map(|(k, n)| alpha * values[at(k, n)]).collect();
    let bias = match kept.input(node, 2) {
        Some(outlet) => reader.constant_reals(outlet)?.1,
        None => vec![0.0],
    };
    let spread = |n: usize| beta * bias.get(n).or(bias.first()).copied().unwrap_or(0.0);
    let usable = !flag("transA")? && (bias.len() == 1 || bias.len() == channels);
    usable.then(|| Operator::RealDense { weights: Arc::new(weights), bias: Arc::new((0..channels).map(spread).collect()) })
}

/// A comparison whose outcome is cast to 0 and 1.
fn greater(reader: Reader, node: &TypedNode) -> Found {
    let comparison = reader.model.node(node.inputs[0].node);
    let readable = reader.has_one_reader(node.inputs[0]) && comparison.inputs.len() == 2;
    (readable && comparison.op.name() == "GT").then(|| (Operator::RealCombine(RealBinary::Greater), comparison.inputs.to_vec()))
}
