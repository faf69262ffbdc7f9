//! Operators that move codes about without changing them, or pick the highest: they work on codes as they are, whatever the codes mean.
//!
//! Where their input is dequantised, the dequantisation is carried past them.

use tract_onnx::tract_core::internal::*;

use super::{
    super::{
        graph::{Kept, Reader, permutation},
        operator::{Fused, Operator, Output, Quant},
    },
    lookup, pool, resize, window,
};

pub(super) fn rule(model: &TypedModel, node: &TypedNode, name: &str, kept: &Kept) -> TractResult<Option<TypedModelPatch>> {
    let reader = Reader { model };
    let Some(first) = kept.input(node, 0) else { return Ok(None) };
    let carried = match reader.datum(first) {
        Some(DatumType::U8 | DatumType::I8) => Carried { source: first, dequantisation: None },
        _ => match (reader.dequantised(first), reader.kept(first)) {
            (Some((codes, quant)), Some((node, kept))) if reader.tensor(codes).is_none() => {
                Carried { source: codes, dequantisation: Some((quant, node, kept)) }
            }
            _ => return Ok(None),
        },
    };
    carry(model, node, name, kept, &carried)
}

/// What an operator moves about.
pub(super) struct Carried<'a> {
    /// Codes, or reals.
    pub source: OutletId,
    /// What the codes mean and the operator that says so, when it stands between them and the one that moves.
    pub dequantisation: Option<(Quant, &'a TypedNode, &'a Kept)>,
}

/// Puts the fused form of an operator that moves elements about in its place, and the dequantisation behind it.
pub(super) fn carry(
    model: &TypedModel,
    node: &TypedNode,
    name: &str,
    kept: &Kept,
    carried: &Carried,
) -> TractResult<Option<TypedModelPatch>> {
    let reader = Reader { model };
    let codes = carried.source;
    let quant = carried.dequantisation.map(|(quant, ..)| quant);
    let (Some(from), Some(datum)) = (reader.shape(codes), reader.datum(codes)) else { return Ok(None) };
    let mut patch = TypedModelPatch::default();
    for slot in 0..node.outputs.len() {
        let Some(to) = reader.shape(OutletId::new(node.id, slot)) else { return Ok(None) };
        let Some(operator) = operator(reader, node, kept, slot, quant, &from, &to) else { return Ok(None) };
        let suffix = if slot == 0 { String::new() } else { format!(".{slot}") };
        let tap = patch.tap_model(model, codes)?;
        let output = datum.fact(&*to);
        let codes_name = if quant.is_some() { format!("{name}{suffix}.codes") } else { format!("{name}{suffix}") };
        let mut wire = patch.wire_node(codes_name, Fused { operator, output }, &[tap])?;
        if let Some((_, dequantise_node, dequantise)) = carried.dequantisation {
            let mut inputs = tvec!(wire[0]);
            for &parameter in &dequantise_node.inputs[1..] {
                inputs.push(patch.tap_model(model, parameter)?);
            }
            let real = dequantise.with_outputs(tvec!(f32::fact(&*to)));
            wire = patch.wire_node(format!("{name}{suffix}"), real, &inputs)?;
        }
        patch.shunt_outside(model, OutletId::new(node.id, slot), wire[0])?;
    }
    Ok(Some(patch))
}

