//! Rewrite rules: patterns of ONNX's quantised operators become [`Fused`](super::operator::Fused) operators.
//!
//! Most rules start at a `QuantizeLinear` and look upwards: through a ReLU or Clip, whose limits become the clamp of the fused operator, to an
//! operator whose operands are dequantised codes. [`movement`] works on operators that only move codes about, and carries
//! dequantisation past them, so that the others find it next to the arithmetic.

mod border;
mod convolution;
mod dense;
mod elementwise;
mod lookup;
mod movement;
mod norm;
mod plumbing;
mod pool;
mod resize;
mod window;

use tract_onnx::tract_core::{internal::*, model::Rewriter};

use super::{
    graph::{Kept, Reader},
    operator::{Fused, Operator, Output},
};

/// What a rule found: the operator and the outlets it takes.
type Found = Option<(Operator, Vec<OutletId>)>;

/// Applies every rule until none finds anything more.
///
/// # Errors
/// When tract cannot apply a patch.
pub fn apply(model: &mut TypedModel) -> TractResult<()> {
    let rules = Rewriter::<()>::default()
        .with_rule_for::<Kept>("plumbing", |(), model, node, _, kept| plumbing::rule(model, node, kept))
        .with_rule_for::<Kept>("movement", |(), model, node, name, kept| movement::rule(model, node, name, kept))
        .with_rule_for::<Kept>("quantised", |(), model, node, name, kept| quantised(model, node, name, kept))
        .with_rule_for::<Kept>("hoist", |(), model, node, name, kept| movement::hoist(model, node, name, kept));
    rules.rewrite(&(), model)?;
    // What is left of quantisation stands at the border of operators that stay in f32.
    Rewriter::<()>::default()
        .with_rule_for::<Kept>("norm", |(), model, node, name, kept| norm::rule(model, node, name, kept))
        .with_rule_for::<Kept>("border", |(), model, node, name, kept| border::rule(model, node, name, kept))
        .rewrite(&(), model)
}

/// The patterns that end in a `QuantizeLinear`, each tried in turn.
const PATTERNS: [fn(&Target) -> Found; 9] = [
    lookup::find,
    convolution::find,
    convolution::find_batch_norm,
    dense::find,
    elementwise::find,
    pool::find,
    elementwise::find_concat,
    resize::find,
    norm::find,
];

fn quantised(model: &TypedModel, node: &TypedNode, name: &str, kept: &Kept) -> TractResult<Option<TypedModelPatch>> {
    let reader = Reader { model };
    let Some(target) = Target::read(reader, node, kept) else { return Ok(None) };
    match PATTERNS.iter().find_map(|pattern| pattern(&target)) {
        Some((operator, inputs)) => replace(model, node, name, operator, &inputs).map(Some),
        None => Ok(None),
    }
}

/// The patch that puts `operator` on `inputs` in the place of `node`.
fn replace(model: &TypedModel, node: &TypedNode, name: &str, operator: Operator, inputs: &[OutletId]) -> TractResult<TypedModelPatch> {
    let mut patch = TypedModelPatch::default();
    let taps = patch.taps(model, inputs)?;
    let fact = &node.outputs[0].fact;
    let fused = Fused { operator, output: fact.datum_type.fact(fact.shape.clone()) };
    let wires = patch.wire_node(name, fused, &taps)?;
    patch.shunt_outside(model, node.id.into(), wires[0])?;
    Ok(patch)
}

/// The end of a quantised pattern.
struct Target<'a> {
    reader: Reader<'a>,
    /// The real tensor that is quantised, above any ReLU or Clip.
    source: OutletId,
    /// The tensor that is quantised, below them.
    last: OutletId,
    /// Codes that come out.
    output: Output,
    /// Shape of the output.
    shape: Vec<usize>,
}

impl<'a> Target<'a> {
    fn read(reader: Reader<'a>, node: &TypedNode, kept: &Kept) -> Option<Self> {
        if kept.op_type() != "QuantizeLinear" {
            return None;
        }
        let quant = reader.quant(node, kept)?;
        let last = node.inputs[0];
        let (mut source, mut lowest, mut highest) = (last, f32::NEG_INFINITY, f32::INFINITY);
        while let Some((above, clip)) = reader.kept(source) {
            if !reader.has_one_reader(source) {
                break;
            }
            let Some((low, high)) = lookup::limits(reader, above, clip) else { break };
            // The later operator has the last word: its limits bound whatever the earlier ones let through.
            (lowest, highest) = (low.clamp(lowest, highest), high.clamp(lowest, highest));
            source = above.inputs[0];
        }
        let code = |real: f32, end: u8| if real.is_finite() { quant.code(real) } else { end };
        let output = Output { quant, lowest: code(lowest, 0), highest: code(highest, 255) };
        Some(Self { reader, source, last, output, shape: reader.shape(OutletId::new(node.id, 0))? })
    }

    /// The operator above the clamp, when only this pattern reads it.
    fn operator(&self) -> Option<(&'a TypedNode, &'a Kept)> {
        let one_reader = self.reader.has_one_reader(self.source);
        self.reader.kept(self.source).filter(|_| one_reader)
    }
}
