//! Element-wise steps, copies, several steps in a row, operators of tract, and pictures.

use std::sync::Arc;

use proptest::{collection::vec, prelude::*};

use super::{
    super::{
        super::{
            kernels::{Code, Family},
            program::{
                Affine, Binary, BinaryKind, Element, Layout, Norm, Operation, Output, Part, Pool, PoolKind, Program, Resize, Step, ValueId,
            },
        },
        Executor, Foreign, RunError, Workers,
    },
    THREADS,
    builder::Builder,
    run,
};

const ZERO: i32 = Code::MIN as i32 + 100;

fn all() -> Output {
    Output { zero_point: ZERO, lowest: Code::MIN.into(), highest: Code::MAX.into() }
}

fn affine(scale: f32) -> Affine {
    Affine { scale, zero_point: ZERO }
}

/// Codes without a pattern.
fn some_codes(count: usize) -> Vec<Code> {
    (0..count as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as Code).collect()
}

/// A step of one input of codes.
fn single(shape: &[usize], output: &[usize], layout: Layout, make: impl FnOnce(&mut Builder) -> Operation) -> Program {
    let mut builder = Builder::default();
    let operation = make(&mut builder);
    let input = builder.value(shape, layout, Element::Code);
    let input = builder.input(input);
    let output = builder.value(output, layout, Element::Code);
    builder.step(operation, &[input], output);
    builder.finish(&[output])
}

/// What one thread on the most general family makes of it, after asserting that all make the same.
fn same_everywhere(program: &Program, inputs: &[&[Code]]) -> Vec<Code> {
    let expected = run(program, Family::Scalar, 1, inputs);
    for family in Family::available() {
        for threads in THREADS {
            assert!(run(program, family, threads, inputs) == expected, "{family}, {threads} threads");
        }
    }
    expected
}

#[test]
fn large_additions_and_gates_are_shared_without_a_seam() {
    let kind = BinaryKind::Add { a_zero: ZERO, a_scale: 0.5, b_zero: ZERO, b_scale: 0.25, output: all() };
    let (a, b) = (some_codes(123_457), some_codes(123_458)[1..].to_vec());
    let add = |a: Code, b: Code| {
        let real = (i32::from(a) - ZERO) as f32 * 0.5 + (i32::from(b) - ZERO) as f32 * 0.25;
        (real.round_ties_even() as i32 + ZERO).clamp(Code::MIN.into(), Code::MAX.into()) as Code
    };
    for (loops, shape, expected) in [
        (vec![[123_457, 1, 1]], vec![123_457], a.iter().zip(&b).map(|(&a, &b)| add(a, b)).collect::<Vec<_>>()),
        (vec![[700, 100, 0], [100, 1, 1]], vec![700, 100], (0..70_000).map(|i| add(a[i], b[i % 100])).collect()),
    ] {
        let mut builder = Builder::default();
        let first = builder.codes(&[a.len()]);
        let second = builder.codes(&[b.len()]);
        let inputs = [builder.input(first), builder.input(second)];
        let output = builder.codes(&shape);
        builder.step(Operation::Combine(Binary { kind, loops }), &inputs, output);
        assert!(same_everywhere(&builder.finish(&[output]), &[&a, &b]) == expected, "{shape:?}");
    }
}