/// Carries a quantisation above an operator that only moves elements about, to the arithmetic that it belongs to.
pub(super) fn hoist(model: &TypedModel, node: &TypedNode, name: &str, kept: &Kept) -> TractResult<Option<TypedModelPatch>> {
    let reader = Reader { model };
    if kept.op_type() != "QuantizeLinear" || reader.quant(node, kept).is_none() || !reader.has_one_reader(node.inputs[0]) {
        return Ok(None);
    }
    let Some((mover, moves)) = reader.kept(node.inputs[0]) else { return Ok(None) };
    let source = mover.inputs[0];
    // Quantised weights and padding do not come here: their values would have to be quantised too.
    let movers = ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Gather", "Expand"];
    let moves_only = movers.contains(&moves.op_type());
    let from_arithmetic = reader.datum(source) == Some(DatumType::F32) && reader.tensor(source).is_none() && reader.kept(source).is_some();
    let (Some(from), Some(to)) = (reader.shape(source), reader.shape(node.id.into())) else { return Ok(None) };
    let Some(operator) = operator(reader, mover, moves, 0, None, &from, &to).filter(|_| moves_only && from_arithmetic) else {
        return Ok(None);
    };
    let datum = node.outputs[0].fact.datum_type;
    let mut patch = TypedModelPatch::default();
    let mut inputs = tvec!(patch.tap_model(model, source)?);
    for &parameter in &node.inputs[1..] {
        inputs.push(patch.tap_model(model, parameter)?);
    }
    let codes = patch.wire_node(format!("{name}.codes"), kept.with_outputs(tvec!(datum.fact(&*from))), &inputs)?;
    let moved = patch.wire_node(name, Fused { operator, output: datum.fact(&*to) }, &codes)?;
    patch.shunt_outside(model, node.id.into(), moved[0])?;
    Ok(Some(patch))
}

pub(super) fn operator(
    reader: Reader,
    node: &TypedNode,
    kept: &Kept,
    slot: usize,
    quant: Option<Quant>,
    from: &[usize],
    to: &[usize],
) -> Option<Operator> {
    if from.contains(&0) || to.contains(&0) {
        return None;
    }
    let rank = from.len();
    let axis_of = |axis: i64| usize::try_from(if axis < 0 { axis + rank as i64 } else { axis }).ok().filter(|axis| *axis < rank);
    let whole = |axis: usize| (axis, 0usize, 1isize);
    match kept.op_type() {
        "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" | "Identity" => Some(Operator::Reshape),
        "Transpose" => {
            let axes = permutation(kept, rank)?.into_iter().map(whole).collect();
            Some(Operator::Strided { axes, fixed: Vec::new() })
        }
        "Slice" => slice(reader, node, kept, from, to),
        "Expand" => expand(from, to),
        "Split" => {
            let axis = axis_of(kept.attribute::<i64>("axis").ok()?.unwrap_or(0))?;
            let start = (0..slot).map(|before| Some(reader.shape(OutletId::new(node.id, before))?[axis])).sum::<Option<usize>>()?;
            let axes = (0..rank).map(|at| if at == axis { (at, start, 1) } else { whole(at) }).collect();
            Some(Operator::Strided { axes, fixed: Vec::new() })
        }
        "Gather" => {
            let axis = axis_of(kept.attribute::<i64>("axis").ok()?.unwrap_or(0))?;
            let [index] = reader.constant_integers(kept.input(node, 1)?)?[..] else { return None };
            let index = usize::try_from(if index < 0 { index + from[axis] as i64 } else { index }).ok().filter(|at| *at < from[axis])?;
            let others = (0..rank).filter(|&at| at != axis).map(whole);
            if to.len() == rank {
                let axes = (0..rank).map(|at| if at == axis { (at, index, 1) } else { whole(at) }).collect();
                return Some(Operator::Strided { axes, fixed: Vec::new() });
            }
            (to.len() + 1 == rank).then(|| Operator::Strided { axes: others.collect(), fixed: vec![(axis, index)] })
        }
        "Pad" => pad(reader, node, kept, quant, rank),
        "MaxPool" if node.outputs.len() == 1 => {
            let (&[_, _, height, width], &[_, _, out_height, out_width]) = (from, to) else { return None };
            Some(Operator::MaxPool(window::read(kept, None, [height, width], [out_height, out_width])?))
        }
        "GlobalMaxPool" | "ReduceMax" => {
            let (over, inner, picture) = pool::reduced(reader, node, kept, from)?;
            Some(Operator::Reduce { over, inner, picture, mean: None })
        }
        "Resize" => {
            if let Some((rows, columns)) = resize::neighbours(reader, node, kept, from, to, "nearest") {
                return Some(Operator::Resize { rows, columns, linear: None });
            }
            // Interpolation between codes that are not dequantised: they stand for themselves.
            let itself = Quant { scale: 1.0, zero: 0 };
            let (rows, columns) = resize::neighbours(reader, node, kept, from, to, "linear").filter(|_| quant.is_none())?;
            Some(Operator::Resize { rows, columns, linear: Some((itself, Output { quant: itself, lowest: 0, highest: 255 })) })
        }
        "Relu" | "Clip" => clamp(reader, node, kept, quant?),
        _ => None,
    }
}

