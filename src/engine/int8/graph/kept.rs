//! ONNX operators that stay whole in tract's typed graph, so that rewrite rules can tell what they are.
//!
//! tract expands an ONNX operator into simpler ones when it types a graph (a `GlobalAveragePool` into sum, cast and division, say).
//! [`Kept`] is a typed node that still is the ONNX operator, with tract's own expansion beside it: rules replace it by a fused operator,
//! and [`expand_all`] puts tract's expansion in the place of those that are left.

use std::collections::HashMap;
use std::sync::Arc;

use tract_onnx::{
    model::{OnnxOpRegister, ParsingContext},
    pb::NodeProto,
    pb_helpers::AttrScalarType,
    tract_core::internal::*,
    tract_hir::infer::{InferenceFact, InferenceModel, InferenceNode, InferenceOp},
};

/// Operators that rules know. Others are tract's from the start.
const KNOWN: [&str; 54] = [
    "QuantizeLinear",
    "DequantizeLinear",
    "Conv",
    "Gemm",
    "MatMul",
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Pow",
    "Relu",
    "Clip",
    "LeakyRelu",
    "Elu",
    "Sigmoid",
    "HardSigmoid",
    "HardSwish",
    "Tanh",
    "Erf",
    "Gelu",
    "Sqrt",
    "Exp",
    "Abs",
    "Neg",
    "Softplus",
    "Mish",
    "MaxPool",
    "AveragePool",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "ReduceMean",
    "ReduceSum",
    "ReduceMax",
    "ReduceMin",
    "Max",
    "Min",
    "Reciprocal",
    "Expand",
    "Concat",
    "Resize",
    "Softmax",
    "LayerNormalization",
    "Reshape",
    "Flatten",
    "Squeeze",
    "Unsqueeze",
    "Transpose",
    "Slice",
    "Split",
    "Pad",
    "Gather",
    "BatchNormalization",
    "Cast",
    "Identity",
];

/// Axes of a picture: a constant of no more values may be part of a shape.
const LONGEST_SHAPE: usize = 4;

/// Makes the operators that rules know stay whole in graphs that are read with `register`.
pub(in crate::engine::int8) fn register(register: &mut OnnxOpRegister) {
    for name in KNOWN {
        if let Some(original) = register.0.get(name).copied() {
            register.0.insert(original_name(name), original);
            register.insert(name, defer);
        }
    }
}

fn original_name(op_type: &str) -> String {
    format!("tract's own {op_type}")
}

fn defer(ctx: &ParsingContext, node: &NodeProto) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let original = ctx.framework.op_register.0.get(&original_name(&node.op_type)).context("registered together with its original")?;
    let (inner, closures) = original(ctx, node)?;
    let optional: Vec<Option<usize>> = tract_onnx::model::optional_inputs(node).take(node.input.len()).collect();
    let onnx = Arc::new(Onnx { node: node.clone(), optional, opset: ctx.onnx_operator_set_version });
    Ok((Box::new(Deferred { onnx, inner }), closures))
}

/// An ONNX node as it stands in the file.
#[derive(Debug)]
struct Onnx {
    node: NodeProto,
    /// For each input that ONNX lists, which one of tract's it is; ONNX may leave inputs out.
    optional: Vec<Option<usize>>,
    opset: i64,
}

/// The inference-time form of [`Kept`]: shapes and types are worked out by tract's own operator.
#[derive(Debug, Clone)]
struct Deferred {
    onnx: Arc<Onnx>,
    inner: Box<dyn InferenceOp>,
}

impl PartialEq for Deferred {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.onnx, &other.onnx)
    }
}
impl Eq for Deferred {}

impl Op for Deferred {
    fn name(&self) -> StaticName {
        self.onnx.node.op_type.clone().into()
    }
    not_a_typed_op!();
}

impl EvalOp for Deferred {
    fn eval_out_of_plan(&self, inputs: TVec<TValue>) -> TractResult<Option<TVec<TValue>>> {
        // Folding the weights' dequantisation would lose their codes and scales. But some exporters quantise what a graph computes its
        // shapes from, and shapes must be known.
        let is_weights = inputs.first().is_none_or(|codes| codes.volume() > LONGEST_SHAPE);
        if self.onnx.node.op_type == "DequantizeLinear" && is_weights { Ok(None) } else { self.inner.eval_out_of_plan(inputs) }
    }
}