#[test]
fn large_lookups_pools_and_resizes_are_shared_without_a_seam() {
    let table: Vec<Code> = some_codes(256);
    let codes = some_codes(2 * 41 * 43 * 24);
    let lookup = single(&[codes.len()], &[codes.len()], Layout::RowMajor, |builder| Operation::Lookup(builder.table(&table)));
    let expected: Vec<Code> = codes.iter().map(|&code| table[(i32::from(code) - i32::from(Code::MIN)) as usize]).collect();
    assert!(same_everywhere(&lookup, &[&codes]) == expected);

    let pool = |kind| {
        Operation::Pool(Pool {
            kind,
            batch: 2,
            input: [41, 43, 24],
            output: [21, 22],
            kernel: [3, 3],
            stride: [2, 2],
            dilation: [1, 1],
            padding: [1, 1],
        })
    };
    let average = PoolKind::Average { zero: ZERO, scale: 1.0, count_padding: false, output: all() };
    for kind in [PoolKind::Max, average] {
        let program = single(&[2, 24, 41, 43], &[2, 24, 21, 22], Layout::ChannelsLast, |_| pool(kind));
        assert_eq!(same_everywhere(&program, &[&codes]).len(), 2 * 21 * 22 * 24);
    }

    let taps = |len: usize| (0..2 * len).map(|i| (i / 2, (i / 2 + 1).min(len - 1), (i % 2) as f32 / 2.0)).collect::<Vec<_>>();
    for linear in [None, Some((ZERO, 1.0, all()))] {
        let resize = Resize { batch: 2, input: [41, 43, 24], rows: taps(41), columns: taps(43), linear };
        let program = single(&[2, 24, 41, 43], &[2, 24, 82, 86], Layout::ChannelsLast, |_| Operation::Resize(resize));
        let output = same_everywhere(&program, &[&codes]);
        // Even rows and columns are the input's own.
        let picture = |y: usize, x: usize| &codes[(y * 43 + x) * 24..][..24];
        assert!((0..41).all(|y| (0..43).all(|x| output[(2 * y * 86 + 2 * x) * 24..][..24] == *picture(y, x))));
    }
}

#[test]
fn concatenation_and_change_of_layout_are_shared_without_a_seam() {
    let (a, b) = (some_codes(30 * 40 * 50), some_codes(30 * 40 * 20));
    let mut builder = Builder::default();
    let first = builder.value(&[1, 50, 30, 40], Layout::ChannelsLast, Element::Code);
    let second = builder.value(&[1, 20, 30, 40], Layout::ChannelsLast, Element::Code);
    let inputs = [builder.input(first), builder.input(second)];
    let joined = builder.value(&[1, 70, 30, 40], Layout::ChannelsLast, Element::Code);
    let part = |input, to, channels: isize| Part { input, from: 0, to, loops: vec![[1200, channels, 70], [channels, 1, 1]], table: None };
    builder.step(Operation::Assemble { fill: None, parts: vec![part(0, 0, 50), part(1, 50, 20)] }, &inputs, joined);
    let planes = builder.value(&[1, 70, 30, 40], Layout::RowMajor, Element::Code);
    let loops = vec![[70, 1, 1200], [1200, 70, 1]];
    builder.step(Operation::Assemble { fill: None, parts: vec![Part { input: 0, from: 0, to: 0, loops, table: None }] }, &[joined], planes);
    let expected: Vec<Code> = (0..70)
        .flat_map(|c| (0..1200).map(move |p| (c, p)))
        .map(|(c, p)| if c < 50 { a[p * 50 + c] } else { b[p * 20 + c - 50] })
        .collect();
    assert!(same_everywhere(&builder.finish(&[planes]), &[&a, &b]) == expected);
}

#[test]
fn what_no_box_covers_is_filled() {
    let program = single(&[4], &[2, 6], Layout::RowMajor, |_| Operation::Assemble {
        fill: Some(7),
        parts: vec![Part { input: 0, from: 0, to: 2, loops: vec![[2, 2, 6], [2, 1, 1]], table: None }],
    });
    assert_eq!(same_everywhere(&program, &[&[1, 2, 3, 4]]), [7, 7, 1, 2, 7, 7, 7, 7, 3, 4, 7, 7]);
}

