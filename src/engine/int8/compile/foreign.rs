//! Parts of a graph that no rule took up: tract runs them, as islands between the engine's own steps.

use std::collections::{HashMap, HashSet};

use tract_onnx::tract_core::{internal::*, ops::konst::Const};

use super::{
    super::{
        graph::expand_all,
        kernels::CODE_OFFSET,
        operator::Fused,
        program::{Element, Layout, Operation, ValueId},
    },
    Compiler,
    writer::stored_code,
};

/// Operators that tract runs in one go.
pub struct Island {
    plan: Arc<TypedRunnableModel>,
    inputs: Vec<(DatumType, Vec<usize>)>,
    outputs: Vec<DatumType>,
    /// What is in it, as the graph had it.
    pub nodes: Vec<ForeignNode>,
}

/// An operator that stayed tract's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignNode {
    /// Name of the node.
    pub name: String,
    /// ONNX's or tract's name of the operator.
    pub operator: String,
}

/// What elements of `datum` are in a program.
pub(super) fn element(datum: DatumType) -> TractResult<Element> {
    Ok(match datum {
        DatumType::F32 => Element::F32,
        DatumType::U8 | DatumType::I8 => Element::Code,
        other => Element::Foreign(other.size_of()),
    })
}

/// The elements of a constant tensor as a program stores them.
pub(super) fn constant(tensor: &Tensor) -> TractResult<(Element, Vec<u8>)> {
    let bytes = tensor.try_as_plain_ram()?.as_bytes().to_vec();
    Ok((element(tensor.datum_type())?, to_stored(tensor.datum_type(), bytes)))
}

/// ONNX's bytes of u8 or i8 as stored codes; others as they are.
fn to_stored(datum: DatumType, mut bytes: Vec<u8>) -> Vec<u8> {
    match datum {
        DatumType::U8 => bytes.iter_mut().for_each(|code| *code = stored_code(*code)),
        DatumType::I8 => bytes.iter_mut().for_each(|code| *code = stored_code(code.wrapping_add(128))),
        _ => {}
    }
    bytes
}

/// Stored codes as ONNX's bytes of u8 or i8; others as they are.
fn from_stored(datum: DatumType, bytes: &mut [u8]) {
    let offset = match datum {
        DatumType::U8 => CODE_OFFSET as u8,
        DatumType::I8 => (CODE_OFFSET as u8).wrapping_sub(128),
        _ => return,
    };
    bytes.iter_mut().for_each(|code| *code = code.wrapping_add(offset));
}