/// Limits that are codes themselves (a ReLU's zero always is) clamp codes as they clamp reals.
fn clamp(reader: Reader, node: &TypedNode, kept: &Kept, quant: Quant) -> Option<Operator> {
    let (low, high) = lookup::limits(reader, node, kept)?;
    let exact = |real: f32| real < quant.real(0) || real > quant.real(255) || quant.real(quant.code(real)) == real;
    if !exact(low) || !exact(high) || low > high {
        return None;
    }
    let output = Output { quant, lowest: 0, highest: 255 };
    Some(lookup::table(quant, output, |real| real.clamp(low, high)).map_or(Operator::Reshape, Operator::Lookup))
}

/// Axes of one element are walked along in steps of none.
fn expand(from: &[usize], to: &[usize]) -> Option<Operator> {
    let missing = to.len().checked_sub(from.len()).filter(|_| !from.is_empty())?;
    let axis = |at: usize| match at.checked_sub(missing) {
        None => (0, 0, 0),
        Some(axis) if from[axis] == 1 => (axis, 0, 0),
        Some(axis) => (axis, 0, 1),
    };
    Some(Operator::Strided { axes: (0..to.len()).map(axis).collect(), fixed: Vec::new() })
}

fn slice(reader: Reader, node: &TypedNode, kept: &Kept, from: &[usize], to: &[usize]) -> Option<Operator> {
    let list = |name: &str, at: usize| -> Option<Option<Vec<i64>>> {
        if let Some(values) = kept.integers(name).ok()? {
            return Some(Some(values));
        }
        match kept.input(node, at) {
            Some(outlet) => Some(Some(reader.constant_integers(outlet)?)),
            None => Some(None),
        }
    };
    let starts = list("starts", 1)??;
    let axes = list("axes", 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = list("steps", 4)?.unwrap_or_else(|| vec![1; starts.len()]);
    let mut walks: Vec<(usize, usize, isize)> = (0..from.len()).map(|axis| (axis, 0, 1)).collect();
    for ((start, axis), step) in starts.iter().zip(&axes).zip(&steps) {
        let axis = usize::try_from(if *axis < 0 { axis + from.len() as i64 } else { *axis }).ok()?;
        let len = i64::try_from(*from.get(axis)?).ok()?;
        let start = if *start < 0 { start + len } else { *start };
        let start = if *step < 0 { start.clamp(0, len - 1) } else { start.clamp(0, len) };
        walks[axis] = (axis, usize::try_from(start).ok()?, isize::try_from(*step).ok()?);
    }
    (to.len() == from.len()).then_some(Operator::Strided { axes: walks, fixed: Vec::new() })
}

fn pad(reader: Reader, node: &TypedNode, kept: &Kept, quant: Option<Quant>, rank: usize) -> Option<Operator> {
    if kept.attribute::<&str>("mode").ok()?.unwrap_or("constant") != "constant" || kept.input(node, 3).is_some() {
        return None;
    }
    let pads = match kept.integers("pads").ok()? {
        Some(pads) => pads,
        None => reader.constant_integers(kept.input(node, 1)?)?,
    };
    let value = match kept.input(node, 2) {
        Some(outlet) => *reader.constant_reals(outlet)?.1.first()?,
        None => kept.attribute::<f32>("value").ok()?.unwrap_or(0.0),
    };
    // The value is real before a dequantised tensor, a code before a tensor of codes.
    let code = match quant {
        Some(quant) if quant.real(quant.code(value)) == value => quant.code(value),
        Some(_) => return None,
        None => {
            let offset = if reader.datum(kept.input(node, 0)?)? == DatumType::I8 { 128.0 } else { 0.0 };
            (value + offset) as u8
        }
    };
    let before = pads.get(..rank)?.iter().map(|&count| usize::try_from(count).ok()).collect::<Option<_>>()?;
    pads.iter().all(|count| *count >= 0).then_some(Operator::Pad { before, code })
}
