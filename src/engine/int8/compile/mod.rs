//! From tract's graph of fused operators to a [`Program`]: memory layout, packed weights, places in the arena.

mod arithmetic;
mod convolution;
mod copies;
mod foreign;
mod pictures;
mod real;
mod taps;
mod writer;

use std::collections::{HashMap, HashSet};

use tract_onnx::tract_core::{internal::*, ops::konst::Const};

use super::{
    kernels::{CODE_OFFSET, Family},
    operator::{Fused, Operator},
    program::{Affine, Element, Layout, Operation, Program, Real, ValueId},
};
pub(super) use foreign::Island;
use writer::Writer;

/// A program with the parts of the graph that stay tract's.
pub(super) struct Compiled {
    /// What the engine runs.
    pub program: Program,
    /// What it asks tract to run, by the index in [`Operation::Foreign`].
    pub islands: Vec<Island>,
}

/// Compiles `model` for `family`.
///
/// # Errors
/// When shapes are not known, or tract cannot run an operator that no rule took up.
pub(super) fn compile(model: &TypedModel, family: Family) -> TractResult<Compiled> {
    let mut compiler = Compiler { model, writer: Writer::new(family), outlets: HashMap::new(), done: HashSet::new(), islands: Vec::new() };
    for &input in model.input_outlets()? {
        let value = compiler.declare_input(input)?;
        compiler.outlets.insert(input, value);
        compiler.done.insert(input.node);
    }
    let order: Vec<usize> = model.eval_order()?.into_iter().filter(|&id| !model.node(id).op_is::<Const>()).collect();
    loop {
        compiler.lower_ready(&order)?;
        if order.iter().all(|id| compiler.done.contains(id)) {
            break;
        }
        compiler.take_island(&order)?;
    }
    let outputs = model.output_outlets()?.iter().map(|&outlet| compiler.output(outlet)).collect::<TractResult<Vec<_>>>()?;
    let program = compiler.writer.finish(outputs);
    Ok(Compiled { program, islands: compiler.islands })
}

/// What stored codes mean when ONNX's own integers of type `datum` are meant.
fn integer_codes(datum: DatumType) -> Affine {
    Affine { scale: 1.0, zero_point: if datum == DatumType::I8 { 128 } else { 0 } - CODE_OFFSET }
}

struct Compiler<'a> {
    model: &'a TypedModel,
    writer: Writer,
    /// The value behind each outlet that is lowered.
    outlets: HashMap<OutletId, ValueId>,
    /// Nodes that are lowered.
    done: HashSet<usize>,
    islands: Vec<Island>,
}