impl InferenceOp for Deferred {
    fn infer_facts(
        &mut self,
        inputs: TVec<&InferenceFact>,
        outputs: TVec<&InferenceFact>,
        observed: TVec<&InferenceFact>,
    ) -> TractResult<(TVec<InferenceFact>, TVec<InferenceFact>, TVec<InferenceFact>)> {
        self.inner.infer_facts(inputs, outputs, observed)
    }

    fn nboutputs(&self) -> TractResult<usize> {
        self.inner.nboutputs()
    }

    as_op!();

    fn to_typed(
        &self,
        source: &InferenceModel,
        node: &InferenceNode,
        target: &mut TypedModel,
        mapping: &HashMap<OutletId, OutletId>,
    ) -> TractResult<TVec<OutletId>> {
        let inputs: TVec<OutletId> = node.inputs.iter().map(|outlet| mapping[outlet]).collect();
        let facts: Vec<TypedFact> = inputs.iter().map(|&outlet| target.outlet_fact(outlet).cloned()).collect::<TractResult<_>>()?;
        if facts.iter().all(|fact| fact.konst.is_some()) && self.onnx.node.op_type != "DequantizeLinear" {
            let values = facts.iter().filter_map(|fact| fact.konst.clone()).map(|konst| konst.into_tvalue()).collect();
            if let Some(values) = self.inner.eval_out_of_plan(values)? {
                let names = (0..).map(|slot| format!("{}.{slot}", node.name));
                return names.zip(values).map(|(name, value)| target.add_const(name, value.into_arc_tensor())).collect();
            }
        }
        let body = self.body(source, node, &facts);
        let outputs: TVec<TypedFact> = match &body {
            Ok(body) => body.output_outlets()?.iter().map(|&outlet| body.outlet_fact(outlet).cloned()).collect::<TractResult<_>>()?,
            Err(_) => node.outputs.iter().map(|output| TypedFact::try_from(&output.fact)).collect::<TractResult<_>>()?,
        };
        let ours = |fact: &TypedFact| matches!(fact.datum_type, DatumType::F32 | DatumType::U8 | DatumType::I8) && fact.shape.is_concrete();
        if !outputs.iter().all(ours) || inputs.is_empty() {
            return self.inner.to_typed(source, node, target, mapping);
        }
        let outputs = outputs.into_iter().map(|fact| fact.datum_type.fact(fact.shape)).collect();
        let body = body.map(Arc::new).map_err(|cause| format!("{cause:#}"));
        target.wire_node(&node.name, Kept { onnx: Arc::clone(&self.onnx), body, outputs }, &inputs)
    }
}

impl Deferred {
    /// tract's expansion of this operator for inputs of these facts, as a graph of its own.
    fn body(&self, source: &InferenceModel, node: &InferenceNode, facts: &[TypedFact]) -> TractResult<TypedModel> {
        let mut body = TypedModel::default();
        let mut mapping = HashMap::new();
        for (at, (outlet, fact)) in node.inputs.iter().zip(facts).enumerate() {
            let name = format!("input.{at}");
            let wire = match &fact.konst {
                Some(konst) => body.add_const(name, Arc::clone(konst))?,
                None => body.add_source(name, fact.clone())?,
            };
            mapping.insert(*outlet, wire);
        }
        let outputs = self.inner.to_typed(source, node, &mut body, &mapping)?;
        body.select_output_outlets(&outputs)?;
        Ok(body)
    }
}

/// An ONNX operator in a typed graph.
#[derive(Debug, Clone)]
pub(in crate::engine::int8) struct Kept {
    onnx: Arc<Onnx>,
    /// tract's expansion; its sources are the inputs that are not constant, in order. Otherwise why tract has none.
    body: Result<Arc<TypedModel>, String>,
    outputs: TVec<TypedFact>,
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.onnx, &other.onnx)
    }
}
impl Eq for Kept {}

impl Op for Kept {
    fn name(&self) -> StaticName {
        self.onnx.node.op_type.clone().into()
    }
    op_as_typed_op!();
}

impl EvalOp for Kept {
    not_out_of_plan!();
}

