//! Reading quantised patterns out of a typed graph.

use std::sync::Arc;

use tract_onnx::tract_core::internal::*;

use super::{
    super::operator::{Fused, Operator, Quant},
    Kept,
};

/// A typed graph whose ONNX operators are [`Kept`].
#[derive(Clone, Copy)]
pub(in crate::engine::int8) struct Reader<'a> {
    pub model: &'a TypedModel,
}

/// Constant codes with their meaning.
pub(in crate::engine::int8) struct ConstantCodes {
    /// Length of each axis.
    pub shape: Vec<usize>,
    /// Row-major, zero point taken off.
    pub values: Vec<i16>,
    /// One scale, or one for each index along `axis`.
    pub scales: Vec<f32>,
    /// Axis of the scales.
    pub axis: usize,
}

impl<'a> Reader<'a> {
    /// The kept operator that makes `outlet`.
    pub(in crate::engine::int8) fn kept(&self, outlet: OutletId) -> Option<(&'a TypedNode, &'a Kept)> {
        let node = self.model.node(outlet.node);
        Some((node, node.op_as::<Kept>()?))
    }

    /// Shape of `outlet`, if it is known.
    pub(in crate::engine::int8) fn shape(&self, outlet: OutletId) -> Option<Vec<usize>> {
        Some(self.model.outlet_fact(outlet).ok()?.shape.as_concrete()?.to_vec())
    }

    /// Type of `outlet`.
    pub(in crate::engine::int8) fn datum(&self, outlet: OutletId) -> Option<DatumType> {
        Some(self.model.outlet_fact(outlet).ok()?.datum_type)
    }

    /// Whether one node alone reads `outlet` and nobody outside does.
    pub(in crate::engine::int8) fn has_one_reader(&self, outlet: OutletId) -> bool {
        self.model.node(outlet.node).outputs[outlet.slot].successors.len() == 1
            && self.model.output_outlets().is_ok_and(|outputs| !outputs.contains(&outlet))
    }

    /// The constant behind `outlet`.
    pub(in crate::engine::int8) fn tensor(&self, outlet: OutletId) -> Option<Arc<Tensor>> {
        self.model.outlet_fact(outlet).ok()?.konst.clone()
    }

    /// Scales, zero points and their axis, of a `QuantizeLinear` or `DequantizeLinear` whose codes are of type `codes`.
    fn parameters(&self, node: &TypedNode, kept: &Kept, codes: DatumType) -> Option<(Vec<f32>, Vec<i32>, i64)> {
        let scales = self.tensor(kept.input(node, 1)?)?;
        let scales = scales.cast_to::<f32>().ok()?.try_as_plain_ram().ok()?.as_slice::<f32>().ok()?.to_vec();
        let zeros = match kept.input(node, 2) {
            Some(zeros) => self.tensor(zeros)?.cast_to::<i32>().ok()?.try_as_plain_ram().ok()?.as_slice::<i32>().ok()?.to_vec(),
            None => vec![0; scales.len()],
        };
        let axis = kept.attribute::<i64>("axis").ok()?.unwrap_or(1);
        let known = matches!(codes, DatumType::U8 | DatumType::I8 | DatumType::I32);
        let usable = known && zeros.len() == scales.len() && scales.iter().all(|scale| scale.is_finite() && *scale > 0.0);
        usable.then_some((scales, zeros, axis))
    }

    /// What the codes that `node`, a `QuantizeLinear` or `DequantizeLinear`, makes or takes mean, when one scale serves the whole tensor.
    pub(in crate::engine::int8) fn quant(&self, node: &TypedNode, kept: &Kept) -> Option<Quant> {
        let codes = if kept.op_type() == "QuantizeLinear" { OutletId::new(node.id, 0) } else { node.inputs[0] };
        let datum = self.datum(codes)?;
        let (scales, zeros, _) = self.parameters(node, kept, datum)?;
        let offset = match datum {
            DatumType::U8 => 0,
            DatumType::I8 => 128,
            _ => return None,
        };
        (scales.len() == 1).then(|| Quant { scale: scales[0], zero: zeros[0] + offset })
    }

    /// The codes and their meaning behind the real tensor `outlet`, constants included.
    pub(in crate::engine::int8) fn dequantised(&self, outlet: OutletId) -> Option<(OutletId, Quant)> {
        let (node, kept) = self.kept(outlet)?;
        if kept.op_type() != "DequantizeLinear" {
            return None;
        }
        Some((node.inputs[0], self.quant(node, kept)?))
    }

    /// The codes that `outlet` is a function of, one by one, and the function.
    pub(in crate::engine::int8) fn lookup(&self, outlet: OutletId) -> Option<(OutletId, &'a [u8; 256])> {
        let node = self.model.node(outlet.node);
        match node.op_as::<Fused>() {
            Some(Fused { operator: Operator::Lookup(table), .. }) => Some((node.inputs[0], table)),
            _ => None,
        }
    }