#[test]
fn softmax_and_layer_norm_are_shared_without_a_seam() {
    let codes = some_codes(300 * 77);
    let norm = Norm {
        rows: 300,
        columns: 77,
        input: Some(affine(0.02)),
        output: Some(Affine { scale: 1.0 / 256.0, zero_point: Code::MIN.into() }),
    };
    let program = single(&[300, 77], &[300, 77], Layout::RowMajor, |_| Operation::Softmax(norm));
    let output = same_everywhere(&program, &[&codes]);
    // Each row adds up to 1 but for rounding.
    let sum = |row: &[Code]| row.iter().map(|&code| i32::from(code) - i32::from(Code::MIN)).sum::<i32>();
    assert!(output.chunks(77).all(|row| (256 - 39..=256 + 39).contains(&sum(row))));

    let mut builder = Builder::default();
    let input = builder.codes(&[300, 77]);
    let input = builder.input(input);
    let [factor, offset] = [builder.constant_f32(&[1.0; 77]), builder.constant_f32(&[0.0; 77])];
    let output = builder.codes(&[300, 77]);
    let norm = Norm { output: Some(affine(0.05)), ..norm };
    builder.step(Operation::LayerNorm { norm, epsilon: 1e-5 }, &[input, factor, offset], output);
    let output = same_everywhere(&builder.finish(&[output]), &[&codes]);
    let mean = |row: &[Code]| row.iter().map(|&code| f64::from(code) - f64::from(ZERO)).sum::<f64>() / 77.0;
    assert!(output.chunks(77).all(|row| mean(row).abs() < 0.5));
}

/// Gives the second half of its input first.
struct Swap;

impl Foreign for Swap {
    fn run(&mut self, inputs: &[&[u8]], outputs: &mut [&mut [u8]]) -> Result<(), String> {
        let (first, second) = inputs[0].split_at(inputs[0].len() / 2);
        if first.iter().all(|&code| code == 0) {
            return Err("nothing to swap".to_owned());
        }
        outputs[0].copy_from_slice(second);
        outputs[1].copy_from_slice(first);
        Ok(())
    }
}

#[test]
fn operators_of_tract_get_and_give_several_tensors_and_their_failures_have_names() {
    let mut builder = Builder::default();
    let input = builder.codes(&[200]);
    let input = builder.input(input);
    let halves = [builder.codes(&[100]), builder.codes(&[100])];
    builder.step(Operation::Foreign(0), &[input], halves[0]);
    let mut program = builder.finish(&halves);
    // The builder knows one output a step: place the other behind everything.
    program.steps[0].outputs = halves.to_vec();
    program.values[halves[1].0].place = super::super::super::program::Place::Arena(program.arena_len);
    program.arena_len += 192;
    let workers = Arc::new(Workers::new(1).unwrap());
    let mut executor = Executor::new(Arc::new(program), Family::Scalar, workers, vec![Box::new(Swap)]).unwrap();
    executor.input_mut(0).iter_mut().enumerate().for_each(|(i, byte)| *byte = i as u8);
    executor.run().unwrap();
    assert_eq!(executor.output(0), (100..200).collect::<Vec<u8>>());
    assert_eq!(executor.output(1), (0..100).collect::<Vec<u8>>());
    executor.input_mut(0).fill(0);
    let failure = executor.run().unwrap_err();
    assert_eq!(failure, RunError::Foreign { step: "step 0".to_owned(), cause: "nothing to swap".to_owned() });
}