impl Compiler<'_> {
    /// Takes every operator that is tract's, and waits for nothing but others of its kind, into an island.
    pub(super) fn take_island(&mut self, order: &[usize]) -> TractResult<()> {
        let mut members: Vec<usize> = Vec::new();
        for &id in order {
            let node = self.model.node(id);
            let waits = |outlet: &OutletId| !self.is_ready(*outlet) && !members.contains(&outlet.node);
            if !self.done.contains(&id) && !node.op_is::<Fused>() && !node.inputs.iter().any(waits) {
                members.push(id);
            }
        }
        ensure!(!members.is_empty(), "the graph has a circle");
        let inside: HashSet<usize> = members.iter().copied().collect();
        let mut body = TypedModel::default();
        let mut mapping: HashMap<OutletId, OutletId> = HashMap::new();
        let mut sources: Vec<OutletId> = Vec::new();
        for &id in &members {
            let node = self.model.node(id);
            for &outlet in &node.inputs {
                if mapping.contains_key(&outlet) {
                    continue;
                }
                let fact = self.model.outlet_fact(outlet)?;
                let name = format!("{}.{}", self.model.node(outlet.node).name, outlet.slot);
                let wire = if self.model.node(outlet.node).op_is::<Const>() {
                    body.add_const(name, fact.konst.clone().context("a constant without a value")?)?
                } else {
                    sources.push(outlet);
                    body.add_source(name, fact.datum_type.fact(fact.shape.clone()))?
                };
                mapping.insert(outlet, wire);
            }
            let inputs: TVec<OutletId> = node.inputs.iter().map(|outlet| mapping[outlet]).collect();
            for (slot, wire) in body.wire_node(&node.name, node.op.clone(), &inputs)?.into_iter().enumerate() {
                mapping.insert(OutletId::new(id, slot), wire);
            }
        }
        let leaving = self.leaving(&members, &inside)?;
        body.select_output_outlets(&leaving.iter().map(|outlet| mapping[outlet]).collect::<Vec<_>>())?;
        let nodes = members.iter().map(|&id| self.model.node(id));
        let nodes = nodes.map(|node| ForeignNode { name: node.name.clone(), operator: node.op.name().into_owned() }).collect();
        let plan = expand_all(&body)?.into_optimized()?.into_runnable()?;
        self.enter_island(&members, &sources, &leaving, plan, nodes)
    }

    /// Outlets of `members` that others read.
    fn leaving(&self, members: &[usize], inside: &HashSet<usize>) -> TractResult<Vec<OutletId>> {
        let graph_outputs = self.model.output_outlets()?;
        let outlets = members.iter().flat_map(|&id| (0..self.model.node(id).outputs.len()).map(move |slot| OutletId::new(id, slot)));
        let leaves = |outlet: &OutletId| {
            let readers = &self.model.node(outlet.node).outputs[outlet.slot].successors;
            graph_outputs.contains(outlet) || readers.iter().any(|reader| !inside.contains(&reader.node))
        };
        Ok(outlets.filter(leaves).collect())
    }

    fn enter_island(
        &mut self,
        members: &[usize],
        sources: &[OutletId],
        leaving: &[OutletId],
        plan: Arc<TypedRunnableModel>,
        nodes: Vec<ForeignNode>,
    ) -> TractResult<()> {
        self.writer.name = members.last().map(|&id| self.model.node(id).name.clone()).unwrap_or_default();
        let mut inputs: Vec<ValueId> = Vec::new();
        let mut shapes = Vec::new();
        for &outlet in sources {
            let value = self.value(outlet)?;
            inputs.push(self.writer.want(value, Layout::RowMajor));
            shapes.push((self.model.outlet_fact(outlet)?.datum_type, self.shape(outlet)?));
        }
        let mut outputs = Vec::new();
        let mut datums = Vec::new();
        for &outlet in leaving {
            let datum = self.model.outlet_fact(outlet)?.datum_type;
            let value = self.writer.declare(self.shape(outlet)?, Layout::RowMajor, element(datum)?);
            self.outlets.insert(outlet, value);
            outputs.push(value);
            datums.push(datum);
        }
        self.writer.step(Operation::Foreign(self.islands.len()), &inputs, &outputs);
        self.islands.push(Island { plan, inputs: shapes, outputs: datums, nodes });
        self.done.extend(members);
        Ok(())
    }
}

impl Island {
    /// Runs the operators on row-major tensors.
    ///
    /// # Errors
    /// What tract says when it fails.
    pub fn run(&self, inputs: &[&[u8]], outputs: &mut [&mut [u8]]) -> TractResult<()> {
        let tensors = self.inputs.iter().zip(inputs).map(|((datum, shape), bytes)| {
            let mut bytes = bytes.to_vec();
            from_stored(*datum, &mut bytes);
            let mut tensor = Tensor::zero_dt(*datum, shape)?;
            tensor.try_as_plain_ram_mut()?.as_bytes_mut().copy_from_slice(&bytes);
            Ok(tensor.into_tvalue())
        });
        let results = self.plan.run(tensors.collect::<TractResult<TVec<_>>>()?)?;
        for ((result, datum), output) in results.iter().zip(&self.outputs).zip(outputs) {
            let bytes = to_stored(*datum, result.try_as_plain_ram()?.as_bytes().to_vec());
            ensure!(bytes.len() == output.len(), "an operator gave {} bytes where {} were announced", bytes.len(), output.len());
            output.copy_from_slice(&bytes);
        }
        Ok(())
    }
}