    /// Constant codes behind the real tensor `outlet`.
    pub(in crate::engine::int8) fn constant_codes(&self, outlet: OutletId) -> Option<ConstantCodes> {
        let (node, kept) = self.kept(outlet)?;
        match kept.op_type() {
            "DequantizeLinear" => {
                let codes = self.tensor(node.inputs[0])?;
                let (scales, zeros, axis) = self.parameters(node, kept, codes.datum_type())?;
                let shape = codes.shape().to_vec();
                let axis = usize::try_from(if axis < 0 { axis + shape.len() as i64 } else { axis }).ok()?;
                if scales.len() > 1 && shape.get(axis) != Some(&scales.len()) {
                    return None;
                }
                let inner: usize = shape.iter().skip(axis + 1).product();
                let integers = codes.cast_to::<i32>().ok()?;
                let integers = integers.try_as_plain_ram().ok()?.as_slice::<i32>().ok()?;
                let zero = |at: usize| if zeros.len() == 1 { zeros[0] } else { zeros[at / inner % zeros.len()] };
                let values = integers.iter().enumerate().map(|(at, code)| i16::try_from(code - zero(at)).ok()).collect::<Option<_>>()?;
                Some(ConstantCodes { shape, values, scales, axis })
            }
            "Transpose" => {
                let source = self.constant_codes(node.inputs[0])?;
                let rank = source.shape.len();
                let permutation = permutation(kept, rank)?;
                let strides = super::super::program::strides(&source.shape, super::super::program::Layout::RowMajor);
                let shape: Vec<usize> = permutation.iter().map(|&axis| source.shape[axis]).collect();
                let mut values = Vec::with_capacity(source.values.len());
                let mut index = vec![0usize; rank];
                for _ in 0..source.values.len() {
                    values.push(source.values[index.iter().zip(&permutation).map(|(at, &axis)| at * strides[axis]).sum::<usize>()]);
                    for axis in (0..rank).rev() {
                        index[axis] += 1;
                        if index[axis] < shape[axis] {
                            break;
                        }
                        index[axis] = 0;
                    }
                }
                let axis = permutation.iter().position(|&axis| axis == source.axis)?;
                Some(ConstantCodes { shape, values, scales: source.scales, axis })
            }
            _ => None,
        }
    }

    /// The constant reals behind `outlet`, dequantised where they are stored as codes, with their shape.
    pub(in crate::engine::int8) fn constant_reals(&self, outlet: OutletId) -> Option<(Vec<usize>, Vec<f32>)> {
        if let Some(tensor) = self.tensor(outlet) {
            let values = tensor.cast_to::<f32>().ok()?.try_as_plain_ram().ok()?.as_slice::<f32>().ok()?.to_vec();
            return Some((tensor.shape().to_vec(), values));
        }
        let (node, kept) = self.kept(outlet)?;
        if kept.op_type() != "DequantizeLinear" {
            return None;
        }
        let codes = self.tensor(node.inputs[0])?;
        let (scales, zeros, axis) = self.parameters(node, kept, codes.datum_type())?;
        let shape = codes.shape().to_vec();
        let axis = usize::try_from(if axis < 0 { axis + shape.len() as i64 } else { axis }).ok()?;
        let inner: usize = shape.iter().skip(axis + 1).product();
        let integers = codes.cast_to::<i32>().ok()?;
        let integers = integers.try_as_plain_ram().ok()?.as_slice::<i32>().ok()?;
        let channel = |at: usize| if scales.len() == 1 { 0 } else { at / inner % scales.len() };
        let real = |(at, code): (usize, &i32)| (code - zeros[channel(at)]) as f32 * scales[channel(at)];
        Some((shape, integers.iter().enumerate().map(real).collect()))
    }

    /// The constant integers behind `outlet`.
    pub(in crate::engine::int8) fn constant_integers(&self, outlet: OutletId) -> Option<Vec<i64>> {
        Some(self.tensor(outlet)?.cast_to::<i64>().ok()?.try_as_plain_ram().ok()?.as_slice::<i64>().ok()?.to_vec())
    }
}

/// The permutation of a `Transpose`: output axis `i` is input axis `permutation[i]`.
pub(in crate::engine::int8) fn permutation(kept: &Kept, rank: usize) -> Option<Vec<usize>> {
    let given = kept.integers("perm").ok()?;
    let axes = given.unwrap_or_else(|| (0..rank as i64).rev().collect());
    axes.into_iter().map(|axis| usize::try_from(axis).ok().filter(|axis| *axis < rank)).collect()
}
