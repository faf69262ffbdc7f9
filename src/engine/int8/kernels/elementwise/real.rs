//! Products, sums and limits in f32 on tensors that are small beside the int8 body of a graph.

use super::by_family;

/// What to do with two reals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RealCombine {
    /// `a + b`.
    Add,
    /// `a - b`.
    Subtract,
    /// `a * b`.
    Multiply,
    /// `a / b`.
    Divide,
    /// The higher of the two; `b` where they cannot be compared.
    Highest,
    /// The lower of the two; `b` where they cannot be compared.
    Lowest,
    /// 1 where `a > b`, else 0.
    Greater,
}

by_family! {
    /// `output[m][n] = bias[n] + Σ_k a[m][k] * b[k][n]`, k ascending. An empty `bias` is 0.
    pub fn product(depth: usize, columns: usize, a: &[f32], b: &[f32], bias: &[f32], output: &mut [f32]) = product_body
}

/// Sums that run side by side where there is one column: each is a chain of additions that cannot be shortened.
const SIDE_BY_SIDE: usize = 16;

#[inline(always)]
fn product_body(depth: usize, columns: usize, a: &[f32], b: &[f32], bias: &[f32], output: &mut [f32]) {
    if columns == 1 {
        return column_body(depth, a, b, bias.first().copied().unwrap_or(0.0), output);
    }
    for (left, sums) in a.chunks_exact(depth).zip(output.chunks_exact_mut(columns)) {
        if bias.is_empty() {
            sums.fill(0.0);
        } else {
            sums.copy_from_slice(bias);
        }
        for (factor, right) in left.iter().zip(b.chunks_exact(columns)) {
            sums.iter_mut().zip(right).for_each(|(sum, value)| *sum += factor * value);
        }
    }
}

#[inline(always)]
fn column_body(depth: usize, a: &[f32], b: &[f32], bias: f32, output: &mut [f32]) {
    let b = &b[..depth];
    for (left, sums) in a.chunks(depth * SIDE_BY_SIDE).zip(output.chunks_mut(SIDE_BY_SIDE)) {
        sums.fill(bias);
        if let Ok(sums) = <&mut [f32; SIDE_BY_SIDE]>::try_from(&mut *sums) {
            let rows: [&[f32]; SIDE_BY_SIDE] = std::array::from_fn(|row| &left[row * depth..][..depth]);
            for (at, factor) in b.iter().enumerate() {
                rows.iter().zip(&mut *sums).for_each(|(row, sum)| *sum += row[at] * factor);
            }
        } else {
            for (row, sum) in left.chunks_exact(depth).zip(sums) {
                row.iter().zip(b).for_each(|(value, factor)| *sum += value * factor);
            }
        }
    }
}

by_family! {
    /// Combines `a` and `b` along `loops` (from the outermost to the innermost: length, stride of `a`, of `b`) into `output`, which is dense.
    pub fn combine_reals(kind: RealCombine, loops: &[[usize; 3]], a: &[f32], b: &[f32], output: &mut [f32]) = combine_body
}

#[inline(always)]
fn combine_body(kind: RealCombine, loops: &[[usize; 3]], a: &[f32], b: &[f32], output: &mut [f32]) {
    match kind {
        RealCombine::Add => walk(&|a, b| a + b, loops, a, b, output),
        RealCombine::Subtract => walk(&|a, b| a - b, loops, a, b, output),
        RealCombine::Multiply => walk(&|a, b| a * b, loops, a, b, output),
        RealCombine::Divide => walk(&|a, b| a / b, loops, a, b, output),
        RealCombine::Highest => walk(&|a, b| if a > b { a } else { b }, loops, a, b, output),
        RealCombine::Lowest => walk(&|a, b| if a < b { a } else { b }, loops, a, b, output),
        RealCombine::Greater => walk(&|a, b| if a > b { 1.0 } else { 0.0 }, loops, a, b, output),
    }
}