/// A picture quantised from f32 planes, then all its codes looked up.
fn picture_program(channels: usize, height: usize, width: usize, table: &[Code]) -> Program {
    let mut builder = Builder::default();
    let shape = [1, channels, height, width];
    let input = builder.value(&shape, Layout::RowMajor, Element::F32);
    let input = builder.input(input);
    let codes = builder.value(&shape, Layout::ChannelsLast, Element::Code);
    builder.step(Operation::Quantise(affine(0.02)), &[input], codes);
    let output = builder.value(&shape, Layout::ChannelsLast, Element::Code);
    let table = builder.table(table);
    builder.step(Operation::Lookup(table), &[codes], output);
    Program { picture: Some(0), ..builder.finish(&[output]) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn pixels_give_the_same_as_the_f32_picture_made_from_them(
        channels in 1usize..=4,
        (height, width) in prop_oneof![(1usize..9, 1usize..9), Just((90, 80))],
        pixels in vec(any::<u8>(), 4 * 90 * 80),
    ) {
        let program = Arc::new(picture_program(channels, height, width, &some_codes(256)));
        let pixels = &pixels[..channels * height * width];
        let real = |channel: usize, value: u8| (f32::from(value) / 255.0 - 0.1 * channel as f32) / 0.2;
        for family in Family::available() {
            for threads in THREADS {
                let workers = Arc::new(Workers::new(threads).unwrap());
                let mut executor = Executor::new(Arc::clone(&program), family, workers, Vec::new()).unwrap();
                let plane = height * width;
                for (at, value) in executor.input_f32_mut(0).iter_mut().enumerate() {
                    *value = real(at / plane, pixels[at % plane * channels + at / plane]);
                }
                executor.run().unwrap();
                let expected = executor.output(0).to_vec();
                executor.input_mut(0).fill(0xff);
                let tables = executor.picture_tables(real).unwrap();
                executor.set_picture(pixels, &tables).unwrap();
                executor.run().unwrap();
                prop_assert_eq!(executor.output(0), &expected[..], "{}, {} threads", family, threads);
            }
        }
    }
}

#[test]
fn a_picture_of_another_size_is_refused() {
    let workers = Arc::new(Workers::new(1).unwrap());
    let program = Arc::new(picture_program(3, 4, 5, &some_codes(256)));
    let mut executor = Executor::new(program, Family::Scalar, workers, Vec::new()).unwrap();
    let tables = executor.picture_tables(|_, value| value.into()).unwrap();
    assert_eq!(executor.set_picture(&[0; 59], &tables), Err(RunError::Picture { expected: 60, found: 59 }));
}

#[test]
fn step_times_are_measured_when_asked_for() {
    let workers = Arc::new(Workers::new(1).unwrap());
    let program = Arc::new(picture_program(3, 40, 50, &some_codes(256)));
    let mut executor = Executor::new(program, Family::Scalar, workers, Vec::new()).unwrap();
    executor.run().unwrap();
    assert!(executor.step_times().is_empty());
    executor.measure_steps(true);
    executor.run().unwrap();
    let times = executor.step_times();
    assert_eq!(times.iter().map(|time| time.name.as_str()).collect::<Vec<_>>(), ["step 0", "step 1"]);
    assert!(times.iter().all(|time| !time.median.is_zero()));
}

/// Changes one number somewhere in a program as it is written to a file.
fn damaged(program: &Program, at: prop::sample::Index, byte: u8) -> Option<Program> {
    let mut bytes = postcard::to_stdvec(program).ok()?;
    let at = at.index(bytes.len());
    bytes[at] = byte;
    postcard::from_bytes(&bytes).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// The arithmetic of kernels is sound whatever they compute; what must not happen is a panic, an endless loop or an allocation without limit.
    #[test]
    fn a_damaged_program_is_refused_or_runs(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut program = picture_program(3, 4, 5, &some_codes(256));
        let pool = PoolKind::Average { zero: ZERO, scale: 1.0, count_padding: true, output: all() };
        let output = ValueId(program.values.len());
        let mut value = program.values[2].clone();
        value.shape = vec![1, 3, 2, 2];
        value.place = super::super::super::program::Place::Arena(program.arena_len);
        program.values.push(value);
        program.arena_len += 192;
        let pool = Pool { kind: pool, batch: 1, input: [4, 5, 3], output: [2, 2], kernel: [3, 3], stride: [2, 2], dilation: [1, 1], padding: [1, 1] };
        program.steps.push(Step { name: String::new(), operation: Operation::Pool(pool), inputs: vec![ValueId(2)], outputs: vec![output] });
        program.outputs = vec![output];
        // Not the constants: they are most of the bytes, and any are legal in this program.
        if let Some(program) = damaged(&program, at, byte) {
            let workers = Arc::new(Workers::new(1).unwrap());
            if let Ok(mut executor) = Executor::new(Arc::new(program), Family::Scalar, workers, Vec::new()) {
                prop_assert_eq!(executor.run(), Ok(()));
            }
        }
    }
}
