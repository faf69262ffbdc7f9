//! Sums, differences and products element by element, and concatenation.

use std::sync::Arc;

use tract_onnx::tract_core::internal::OutletId;

use super::{
    super::operator::{Operator, Quant},
    Found, Target, lookup,
};

pub(super) fn find(target: &Target) -> Found {
    let (node, kept) = target.operator()?;
    let sign = match kept.op_type() {
        "Add" | "Mul" => 1.0,
        "Sub" => -1.0,
        _ => return None,
    };
    let reader = target.reader;
    let (a_codes, a) = reader.dequantised(kept.input(node, 0)?)?;
    let (b_codes, b) = reader.dequantised(kept.input(node, 1)?)?;
    let output = target.output;
    if let Some(found) = of_one_code(target, (a_codes, a), (b_codes, b), kept.op_type()) {
        return Some(found);
    }
    let operator = match kept.op_type() {
        "Mul" => Operator::Multiply { a, b, output },
        _ => Operator::Add { a, b, sign, output },
    };
    Some((operator, vec![a_codes, b_codes]))
}

/// Both operands are functions of one tensor's codes, as in SiLU and hard swish, `x * f(x)`: then so is the result.
fn of_one_code(target: &Target, (a_codes, a): (OutletId, Quant), (b_codes, b): (OutletId, Quant), op_type: &str) -> Found {
    let identity: [u8; 256] = std::array::from_fn(|code| code as u8);
    // The tensor that an operand is a function of, and that function.
    let through = |codes: OutletId| match target.reader.lookup(codes) {
        Some((source, table)) => [(codes, identity), (source, *table)],
        None => [(codes, identity); 2],
    };
    let pairs = through(a_codes).into_iter().flat_map(|left| through(b_codes).map(|right| (left, right)));
    let ((source, left), (_, right)) = pairs.into_iter().find(|((left, _), (right, _))| left == right)?;
    let code = |code: usize| {
        let (x, y) = (a.real(left[code]), b.real(right[code]));
        let real = match op_type {
            "Mul" => x * y,
            "Sub" => x - y,
            _ => x + y,
        };
        target.output.quant.code(real).clamp(target.output.lowest, target.output.highest)
    };
    Some((Operator::Lookup(Arc::new(std::array::from_fn(code))), vec![source]))
}

pub(super) fn find_concat(target: &Target) -> Found {
    let (node, kept) = target.operator().filter(|(_, kept)| kept.op_type() == "Concat")?;
    let axis = kept.attribute::<i64>("axis").ok()??;
    let rank = target.shape.len() as i64;
    let axis = usize::try_from(if axis < 0 { axis + rank } else { axis }).ok()?;
    let sources: Vec<_> = node.inputs.iter().map(|&input| target.reader.dequantised(input)).collect::<Option<_>>()?;
    let table = |quant: &Quant| lookup::table(*quant, target.output, |real| real);
    let tables = sources.iter().map(|(_, quant)| table(quant)).collect();
    Some((Operator::Concat { axis, tables }, sources.into_iter().map(|(codes, _)| codes).collect()))
}
