//! Sums, differences and products element by element, and concatenation.

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
    let operator = match kept.op_type() {
        "Mul" => Operator::Multiply { a, b, output },
        _ => Operator::Add { a, b, sign, output },
    };
    Some((operator, vec![a_codes, b_codes]))
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