#[inline(always)]
fn walk(function: &impl Fn(f32, f32) -> f32, loops: &[[usize; 3]], a: &[f32], b: &[f32], output: &mut [f32]) {
    let Some((&[inner, a_step, b_step], outer)) = loops.split_last() else { return };
    for (number, row) in output.chunks_exact_mut(inner).enumerate() {
        // Where this innermost loop begins in each operand, from its place among the outer loops.
        let (mut left, mut a_at, mut b_at) = (number, 0, 0);
        for &[length, a_stride, b_stride] in outer.iter().rev() {
            a_at += left % length * a_stride;
            b_at += left % length * b_stride;
            left /= length;
        }
        let (a, b) = (&a[a_at..], &b[b_at..]);
        match (a_step, b_step) {
            (1, 1) => row.iter_mut().zip(a).zip(b).for_each(|((out, a), b)| *out = function(*a, *b)),
            (1, 0) => row.iter_mut().zip(a).for_each(|(out, a)| *out = function(*a, b[0])),
            (0, 1) => row.iter_mut().zip(b).for_each(|(out, b)| *out = function(a[0], *b)),
            _ => row.iter_mut().enumerate().for_each(|(at, out)| *out = function(a[at * a_step], b[at * b_step])),
        }
    }
}

by_family! {
    /// `min(max(x, lowest), highest)`, element by element.
    pub fn clamp_reals(lowest: f32, highest: f32, input: &[f32], output: &mut [f32]) = clamp_body
}

#[inline(always)]
fn clamp_body(lowest: f32, highest: f32, input: &[f32], output: &mut [f32]) {
    for (out, &value) in output.iter_mut().zip(input) {
        let value = if value > lowest { value } else { lowest };
        *out = if value < highest { value } else { highest };
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{super::super::Processor, *};

    fn reals(count: usize) -> impl Strategy<Value = Vec<f32>> {
        vec(-3.0f32..3.0, count)
    }

    proptest! {
        #[test]
        fn a_product_is_the_sum_over_the_depth_on_every_family(
            (rows, depth, columns, a, b, bias) in (1usize..40, 1usize..40, prop_oneof![Just(1), 1usize..40]).prop_flat_map(|(rows, depth, columns)| {
                (Just(rows), Just(depth), Just(columns), reals(rows * depth), reals(depth * columns), prop_oneof![reals(columns), Just(vec![])])
            })
        ) {
            for processor in Processor::available() {
                let mut output = vec![f32::NAN; rows * columns];
                product(processor, depth, columns, &a, &b, &bias, &mut output);
                for (at, found) in output.iter().enumerate() {
                    let (m, n) = (at / columns, at % columns);
                    let expected = (0..depth).fold(bias.get(n).copied().unwrap_or(0.0), |sum, k| sum + a[m * depth + k] * b[k * columns + n]);
                    prop_assert_eq!(*found, expected);
                }
            }
        }

        #[test]
        fn operands_are_broadcast_as_their_strides_say(
            (rows, columns, a, b) in (1usize..6, 1usize..40).prop_flat_map(|(rows, columns)| {
                (Just(rows), Just(columns), reals(rows * columns), reals(rows.max(columns)))
            }),
            kind in prop_oneof![
                Just(RealCombine::Add), Just(RealCombine::Subtract), Just(RealCombine::Multiply), Just(RealCombine::Divide),
                Just(RealCombine::Highest), Just(RealCombine::Lowest), Just(RealCombine::Greater)
            ],
            by_row in any::<bool>(),
        ) {
            let loops = if by_row { [[rows, columns, 1], [columns, 1, 0]] } else { [[rows, columns, 0], [columns, 1, 1]] };
            for processor in Processor::available() {
                let mut output = vec![f32::NAN; rows * columns];
                combine_reals(processor, kind, &loops, &a, &b, &mut output);
                for (at, found) in output.iter().enumerate() {
                    let (x, y) = (a[at], b[if by_row { at / columns } else { at % columns }]);
                    let expected = match kind {
                        RealCombine::Add => x + y,
                        RealCombine::Subtract => x - y,
                        RealCombine::Multiply => x * y,
                        RealCombine::Divide => x / y,
                        RealCombine::Highest => x.max(y),
                        RealCombine::Lowest => x.min(y),
                        RealCombine::Greater => f32::from(u8::from(x > y)),
                    };
                    prop_assert!(*found == expected || found.is_nan() && expected.is_nan());
                }
            }
        }
    }

    #[test]
    fn limits_hold_on_both_sides() {
        for processor in Processor::available() {
            let mut output = [0.0; 5];
            clamp_reals(processor, 0.0, f32::INFINITY, &[-1.0, -0.5, 0.0, 2.0, 9.0], &mut output);
            assert_eq!(output, [0.0, 0.0, 0.0, 2.0, 9.0]);
            clamp_reals(processor, -0.75, 6.0, &[-1.0, -0.5, 0.0, 2.0, 9.0], &mut output);
            assert_eq!(output, [-0.75, -0.5, 0.0, 2.0, 6.0]);
        }
    }
}
