//! Everything but convolutions and products.

use super::{
    super::{
        super::kernels::{Processor, elementwise::MAX_LOOPS},
        Affine, Binary, BinaryKind, Element, Layout, Norm, Operation, Part, Pool, PoolKind, Program, Resize, Step, Value,
    },
    Checked, Fault, equal, has_type, is_code, is_factor, is_output, size, true_or,
};

impl Program {
    /// Inputs, outputs and parameters of a step's operation.
    pub(super) fn check_operation(&self, step: &Step, processor: Processor, foreign: usize) -> Checked {
        let values = |ids: &[_]| ids.iter().map(|&id| self.value(id)).collect::<Result<Vec<&Value>, _>>();
        let (inputs, outputs) = (values(&step.inputs)?, values(&step.outputs)?);
        if let Operation::Foreign(index) = step.operation {
            true_or(index < foreign, Fault::Missing { what: "an operator of tract" })?;
            let row_major = inputs.iter().chain(&outputs).all(|value| value.layout == Layout::RowMajor);
            return true_or(row_major, Fault::Type { what: "a tensor of an operator of tract" });
        }
        let expected = match &step.operation {
            Operation::Multiply(_) | Operation::Combine(_) => 2,
            Operation::LayerNorm { .. } => 3,
            Operation::Assemble { .. } => inputs.len(),
            _ => 1,
        };
        equal("inputs", inputs.len(), expected)?;
        let output = outputs[0];
        match &step.operation {
            Operation::Convolve(convolution) => self.check_convolution(convolution, inputs[0], output, processor),
            Operation::Multiply(matrix) => Self::check_matrix(matrix, inputs[0], inputs[1], output),
            Operation::Combine(binary) => check_binary(binary, inputs[0], inputs[1], output),
            Operation::Lookup(table) => {
                is_map(inputs[0], Element::Code, output, Element::Code)?;
                self.check_table(*table, 256, "the table")
            }
            Operation::Pool(pool) => check_pool(pool, inputs[0], output),
            Operation::Assemble { fill, parts } => {
                true_or(fill.is_none_or(|byte| (-128..=255).contains(&byte)), Fault::Range { what: "the filling" })?;
                parts.iter().try_for_each(|part| self.check_part(part, &inputs, output))
            }
            Operation::Resize(resize) => check_resize(resize, inputs[0], output),
            Operation::Softmax(norm) => check_norm(norm, inputs[0], output),
            Operation::LayerNorm { norm, epsilon } => {
                check_norm(norm, inputs[0], output)?;
                for table in &inputs[1..] {
                    has_type("factor or offset", table, Element::F32)?;
                    equal("factors or offsets", table.count(), norm.columns)?;
                }
                true_or(epsilon.is_finite() && *epsilon >= 0.0, Fault::Range { what: "epsilon" })
            }
            Operation::Quantise(affine) => {
                is_map(inputs[0], Element::F32, output, Element::Code)?;
                check_affine(affine)
            }
            Operation::Dequantise(affine) => {
                is_map(inputs[0], Element::Code, output, Element::F32)?;
                check_affine(affine)
            }
            Operation::Foreign(_) => Ok(()),
        }
    }

    fn check_part(&self, part: &Part, inputs: &[&Value], output: &Value) -> Checked {
        let input = *inputs.get(part.input).ok_or(Fault::Missing { what: "the input of a box" })?;
        true_or(input.element == output.element, Fault::Type { what: "the input of a box" })?;
        true_or(part.loops.len() < MAX_LOOPS, Fault::Range { what: "the loops of a box" })?;
        if let Some(table) = part.table {
            has_type("the output", output, Element::Code)?;
            self.check_table(table, 256, "the table")?;
        }
        true_or(part.loops.iter().all(|l| l[0] > 0), Fault::Range { what: "the length of a box" })?;
        reaches(part.from, part.loops.iter().map(|l| [l[0], l[1]]), input.count(), "a box that is read")?;
        reaches(part.to, part.loops.iter().map(|l| [l[0], l[2]]), output.count(), "a box that is written")
    }
}

/// Whether all elements that `loops` (length, distance) visit from `start` on are among `count`.
fn reaches(start: usize, loops: impl Iterator<Item = [isize; 2]>, count: usize, what: &'static str) -> Checked {
    let (mut lowest, mut highest) = (start as i128, start as i128);
    for [len, apart] in loops {
        let far = (len as i128 - 1) * apart as i128;
        (lowest, highest) = (lowest + far.min(0), highest + far.max(0));
    }
    true_or(lowest >= 0 && highest < count as i128, Fault::Place { what })
}