impl TypedOp for Kept {
    fn output_facts(&self, _inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(self.outputs.clone())
    }
    as_op!();
}

impl Kept {
    /// ONNX's name of the operator.
    pub(in crate::engine::int8) fn op_type(&self) -> &str {
        &self.onnx.node.op_type
    }

    /// Version of the standard operators that the model was written for.
    pub(in crate::engine::int8) fn opset(&self) -> i64 {
        self.onnx.opset
    }

    /// The attribute called `name`, if it is there.
    pub(in crate::engine::int8) fn attribute<'a, T: AttrScalarType<'a>>(&'a self, name: &str) -> TractResult<Option<T>> {
        self.onnx.node.get_attr_opt(name)
    }

    /// The attribute called `name`, a list of integers, if it is there.
    pub(in crate::engine::int8) fn integers(&self, name: &str) -> TractResult<Option<Vec<i64>>> {
        self.onnx.node.get_attr_opt_vec(name)
    }

    /// The outlet of `node`, whose operator this is, behind ONNX's input `at`; `None` where the file leaves it out.
    pub(in crate::engine::int8) fn input(&self, node: &TypedNode, at: usize) -> Option<OutletId> {
        node.inputs.get((*self.onnx.optional.get(at)?)?).copied()
    }

    /// The same operator on tensors of other types or shapes. Only for operators that tract need not expand afterwards.
    pub(in crate::engine::int8) fn with_outputs(&self, outputs: TVec<TypedFact>) -> Self {
        Self { onnx: Arc::clone(&self.onnx), body: Err("a rule should have replaced it".to_owned()), outputs }
    }
}

/// Puts tract's expansion in the place of every operator that is still kept.
///
/// # Errors
/// When tract has no expansion of one.
pub(in crate::engine::int8) fn expand_all(model: &TypedModel) -> TractResult<TypedModel> {
    let mut target = TypedModel::default();
    let mut mapping: HashMap<OutletId, OutletId> = HashMap::new();
    for id in model.eval_order()? {
        let node = model.node(id);
        let inputs: TVec<OutletId> = node.inputs.iter().map(|outlet| mapping[outlet]).collect();
        let outputs = match node.op_as::<Kept>() {
            Some(kept) => {
                let body = kept.body.as_ref().map_err(|cause| format_err!("{} ({}): {cause}", node.name, kept.op_type()))?;
                splice(&mut target, body, &node.name, &inputs, model, node)?
            }
            None if TypedModel::is_source(&node.op) => tvec!(target.add_source(&node.name, node.outputs[0].fact.clone())?),
            None => target.wire_node(&node.name, node.op.clone(), &inputs)?,
        };
        for (slot, outlet) in outputs.into_iter().enumerate() {
            mapping.insert(OutletId::new(id, slot), outlet);
        }
    }
    let outputs: Vec<OutletId> = model.output_outlets()?.iter().map(|outlet| mapping[outlet]).collect();
    target.select_output_outlets(&outputs)?;
    Ok(target)
}

fn splice(
    target: &mut TypedModel,
    body: &TypedModel,
    name: &str,
    inputs: &[OutletId],
    model: &TypedModel,
    node: &TypedNode,
) -> TractResult<TVec<OutletId>> {
    let mut mapping: HashMap<OutletId, OutletId> = HashMap::new();
    let variable = (0..inputs.len()).filter(|&at| model.outlet_fact(node.inputs[at]).is_ok_and(|fact| fact.konst.is_none()));
    for (&source, at) in body.input_outlets()?.iter().zip(variable) {
        mapping.insert(source, inputs[at]);
    }
    for id in body.eval_order()? {
        if mapping.contains_key(&OutletId::new(id, 0)) {
            continue;
        }
        let inner = body.node(id);
        let wires: TVec<OutletId> = inner.inputs.iter().map(|outlet| mapping[outlet]).collect();
        let outputs = target.wire_node(format!("{name}/{}", inner.name), inner.op.clone(), &wires)?;
        for (slot, outlet) in outputs.into_iter().enumerate() {
            mapping.insert(OutletId::new(id, slot), outlet);
        }
    }
    body.output_outlets()?.iter().map(|outlet| mapping.get(outlet).copied().context("an output that nothing makes")).collect()
}