impl Compiler<'_> {
    fn shape(&self, outlet: OutletId) -> TractResult<Vec<usize>> {
        let fact = self.model.outlet_fact(outlet)?;
        Ok(fact.shape.as_concrete().with_context(|| format!("the shape {:?} is not known before the graph runs", fact.shape))?.to_vec())
    }

    fn declare_input(&mut self, outlet: OutletId) -> TractResult<ValueId> {
        let shape = self.shape(outlet)?;
        let datum = self.model.outlet_fact(outlet)?.datum_type;
        let element = foreign::element(datum)?;
        if element != Element::Code {
            return Ok(self.writer.input(shape, element));
        }
        // Whoever runs the graph gives the integers that ONNX means as reals.
        let integers = self.writer.input(shape, Element::F32);
        self.writer.name = self.model.outlet_label(outlet).unwrap_or("input").to_owned();
        let codes = self.writer.like(integers, Element::Code);
        self.writer.step(Operation::Quantise(integer_codes(datum)), &[integers], &[codes]);
        Ok(codes)
    }

    /// Lowers fused operators as long as the inputs of one are there.
    fn lower_ready(&mut self, order: &[usize]) -> TractResult<()> {
        for &id in order {
            let node = self.model.node(id);
            let ready = node.inputs.iter().all(|outlet| self.is_ready(*outlet));
            if let Some(fused) = node.op_as::<Fused>().filter(|_| ready && !self.done.contains(&id)) {
                let inputs = node.inputs.iter().map(|&outlet| self.value(outlet)).collect::<TractResult<Vec<_>>>()?;
                let shape = self.shape(id.into())?;
                self.writer.name = node.name.clone();
                let value = self.lower(&fused.operator, &inputs, shape)?;
                self.outlets.insert(id.into(), value);
                self.done.insert(id);
            }
        }
        Ok(())
    }

    fn is_ready(&self, outlet: OutletId) -> bool {
        self.done.contains(&outlet.node) || self.model.node(outlet.node).op_is::<Const>()
    }

    /// The value behind `outlet`, which is lowered or constant.
    fn value(&mut self, outlet: OutletId) -> TractResult<ValueId> {
        if let Some(&value) = self.outlets.get(&outlet) {
            return Ok(value);
        }
        let constant = self.model.outlet_fact(outlet)?.konst.clone().context("an operator before its inputs")?;
        let (element, bytes) = foreign::constant(&constant)?;
        let value = self.writer.constant(constant.shape().to_vec(), element, &bytes);
        self.outlets.insert(outlet, value);
        Ok(value)
    }

    /// A value that leaves the graph: row-major, reals or the integers that ONNX means.
    fn output(&mut self, outlet: OutletId) -> TractResult<ValueId> {
        let value = self.value(outlet)?;
        self.writer.name = self.model.outlet_label(outlet).unwrap_or("output").to_owned();
        let datum = self.model.outlet_fact(outlet)?.datum_type;
        if self.writer.value(value).element != Element::Code {
            return Ok(self.writer.want(value, Layout::RowMajor));
        }
        let integers = self.writer.like(value, Element::F32);
        self.writer.step(Operation::Dequantise(integer_codes(datum)), &[value], &[integers]);
        Ok(self.writer.want(integers, Layout::RowMajor))
    }

    fn lower(&mut self, operator: &Operator, inputs: &[ValueId], shape: Vec<usize>) -> TractResult<ValueId> {
        let writer = &mut self.writer;
        Ok(match operator {
            Operator::Convolution { window, groups, weights, zero, output } => {
                convolution::convolution(writer, inputs[0], shape, window, *groups, weights, *zero, output)
            }
            Operator::Dense { weights, zero, output } => convolution::dense(writer, inputs[0], shape, weights, *zero, output),
            Operator::Product { a, b, output } => arithmetic::product(writer, inputs, shape, (a, b), output),
            Operator::Add { a, b, sign, output } => arithmetic::add(writer, inputs, shape, (a, b), *sign, output),
            Operator::Multiply { a, b, output } => arithmetic::multiply(writer, inputs, shape, (a, b), output),
            Operator::Lookup(table) => copies::lookup(writer, inputs[0], table),
            Operator::MaxPool(window) => pictures::max_pool(writer, inputs[0], shape, window),
            Operator::AveragePool { window, count_padding, input, output } => {
                pictures::average_pool(writer, inputs[0], shape, window, *count_padding, (input, output))
            }
            Operator::Reduce { over, inner, picture, mean } => {
                pictures::reduce(writer, inputs[0], shape, (*over, *inner), *picture, mean.as_ref())
            }
            Operator::Concat { axis, tables } => copies::concat(writer, inputs, shape, *axis, tables),
            Operator::Reshape => copies::reshape(writer, inputs[0], shape),
            Operator::Strided { axes, fixed } => copies::strided(writer, inputs[0], shape, axes, fixed),
            Operator::Pad { before, code } => copies::pad(writer, inputs[0], shape, before, *code),
            Operator::Resize { rows, columns, linear } => pictures::resize(writer, inputs[0], shape, rows, columns, linear.as_ref()),
            Operator::Softmax { over_channels, input, output } => arithmetic::softmax(writer, inputs[0], *over_channels, *input, *output),
            Operator::LayerNorm { input, output, factor, offset, epsilon } => {
                arithmetic::layer_norm(writer, inputs[0], (*input, *output), (factor, offset), *epsilon)
            }
            Operator::RealReduce { kind, over, inner, picture } => real::reduce(writer, inputs[0], shape, *kind, (*over, *inner), *picture),
            Operator::RealDense { weights, bias } => real::dense(writer, inputs[0], shape, weights, bias),
            Operator::RealProduct => real::product(writer, inputs, shape),
            Operator::RealCombine(kind) => real::combine(writer, inputs, shape, *kind),
            Operator::RealClamp(lowest, highest) => real::map(writer, inputs[0], Real::Clamp { lowest: *lowest, highest: *highest }),
            Operator::RealFunction(function) => real::map(writer, inputs[0], Real::Function(*function)),
            Operator::RealResize { rows, columns } => real::resize(writer, inputs[0], shape, rows, columns),
            Operator::Quantise(quant) => arithmetic::quantise(writer, inputs[0], quant),
            Operator::Dequantise(quant) => arithmetic::dequantise(writer, inputs[0], quant),
        })
    }
}
