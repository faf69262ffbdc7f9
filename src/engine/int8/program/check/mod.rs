//! Whether a program is what its executor relies on. A program may come from a file, so nothing in it is believed: after this check no step
//! reads or writes outside of its tensors, and sums fit into their types.

mod convolution;
mod error;
mod operations;

pub use error::{Fault, ProgramError};

use super::{
    super::kernels::{Code, Processor, READ_SLACK},
    Element, Layout, Operation, Output, Place, Program, Step, Table, Value, ValueId,
};

/// No network for such devices needs more memory than this, and sizes within it cannot overflow.
const MOST_BYTES: usize = 1 << 32;

type Checked = Result<(), Fault>;

impl Program {
    /// Checks everything against everything, for a processor's kernels and as many operators of tract as `foreign`.
    ///
    /// # Errors
    /// The first thing that is wrong, and where.
    pub fn check(&self, processor: Processor, foreign: usize) -> Result<(), ProgramError> {
        let whole = |fault| ProgramError::Whole { fault };
        if self.arena_len > MOST_BYTES {
            return Err(whole(Fault::Range { what: "the memory for tensors" }));
        }
        for (number, value) in self.values.iter().enumerate() {
            self.check_value(value).map_err(|fault| ProgramError::Value { number, fault })?;
        }
        for &id in self.inputs.iter().chain(&self.outputs) {
            self.value(id).map_err(whole)?;
        }
        if self.inputs.iter().any(|id| matches!(self.values[id.0].place, Place::Constant(_))) {
            return Err(whole(Fault::Place { what: "an input" }));
        }
        if self.picture.is_some_and(|step| step >= self.steps.len()) {
            return Err(whole(Fault::Missing { what: "the step that takes the picture" }));
        }
        for (number, step) in self.steps.iter().enumerate() {
            let in_step = |fault| ProgramError::Step { number, name: step.name.clone(), fault };
            self.check_memory(step).map_err(in_step)?;
            self.check_operation(step, processor, foreign).map_err(in_step)?;
        }
        Ok(())
    }

    fn check_value(&self, value: &Value) -> Checked {
        let size = value.element.size();
        let bytes = value.shape.iter().try_fold(size, |bytes, &len| bytes.checked_mul(len)).filter(|&bytes| bytes <= MOST_BYTES);
        let Some(bytes) = bytes.filter(|_| size > 0) else { return Err(Fault::Range { what: "the shape" }) };
        if value.layout == Layout::ChannelsLast && value.shape.len() != 4 {
            return Err(Fault::Length { what: "axes of a picture", found: value.shape.len(), expected: 4 });
        }
        let (start, all) = match value.place {
            Place::Arena(start) => (start, self.arena_len),
            Place::Constant(start) => (start, self.constants.as_bytes().len()),
        };
        within(start, bytes, all, "the tensor")
    }

    /// Outputs are alone in their memory, one each unless tract makes them.
    fn check_memory(&self, step: &Step) -> Checked {
        if !matches!(step.operation, Operation::Foreign(_)) {
            equal("outputs", step.outputs.len(), 1)?;
        }
        let slack = match step.operation {
            Operation::Convolve(_) | Operation::Multiply(_) => READ_SLACK,
            _ => 0,
        };
        for (number, &output) in step.outputs.iter().enumerate() {
            let output = self.value(output)?;
            let Place::Arena(start) = output.place else { return Err(Fault::Place { what: "an output" }) };
            let overlaps = |other: &Value, slack: usize| match other.place {
                Place::Arena(at) => at < start + output.len() && start < at + other.len() + slack,
                Place::Constant(_) => false,
            };
            for &other in &step.outputs[..number] {
                if overlaps(self.value(other)?, 0) {
                    return Err(Fault::Overlap { what: "another output" });
                }
            }
            for &input in &step.inputs {
                if overlaps(self.value(input)?, slack) {
                    return Err(Fault::Overlap { what: "an input, or the bytes behind it" });
                }
            }
        }
        Ok(())
    }

    fn value(&self, id: ValueId) -> Result<&Value, Fault> {
        self.values.get(id.0).ok_or(Fault::Missing { what: "a tensor" })
    }

    /// A table of at least `len` bytes that begins at a multiple of 64, with slack behind.
    fn check_table(&self, table: Table, len: usize, what: &'static str) -> Checked {
        within(table.start, table.len, self.constants.as_bytes().len(), what)?;
        if table.len < len { Err(Fault::Length { what, found: table.len, expected: len }) } else { Ok(()) }
    }
}

fn within(start: usize, bytes: usize, all: usize, what: &'static str) -> Checked {
    let end = start.checked_add(bytes).and_then(|end| end.checked_add(READ_SLACK));
    // Nothing is read of an empty tensor.
    let fits = end.is_some_and(|end| end <= all) || bytes == 0 && start <= all;
    if fits && start.is_multiple_of(64) { Ok(()) } else { Err(Fault::Place { what }) }
}

fn equal(what: &'static str, found: usize, expected: usize) -> Checked {
    if found == expected { Ok(()) } else { Err(Fault::Length { what, found, expected }) }
}

fn true_or(holds: bool, fault: Fault) -> Checked {
    if holds { Ok(()) } else { Err(fault) }
}

/// The product of `factors`, within [`MOST_BYTES`] and not 0.
fn size(what: &'static str, factors: &[usize]) -> Result<usize, Fault> {
    let product = factors.iter().try_fold(1usize, |product, &factor| product.checked_mul(factor));
    product.filter(|product| (1..=MOST_BYTES).contains(product)).ok_or(Fault::Range { what })
}

fn is_code(what: &'static str, code: i32) -> Checked {
    true_or((i32::from(Code::MIN)..=i32::from(Code::MAX)).contains(&code), Fault::Range { what })
}

fn is_factor(what: &'static str, factor: f32) -> Checked {
    true_or(factor.is_finite() && factor > 0.0, Fault::Range { what })
}

fn is_output(output: &Output) -> Checked {
    is_code("the zero point", output.zero_point)?;
    is_code("the lowest code", output.lowest)?;
    is_code("the highest code", output.highest)?;
    true_or(output.lowest <= output.highest, Fault::Range { what: "the clamp" })
}

fn has_type(what: &'static str, value: &Value, element: Element) -> Checked {
    true_or(value.element == element, Fault::Type { what })
}
