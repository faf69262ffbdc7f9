//! Products of two tensors against the equation.

use proptest::{collection::vec, prelude::*};

use super::{
    super::super::{
        kernels::{Code, Family},
        program::{Matrix, Operation, Output},
    },
    THREADS,
    builder::Builder,
    run,
};

fn case() -> impl Strategy<Value = (Matrix, Vec<Code>, Vec<Code>)> {
    let code = || i32::from(Code::MIN)..=i32::from(Code::MAX);
    let output = (code(), code(), code()).prop_map(|(zero_point, a, b)| Output { zero_point, lowest: a.min(b), highest: a.max(b) });
    let columns = prop_oneof![1usize..=20, 60usize..=70, Just(130)];
    let sizes = (1usize..=4, any::<bool>(), prop_oneof![1usize..=9, Just(50)], 1usize..=40, columns);
    (sizes, code(), code(), output).prop_flat_map(|((batch, shared, rows, depth, columns), a_zero, b_zero, output)| {
        let scale = 0.02 / (depth as f32).sqrt();
        let matrix = Matrix { batch, shared, rows, depth, columns, a_zero, b_zero, scale, output };
        let code = || prop_oneof![4 => any::<Code>(), 1 => Just(Code::MIN), 1 => Just(Code::MAX)];
        // Sometimes codes near the zero point, for which one set of weights is enough.
        let near = any::<bool>().prop_flat_map(move |near| {
            let nearby = move |code: Code| {
                if near { (b_zero + i32::from(code) / 3).clamp(Code::MIN.into(), Code::MAX.into()) as Code } else { code }
            };
            vec(code().prop_map(nearby), if shared { 1 } else { batch } * depth * columns)
        });
        (Just(matrix), vec(code(), batch * rows * depth), near)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn equals_the_equation_on_every_family_with_any_number_of_threads((matrix, a, b) in case()) {
        let Matrix { batch, shared, rows, depth, columns, a_zero, b_zero, scale, output } = matrix;
        let element = |number: usize| {
            let (picture, m, n) = (number / (rows * columns), number / columns % rows, number % columns);
            let b = &b[if shared { 0 } else { picture * depth * columns }..];
            let term = |k: usize| (i32::from(a[(picture * rows + m) * depth + k]) - a_zero) * (i32::from(b[k * columns + n]) - b_zero);
            let sum: i32 = (0..depth).map(term).sum();
            ((sum as f32 * scale).round_ties_even() as i32 + output.zero_point).clamp(output.lowest, output.highest) as Code
        };
        let expected: Vec<Code> = (0..batch * rows * columns).map(element).collect();
        let mut builder = Builder::default();
        let first = builder.codes(&[batch, rows, depth]);
        let second = builder.codes(&[if shared { 1 } else { batch }, depth, columns]);
        let inputs = [builder.input(first), builder.input(second)];
        let result = builder.codes(&[batch, rows, columns]);
        builder.step(Operation::Multiply(matrix), &inputs, result);
        let program = builder.finish(&[result]);
        for family in Family::available() {
            for threads in THREADS {
                prop_assert_eq!(&run(&program, family, threads, &[&a, &b]), &expected, "{}, {} threads", family, threads);
            }
        }
    }
}
