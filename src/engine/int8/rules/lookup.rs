//! Functions of one variable between codes and codes: a table of 256.

use std::sync::Arc;

use tract_onnx::tract_core::internal::{OutletId, TypedNode};

use super::{
    super::{
        graph::{Kept, Reader},
        operator::{Operator, Output, Quant},
    },
    Found, Target,
};

/// Operators in a row that may become one table.
const LONGEST_CHAIN: usize = 8;

pub(super) fn find(target: &Target) -> Found {
    let mut functions: Vec<Box<dyn Fn(f64) -> f64>> = Vec::new();
    let mut outlet = target.last;
    let (codes, quant) = loop {
        if let Some(found) = target.reader.dequantised(outlet) {
            break found;
        }
        let (node, kept) = target.reader.kept(outlet)?;
        if functions.len() == LONGEST_CHAIN || !target.reader.has_one_reader(outlet) {
            return None;
        }
        let (source, function) = function(target.reader, node, kept)?;
        functions.push(function);
        outlet = source;
    };
    if target.reader.tensor(codes).is_some() {
        return None;
    }
    let unclamped = Output { quant: target.output.quant, lowest: 0, highest: 255 };
    let apply = |real: f32| functions.iter().rev().fold(f64::from(real), |value, function| function(value)) as f32;
    match table(quant, unclamped, apply) {
        Some(table) => Some((Operator::Lookup(table), vec![codes])),
        None => Some((Operator::Reshape, vec![codes])),
    }
}

/// `function` from codes of `input` to codes of `output` as a table; `None` when every code stays what it is.
pub(super) fn table(input: Quant, output: Output, function: impl Fn(f32) -> f32) -> Option<Arc<[u8; 256]>> {
    let code = |code: usize| output.quant.code(function(input.real(code as u8))).clamp(output.lowest, output.highest);
    let table: [u8; 256] = std::array::from_fn(code);
    let changes = table.iter().enumerate().any(|(code, &mapped)| code != usize::from(mapped));
    changes.then(|| Arc::new(table))
}

/// The limits of a `Relu` or `Clip`.
pub(super) fn limits(reader: Reader, node: &TypedNode, kept: &Kept) -> Option<(f32, f32)> {
    let bound = |name: &str, at: usize, otherwise: f32| -> Option<f32> {
        if let Some(value) = kept.attribute::<f32>(name).ok()? {
            return Some(value);
        }
        match kept.input(node, at) {
            Some(outlet) => reader.constant_reals(outlet)?.1.first().copied(),
            None => Some(otherwise),
        }
    };
    match kept.op_type() {
        "Relu" => Some((0.0, f32::INFINITY)),
        "Clip" => Some((bound("min", 1, f32::NEG_INFINITY)?, bound("max", 2, f32::INFINITY)?)),
        _ => None,
    }
}

type Function = Box<dyn Fn(f64) -> f64>;

/// The function that `kept` is, and the one tensor that it is a function of.
fn function(reader: Reader, node: &TypedNode, kept: &Kept) -> Option<(OutletId, Function)> {
    let attribute = |name: &str, otherwise: f32| Some(f64::from(kept.attribute::<f32>(name).ok()?.unwrap_or(otherwise)));
    let first = kept.input(node, 0)?;
    let function: Function = match kept.op_type() {
        "Relu" | "Clip" => {
            let (low, high) = limits(reader, node, kept)?;
            Box::new(move |x| x.max(low.into()).min(high.into()))
        }
        "Identity" => Box::new(|x| x),
        "LeakyRelu" => {
            let alpha = attribute("alpha", 0.01)?;
            Box::new(move |x| if x < 0.0 { alpha * x } else { x })
        }
        "Elu" => {
            let alpha = attribute("alpha", 1.0)?;
            Box::new(move |x| if x < 0.0 { alpha * x.exp_m1() } else { x })
        }
        "Sigmoid" => Box::new(sigmoid),
        "HardSigmoid" => {
            let (alpha, beta) = (attribute("alpha", 0.2)?, attribute("beta", 0.5)?);
            Box::new(move |x| (alpha * x + beta).clamp(0.0, 1.0))
        }
        "HardSwish" => Box::new(|x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        "Tanh" => Box::new(f64::tanh),
        "Erf" => Box::new(erf),
        "Gelu" => {
            if kept.attribute::<&str>("approximate").ok()?.is_some_and(|kind| kind == "tanh") {
                Box::new(|x| 0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x)).tanh()))
            } else {
                Box::new(|x| 0.5 * x * (1.0 + erf(x * std::f64::consts::FRAC_1_SQRT_2)))
            }
        }
        "Sqrt" => Box::new(|x| x.max(0.0).sqrt()),
        "Exp" => Box::new(f64::exp),
        "Abs" => Box::new(f64::abs),
        "Neg" => Box::new(|x| -x),
        "Softplus" => Box::new(|x| x.max(0.0) + (-x.abs()).exp().ln_1p()),
        "Mish" => Box::new(|x| x * (x.max(0.0) + (-x.abs()).exp().ln_1p()).tanh()),
        "Add" | "Sub" | "Mul" | "Div" | "Pow" => return with_constant(reader, node, kept),
        _ => return None,
    };
    Some((first, function))
}

/// Arithmetic with a constant of one value, on either side.
fn with_constant(reader: Reader, node: &TypedNode, kept: &Kept) -> Option<(OutletId, Function)> {
    let (left, right) = (kept.input(node, 0)?, kept.input(node, 1)?);
    let one_value = |outlet| reader.constant_reals(outlet).filter(|(_, values)| values.len() == 1).map(|(_, values)| f64::from(values[0]));
    let (source, constant, flipped) = match (one_value(left), one_value(right)) {
        (None, Some(constant)) => (left, constant, false),
        (Some(constant), None) => (right, constant, true),
        _ => return None,
    };
    let function: Function = match (kept.op_type(), flipped) {
        ("Add", _) => Box::new(move |x| x + constant),
        ("Mul", _) => Box::new(move |x| x * constant),
        ("Sub", false) => Box::new(move |x| x - constant),
        ("Sub", true) => Box::new(move |x| constant - x),
        ("Div", false) if constant != 0.0 => Box::new(move |x| x / constant),
        ("Pow", false) => Box::new(move |x| x.powf(constant)),
        _ => return None,
    };
    // A constant of more axes than the variable would change the shape.
    (reader.shape(source)? == reader.shape(OutletId::new(node.id, 0))?).then_some((source, function))
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The error function by Abramowitz and Stegun 7.1.26; absolute error below 1.5e-7, far below half a step of 8 bits.
fn erf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let poly = t * (0.254_829_592 + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    (1.0 - poly * (-x * x).exp()).copysign(x)
}