fn is_map(input: &Value, from: Element, output: &Value, to: Element) -> Checked {
    has_type("the input", input, from)?;
    has_type("the output", output, to)?;
    true_or(input.layout == output.layout, Fault::Type { what: "the layout of the output" })?;
    equal("values of the output", output.count(), input.count())
}

fn check_affine(affine: &Affine) -> Checked {
    is_factor("the scale", affine.scale)?;
    is_code("the zero point", affine.zero_point)
}

fn check_binary(binary: &Binary, a: &Value, b: &Value, output: &Value) -> Checked {
    [a, b, output].into_iter().try_for_each(|value| has_type("a tensor", value, Element::Code))?;
    true_or(binary.loops.len() <= MAX_LOOPS, Fault::Range { what: "the loops" })?;
    let lengths: Vec<usize> = binary.loops.iter().map(|l| l[0]).collect();
    equal("codes of the output", output.count(), size("the loops", &lengths)?)?;
    for (operand, value) in [(1, a), (2, b)] {
        let loops = binary.loops.iter().map(|l| Some([l[0] as isize, isize::try_from(l[operand]).ok()?]));
        let loops: Vec<[isize; 2]> = loops.collect::<Option<_>>().ok_or(Fault::Range { what: "a stride" })?;
        reaches(0, loops.into_iter(), value.count(), "an operand")?;
    }
    let (zeros, finite, output) = match &binary.kind {
        BinaryKind::Add { a_zero, a_scale, b_zero, b_scale, output } => {
            ([*a_zero, *b_zero], a_scale.is_finite() && b_scale.is_finite(), output)
        }
        BinaryKind::Multiply { a_zero, b_zero, scale, output } => ([*a_zero, *b_zero], scale.is_finite(), output),
    };
    zeros.into_iter().try_for_each(|zero| is_code("the zero point of an operand", zero))?;
    true_or(finite, Fault::Range { what: "a scale" })?;
    is_output(output)
}

fn check_pool(pool: &Pool, input: &Value, output: &Value) -> Checked {
    has_type("the input", input, Element::Code)?;
    has_type("the output", output, Element::Code)?;
    let Pool { batch, input: [height, width, channels], output: [rows, columns], kernel, stride, dilation, padding, .. } = *pool;
    equal("codes of the input", input.count(), size("the input", &[batch, height, width, channels])?)?;
    equal("codes of the output", output.count(), size("the output", &[batch, rows, columns, channels])?)?;
    let steps = [kernel, stride, dilation].into_iter().flatten();
    true_or(steps.into_iter().all(|steps| (1..1 << 24).contains(&steps)), Fault::Range { what: "window, stride or dilation" })?;
    true_or(padding.iter().all(|&padding| padding < 1 << 24), Fault::Range { what: "the padding" })?;
    // Sums of codes, and of as many zero points, fit into 31 bits.
    size("the window", &kernel)?;
    true_or(height.min(kernel[0]) * width.min(kernel[1]) < 1 << 22, Fault::Range { what: "the window" })?;
    match &pool.kind {
        PoolKind::Max => Ok(()),
        PoolKind::Average { zero, scale, output, .. } => {
            is_code("the zero point of the input", *zero)?;
            is_factor("the scale", *scale)?;
            is_output(output)
        }
    }
}

fn check_resize(resize: &Resize, input: &Value, output: &Value) -> Checked {
    has_type("the input", input, Element::Code)?;
    has_type("the output", output, Element::Code)?;
    let [height, width, channels] = resize.input;
    equal("codes of the input", input.count(), size("the input", &[resize.batch, height, width, channels])?)?;
    let all = size("the output", &[resize.batch, resize.rows.len(), resize.columns.len(), channels])?;
    equal("codes of the output", output.count(), all)?;
    for (taps, len) in [(&resize.rows, height), (&resize.columns, width)] {
        let inside = taps.iter().all(|&(first, second, weight)| first < len && second < len && (0.0..=1.0).contains(&weight));
        true_or(inside, Fault::Range { what: "a row or column" })?;
    }
    if let Some((zero, scale, output)) = &resize.linear {
        is_code("the zero point of the input", *zero)?;
        is_factor("the scale", *scale)?;
        is_output(output)?;
    }
    Ok(())
}

fn check_norm(norm: &Norm, input: &Value, output: &Value) -> Checked {
    for (affine, value, what) in [(&norm.input, input, "the input"), (&norm.output, output, "the output")] {
        has_type(what, value, if affine.is_some() { Element::Code } else { Element::F32 })?;
        equal("values", value.count(), size("the rows", &[norm.rows, norm.columns])?)?;
        affine.iter().try_for_each(check_affine)?;
    }
    Ok(())
}
