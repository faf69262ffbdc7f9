//! Steps in f32.

use super::{
    super::{super::kernels::elementwise::MAX_LOOPS, Element, Real, Value},
    Checked, Fault, equal, has_type,
    operations::reaches,
    size, true_or,
};

/// Inputs, output and parameters of a step in f32.
pub(super) fn check(real: &Real, inputs: &[&Value], output: &Value) -> Checked {
    let expected = match real {
        Real::Product { .. } => 2..=3,
        Real::Combine { .. } => 2..=2,
        Real::Reduce { .. } | Real::Clamp { .. } | Real::Function(_) | Real::Resize { .. } => 1..=1,
    };
    true_or(expected.contains(&inputs.len()), Fault::Missing { what: "an input" })?;
    inputs.iter().try_for_each(|input| has_type("an input", input, Element::F32))?;
    has_type("the output", output, Element::F32)?;
    let count = |what, value: &Value, lengths: &[usize]| equal(what, value.count(), size(what, lengths)?);
    match real {
        Real::Reduce { outer, over, inner, .. } => {
            true_or(*over > 0 && *inner > 0, Fault::Range { what: "what becomes one" })?;
            count("the input", inputs[0], &[*outer, *over, *inner])?;
            count("the output", output, &[*outer, *inner])
        }
        Real::Product { batch, shared, rows, depth, columns } => {
            true_or([*rows, *depth, *columns].iter().all(|&length| length > 0), Fault::Range { what: "the product" })?;
            count("the first factor", inputs[0], &[*batch, *rows, *depth])?;
            count("the second factor", inputs[1], &[if *shared { 1 } else { *batch }, *depth, *columns])?;
            inputs.get(2).map_or(Ok(()), |bias| count("the bias", bias, &[*columns]))?;
            count("the output", output, &[*batch, *rows, *columns])
        }
        Real::Combine { loops, .. } => {
            true_or((1..=MAX_LOOPS).contains(&loops.len()), Fault::Range { what: "the loops" })?;
            let lengths: Vec<usize> = loops.iter().map(|l| l[0]).collect();
            count("the output", output, &lengths)?;
            for (operand, value) in [(1, inputs[0]), (2, inputs[1])] {
                let walks = loops.iter().map(|l| Some([isize::try_from(l[0]).ok()?, isize::try_from(l[operand]).ok()?]));
                let walks: Vec<[isize; 2]> = walks.collect::<Option<_>>().ok_or(Fault::Range { what: "a stride" })?;
                reaches(0, walks.into_iter(), value.count(), "an operand")?;
            }
            Ok(())
        }
        Real::Clamp { lowest, highest } => {
            true_or(lowest <= highest, Fault::Range { what: "the limits" })?;
            count("the output", output, &[inputs[0].count()])
        }
        Real::Function(_) => count("the output", output, &[inputs[0].count()]),
        Real::Resize { batch, input: [height, width, channels], rows, columns } => {
            count("the input", inputs[0], &[*batch, *height, *width, *channels])?;
            count("the output", output, &[*batch, rows.len(), columns.len(), *channels])?;
            for (taps, length) in [(rows, height), (columns, width)] {
                let inside =
                    taps.iter().all(|&(first, second, weight)| first < *length && second < *length && (0.0..=1.0).contains(&weight));
                true_or(inside, Fault::Range { what: "a row or column" })?;
            }
            Ok(())
        }
    }
}
