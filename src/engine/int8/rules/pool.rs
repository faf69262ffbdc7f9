//! Means over windows and over whole pictures. (Highest values only move codes: see [`movement`](super::movement).)

use tract_onnx::tract_core::internal::TypedNode;

use super::{
    super::{
        graph::{Kept, Reader},
        operator::Operator,
    },
    Found, Target, window,
};

pub(super) fn find(target: &Target) -> Found {
    let (node, kept) = target.operator()?;
    let reader = target.reader;
    if !matches!(kept.op_type(), "AveragePool" | "GlobalAveragePool" | "ReduceMean") {
        return None;
    }
    let (codes, input) = reader.dequantised(kept.input(node, 0)?)?;
    let shape = reader.shape(codes)?;
    let output = target.output;
    if kept.op_type() == "AveragePool" {
        let (&[_, _, height, width], &[_, _, out_height, out_width]) = (shape.as_slice(), target.shape.as_slice()) else { return None };
        let window = window::read(kept, None, [height, width], [out_height, out_width])?;
        let count_padding = kept.attribute::<i64>("count_include_pad").ok()?.unwrap_or(0) != 0;
        return Some((Operator::AveragePool { window, count_padding, input, output }, vec![codes]));
    }
    let (over, inner, picture) = reduced(reader, node, kept, &shape)?;
    Some((Operator::Reduce { over, inner, picture, mean: Some((input, output)) }, vec![codes]))
}

/// Elements of the axes that `kept` reduces, of those after them, and whether they are a picture's height and width.
pub(super) fn reduced(reader: Reader, node: &TypedNode, kept: &Kept, shape: &[usize]) -> Option<(usize, usize, bool)> {
    let rank = shape.len();
    let axes: Vec<usize> = if kept.op_type().starts_with("Global") {
        (2..rank).collect()
    } else {
        let given = match kept.integers("axes").ok()? {
            Some(axes) => axes,
            None => reader.constant_integers(kept.input(node, 1)?)?,
        };
        let mut axes: Vec<usize> =
            given.iter().map(|&axis| usize::try_from(if axis < 0 { axis + rank as i64 } else { axis }).ok()).collect::<Option<_>>()?;
        axes.sort_unstable();
        axes
    };
    let (&first, &last) = (axes.first()?, axes.last()?);
    if last + 1 - first != axes.len() || last >= rank {
        return None;
    }
    let over = shape[first..=last].iter().product();
    let inner = shape[last + 1..].iter().product();
    Some((over, inner, rank == 4 && first == 2 && last == 3))
}
