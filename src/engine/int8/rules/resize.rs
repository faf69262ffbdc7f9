//! Change of a picture's size, by nearest element or linear interpolation.

use tract_onnx::tract_core::internal::TypedNode;

use super::{
    super::{
        graph::{Kept, Reader},
        operator::Operator,
    },
    Found, Target,
};

pub(super) fn find(target: &Target) -> Found {
    let (node, kept) = target.operator().filter(|(_, kept)| kept.op_type() == "Resize")?;
    let reader = target.reader;
    let (codes, input) = reader.dequantised(kept.input(node, 0)?)?;
    let (rows, columns) = neighbours(reader, node, kept, &reader.shape(codes)?, &target.shape, "linear")?;
    Some((Operator::Resize { rows, columns, linear: Some((input, target.output)) }, vec![codes]))
}

/// One axis of a resize: for every output element the two input elements that it lies between, and how far it is from the first.
type Neighbours = Vec<(usize, usize, f32)>;

/// The rows and columns of `kept`, a `Resize` in `mode`; `None` for other modes, or when other axes change too.
pub(super) fn neighbours(
    reader: Reader,
    node: &TypedNode,
    kept: &Kept,
    input: &[usize],
    output: &[usize],
    mode: &str,
) -> Option<(Neighbours, Neighbours)> {
    let text = |name: &str, otherwise: &'static str| Some(kept.attribute::<&str>(name).ok()?.unwrap_or(otherwise).to_owned());
    let (&[n, c, height, width], &[out_n, out_c, out_height, out_width]) = (input, output) else { return None };
    let plain = kept.integers("axes").ok()?.is_none() && kept.attribute::<i64>("antialias").ok()?.unwrap_or(0) == 0;
    if text("mode", "nearest")? != mode || (n, c) != (out_n, out_c) || !plain {
        return None;
    }
    let given = kept.input(node, if kept.opset() < 11 { 1 } else { 2 }).and_then(|outlet| reader.constant_reals(outlet));
    let scale = |axis: usize, from: usize, to: usize| match &given {
        Some((_, scales)) if scales.len() == 4 => scales[axis],
        _ => to as f32 / from as f32,
    };
    let coordinates = if kept.opset() < 11 { "asymmetric".to_owned() } else { text("coordinate_transformation_mode", "half_pixel")? };
    let rounding = if kept.opset() < 11 { "floor".to_owned() } else { text("nearest_mode", "round_prefer_floor")? };
    let axis = |axis: usize, from: usize, to: usize| -> Option<Neighbours> {
        let scale = scale(axis, from, to);
        (0..to).map(|at| neighbour(at, from, to, scale, &coordinates, (mode == "nearest").then_some(&*rounding))).collect()
    };
    Some((axis(2, height, out_height)?, axis(3, width, out_width)?))
}

/// ONNX's coordinate transformation, and its rounding for the nearest element.
fn neighbour(at: usize, from: usize, to: usize, scale: f32, coordinates: &str, rounding: Option<&str>) -> Option<(usize, usize, f32)> {
    let x = at as f32;
    let original = match coordinates {
        "half_pixel" => (x + 0.5) / scale - 0.5,
        "pytorch_half_pixel" if to == 1 => 0.0,
        "pytorch_half_pixel" => (x + 0.5) / scale - 0.5,
        "asymmetric" => x / scale,
        "align_corners" if to == 1 => 0.0,
        "align_corners" => x * (from - 1) as f32 / (to - 1) as f32,
        _ => return None,
    };
    let last = (from - 1) as f32;
    let Some(rounding) = rounding else {
        let inside = original.clamp(0.0, last);
        let first = inside.floor();
        return Some((first as usize, (first + 1.0).min(last) as usize, inside - first));
    };
    let nearest = match rounding {
        "round_prefer_floor" => (original - 0.5).ceil(),
        "round_prefer_ceil" => (original + 0.5).floor(),
        "floor" => original.floor(),
        "ceil" => original.ceil(),
        _ => return None,
    };
    let nearest = nearest.clamp(0.0, last) as usize;
    Some((nearest, nearest, 0.0))
}
