//! Fully connected layers, products with a constant, and products of two tensors made at run time.

use std::sync::Arc;

use tract_onnx::tract_core::internal::{OutletId, TypedNode};

use super::{
    super::{
        graph::{ConstantCodes, Kept},
        operator::Operator,
    },
    Found, Target, convolution,
};

pub(super) fn find(target: &Target) -> Found {
    let (node, kept) = target.operator()?;
    match kept.op_type() {
        "Gemm" => gemm(target, node, kept),
        "MatMul" => product(target, node, kept, None),
        "Add" => {
            // A product with a constant and its bias, added in f32.
            let reader = target.reader;
            let (at, (product_node, product_kept)) = (0..2).find_map(|at| {
                let outlet = kept.input(node, at)?;
                let found = reader.kept(outlet).filter(|(_, kept)| kept.op_type() == "MatMul" && reader.has_one_reader(outlet))?;
                Some((at, found))
            })?;
            let (shape, bias) = reader.constant_reals(kept.input(node, 1 - at)?)?;
            let channels = target.shape.last()?;
            let along_last_axis = shape.last() == Some(channels) && bias.len() == *channels;
            along_last_axis.then(|| product(target, product_node, product_kept, Some(bias)))?
        }
        _ => None,
    }
}

fn gemm(target: &Target, node: &TypedNode, kept: &Kept) -> Found {
    let reader = target.reader;
    let flag = |name: &str| Some(kept.attribute::<i64>(name).ok()?.unwrap_or(0) != 0);
    let factor = |name: &str| Some(kept.attribute::<f32>(name).ok()?.unwrap_or(1.0));
    if flag("transA")? || factor("alpha")? != 1.0 {
        return None;
    }
    let beta = factor("beta")?;
    let bias: Option<Vec<f32>> = convolution::bias(reader, node, kept, 2)?.map(|bias| bias.iter().map(|b| b * beta).collect());
    let constant = reader.constant_codes(kept.input(node, 1)?)?;
    let constant = if flag("transB")? { constant } else { transposed(constant)? };
    dense(target, kept.input(node, 0)?, constant, bias)
}

fn product(target: &Target, node: &TypedNode, kept: &Kept, bias: Option<Vec<f32>>) -> Found {
    let reader = target.reader;
    let (left, right) = (kept.input(node, 0)?, kept.input(node, 1)?);
    if let Some(constant) = reader.constant_codes(right) {
        return dense(target, left, transposed(constant)?, bias);
    }
    if bias.is_some() {
        return None;
    }
    let (a_codes, a) = reader.dequantised(left)?;
    let (b_codes, b) = reader.dequantised(right)?;
    let (a_shape, b_shape) = (reader.shape(a_codes)?, reader.shape(b_codes)?);
    let (a_rank, b_rank) = (a_shape.len(), b_shape.len());
    let same_batch = a_rank == b_rank && a_rank >= 2 && a_shape[..a_rank - 2] == b_shape[..b_rank - 2];
    let shared = b_rank == 2 && a_rank > 2;
    let magnitude = *a_shape.last()? as f64 * 255.0 * 255.0;
    let scale = f64::from(a.scale) * f64::from(b.scale) / f64::from(target.output.quant.scale);
    let exact = magnitude < f64::from(i32::MAX) && magnitude * scale < f64::from(i32::MAX);
    let found = (Operator::Product { a, b, output: target.output }, vec![a_codes, b_codes]);
    ((same_batch || shared) && exact).then_some(found)
}

fn dense(target: &Target, left: OutletId, constant: ConstantCodes, bias: Option<Vec<f32>>) -> Found {
    let (codes, input) = target.reader.dequantised(left)?;
    if bias.as_ref().is_some_and(|bias| bias.len() != 1 && bias.len() != constant.shape[0]) {
        return None;
    }
    let weights = Arc::new(convolution::weights(constant, bias.as_deref(), input, target.output)?);
    Some((Operator::Dense { weights, zero: input.zero, output: target.output }, vec![codes]))
}

/// `[depth][channel]` as `[channel][depth]`; `None` for other than two axes.
fn transposed(constant: ConstantCodes) -> Option<ConstantCodes> {
    let &[depth, channels] = constant.shape.as_slice() else { return None };
    let values = (0..channels).flat_map(|n| (0..depth).map(move |k| (n, k))).map(|(n, k)| constant.values[k * channels + n]).collect();
    Some(ConstantCodes { shape: vec![channels, depth], values, scales: constant.scales, axis: 1 - constant.axis.min(1) })
}
