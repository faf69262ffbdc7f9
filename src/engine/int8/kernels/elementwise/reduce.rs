//! Means, sums and extremes of reals over one axis.

use super::by_family;

/// What becomes of several reals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RealReduction {
    /// Their sum, divided by their number.
    Mean,
    /// Their sum.
    Sum,
    /// The highest; what is not a number never is.
    Highest,
    /// The lowest; what is not a number never is.
    Lowest,
}

by_family! {
    /// Reduces the middle axis of `[outer][over][inner]`, from its first element to its last.
    pub fn reduce_reals(kind: RealReduction, over: usize, inner: usize, input: &[f32], output: &mut [f32]) = body
}

#[inline(always)]
fn body(kind: RealReduction, over: usize, inner: usize, input: &[f32], output: &mut [f32]) {
    match kind {
        RealReduction::Mean => {
            walk(&|sum, value| sum + value, 0.0, over, inner, input, output);
            output.iter_mut().for_each(|sum| *sum /= over as f32);
        }
        RealReduction::Sum => walk(&|sum, value| sum + value, 0.0, over, inner, input, output),
        RealReduction::Highest => {
            walk(&|most, value| if value > most { value } else { most }, f32::NEG_INFINITY, over, inner, input, output);
        }
        RealReduction::Lowest => {
            walk(&|least, value| if value < least { value } else { least }, f32::INFINITY, over, inner, input, output);
        }
    }
}

#[inline(always)]
fn walk(function: &impl Fn(f32, f32) -> f32, start: f32, over: usize, inner: usize, input: &[f32], output: &mut [f32]) {
    for (group, results) in input.chunks_exact(over * inner).zip(output.chunks_exact_mut(inner)) {
        results.fill(start);
        for row in group.chunks_exact(inner) {
            results.iter_mut().zip(row).for_each(|(result, value)| *result = function(*result, *value));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{super::super::Processor, RealReduction, reduce_reals};

    proptest! {
        #[test]
        fn goes_through_the_axis_in_order_on_every_family(
            (outer, over, inner, input) in (1usize..4, 1usize..50, 1usize..40).prop_flat_map(|(outer, over, inner)| {
                (Just(outer), Just(over), Just(inner), vec(-3.0f32..3.0, outer * over * inner))
            })
        ) {
            for processor in Processor::available() {
                for kind in [RealReduction::Mean, RealReduction::Sum, RealReduction::Highest, RealReduction::Lowest] {
                    let mut output = vec![f32::NAN; outer * inner];
                    reduce_reals(processor, kind, over, inner, &input, &mut output);
                    for (at, found) in output.iter().enumerate() {
                        let (o, i) = (at / inner, at % inner);
                        let values = (0..over).map(|k| input[(o * over + k) * inner + i]);
                        let expected = match kind {
                            RealReduction::Mean => values.fold(0.0, |sum, value| sum + value) / over as f32,
                            RealReduction::Sum => values.fold(0.0, |sum, value| sum + value),
                            RealReduction::Highest => values.fold(f32::NEG_INFINITY, f32::max),
                            RealReduction::Lowest => values.fold(f32::INFINITY, f32::min),
                        };
                        prop_assert_eq!(*found, expected, "{:?}, {}", kind, processor.family());
                    }
                }
            }
        }
    }
}
