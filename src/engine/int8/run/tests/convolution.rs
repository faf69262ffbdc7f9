//! Convolutions of every kind against the equation, for any padding, batch, band and number of threads.

use proptest::{collection::vec, prelude::*};

use super::{
    super::super::{
        kernels::{Code, DepthwiseShape, Family, pack_portable},
        program::{Convolution, Element, Layout, Method, Operation, Output, Program},
    },
    THREADS,
    builder::Builder,
    run,
};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Product,
    Depthwise,
    Portable,
}

#[derive(Debug, Clone)]
struct Case {
    kind: Kind,
    groups: usize,
    batch: usize,
    input: [usize; 3],
    out_channels: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    padding: [usize; 2],
    output: [usize; 2],
    outside: Code,
    codes: Vec<Code>,
    /// `[out channel][kernel row][kernel column][channel of the group]`.
    weights: Vec<i8>,
    bias: Vec<i32>,
    scale: f32,
    clamp: Output,
}

fn case() -> impl Strategy<Value = Case> {
    let kind = prop_oneof![3 => Just(Kind::Product), 1 => Just(Kind::Depthwise), 1 => Just(Kind::Portable)];
    let axis = || (1usize..=12, prop_oneof![Just(1usize), Just(3), 2usize..=5], 1usize..=2, 1usize..=2, 0usize..=3, 0usize..=2);
    let channels = (prop_oneof![3 => Just(1usize), 1 => 2usize..=3], 1usize..=9, prop_oneof![1usize..=9, Just(70)]);
    let code = || i32::from(Code::MIN)..=i32::from(Code::MAX);
    let clamp = (code(), code(), code()).prop_map(|(zero_point, a, b)| Output { zero_point, lowest: a.min(b), highest: a.max(b) });
    (kind, axis(), axis(), channels, 1usize..=2, any::<Code>(), clamp).prop_flat_map(
        |(kind, y, x, (groups, of_in, of_out), batch, outside, clamp)| {
            let (groups, channels, out_channels) = match kind {
                Kind::Product => (groups, groups * of_in, groups * of_out),
                _ => (of_in * 4, of_in * 4, of_in * 4),
            };
            // As many outputs as fit with the padding, and sometimes more, which then see more padding.
            let output = |axis: (usize, usize, usize, usize, usize, usize)| {
                let (len, kernel, stride, dilation, padding, more) = axis;
                (len + 2 * padding).saturating_sub((kernel - 1) * dilation + 1) / stride + 1 + more / 2
            };
            let terms = y.1 * x.1 * channels / groups;
            let tables = (
                vec(any::<Code>(), batch * y.0 * x.0 * channels),
                vec(-127i8..=127, out_channels * terms),
                vec(-3000i32..3000, out_channels),
            );
            tables.prop_map(move |(codes, weights, bias)| Case {
                kind,
                groups,
                batch,
                input: [y.0, x.0, channels],
                out_channels,
                kernel: [y.1, x.1],
                stride: [y.2, x.2],
                dilation: [y.3, x.3],
                padding: [y.4, x.4],
                output: [output(y), output(x)],
                outside,
                codes,
                weights,
                bias,
                scale: 0.02 / (terms as f32).sqrt(),
                clamp,
            })
        },
    )
}

impl Case {
    fn expected(&self) -> Vec<Code> {
        let [height, width, channels] = self.input;
        let (of_in, of_out) = (channels / self.groups, self.out_channels / self.groups);
        let mut output = Vec::new();
        for picture in 0..self.batch {
            for (y, x) in (0..self.output[0]).flat_map(|y| (0..self.output[1]).map(move |x| (y, x))) {
                for n in 0..self.out_channels {
                    let mut sum = self.bias[n];
                    for (ky, kx) in (0..self.kernel[0]).flat_map(|ky| (0..self.kernel[1]).map(move |kx| (ky, kx))) {
                        let row = (y * self.stride[0] + ky * self.dilation[0]).wrapping_sub(self.padding[0]);
                        let column = (x * self.stride[1] + kx * self.dilation[1]).wrapping_sub(self.padding[1]);
                        for k in 0..of_in {
                            let code = if row < height && column < width {
                                self.codes[((picture * height + row) * width + column) * channels + n / of_out * of_in + k]
                            } else {
                                self.outside
                            };
                            let weight = self.weights[((n * self.kernel[0] + ky) * self.kernel[1] + kx) * of_in + k];
                            sum += i32::from(code) * i32::from(weight);
                        }
                    }
                    let scaled = (sum as f32 * self.scale).round_ties_even() as i32 + self.clamp.zero_point;
                    output.push(scaled.clamp(self.clamp.lowest, self.clamp.highest) as Code);
                }
            }
        }
        output
    }

    /// The program for `family`; `None` if it has no such kernel.
    fn program(&self, family: Family) -> Option<Program> {
        let mut builder = Builder::default();
        let [height, width, channels] = self.input;
        let kernels = family.kernels();
        let of_in = channels / self.groups;
        let shape = DepthwiseShape { channels, kernel: self.kernel, stride: self.stride, dilation: self.dilation };
        let method = match self.kind {
            Kind::Product => {
                let whole_rows = self.groups == 1 && self.dilation[1] == 1;
                let (columns, depth) = if whole_rows { (1, self.kernel[1] * of_in) } else { (self.kernel[1], of_in) };
                let segments: Vec<[usize; 2]> = (0..self.kernel[0]).flat_map(|y| (0..columns).map(move |x| [y, x])).collect();
                let of_out = self.out_channels / self.groups;
                let weights = self.weights.chunks(self.weights.len() / self.groups).map(|weights| {
                    let mut packed = vec![0; kernels.layout.packed_len(of_out, segments.len(), depth)];
                    kernels.layout.pack(weights, of_out, segments.len(), depth, &mut packed);
                    builder.constants.push(bytemuck::cast_slice(&packed))
                });
                let weights = weights.collect();
                Method::Product { groups: self.groups, segments, depth, weights }
            }
            Kind::Depthwise => {
                let packed = (kernels.pack_depthwise)(&shape, &self.weights)?;
                Method::Depthwise { weights: builder.constants.push(bytemuck::cast_slice(&packed)) }
            }
            Kind::Portable => {
                let wide: Vec<i16> = self.weights.iter().copied().map(i16::from).collect();
                let packed = pack_portable(&shape, &wide);
                Method::DepthwisePortable { weights: builder.constants.push(bytemuck::cast_slice(&packed)) }
            }
        };
        let convolution = Convolution {
            batch: self.batch,
            input: self.input,
            output: [self.output[0], self.output[1], self.out_channels],
            kernel: self.kernel,
            stride: self.stride,
            dilation: self.dilation,
            padding: self.padding,
            outside: self.outside.into(),
            method,
            requant: builder.requant(&self.bias, &vec![self.scale; self.out_channels], self.clamp),
        };
        let input = builder.value(&[self.batch, channels, height, width], Layout::ChannelsLast, Element::Code);
        let input = builder.input(input);
        let shape = [self.batch, self.out_channels, self.output[0], self.output[1]];
        let output = builder.value(&shape, Layout::ChannelsLast, Element::Code);
        builder.step(Operation::Convolve(convolution), &[input], output);
        Some(builder.finish(&[output]))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn equals_the_equation_on_every_family_with_any_number_of_threads(case in case()) {
        let expected = case.expected();
        for family in Family::available() {
            if let Some(program) = case.program(family) {
                for threads in THREADS {
                    prop_assert_eq!(&run(&program, family, threads, &[&case.codes]), &expected, "{}, {} threads", family, threads);
                }
            }
        }
    }
}

/// Large enough to be cut into bands, and between threads, by rows and by channels.
#[test]
fn large_layers_are_cut_without_a_seam() {
    let layer = |input: [usize; 3], out_channels: usize, kernel: usize, stride: usize, batch: usize| {
        let terms = kernel * kernel * input[2];
        let mut state = 1u32;
        let mut random = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        Case {
            kind: Kind::Product,
            groups: 1,
            batch,
            input,
            out_channels,
            kernel: [kernel; 2],
            stride: [stride; 2],
            dilation: [1; 2],
            padding: [kernel / 2; 2],
            output: [input[0].div_ceil(stride), input[1].div_ceil(stride)],
            outside: 7,
            codes: (0..batch * input.iter().product::<usize>()).map(|_| random() as Code).collect(),
            weights: (0..out_channels * terms).map(|_| (random() as i8).max(-127)).collect(),
            bias: (0..out_channels).map(|n| n as i32 * 10).collect(),
            scale: 0.01 / (terms as f32).sqrt(),
            clamp: Output { zero_point: 100, lowest: Code::MIN.into(), highest: Code::MAX.into() },
        }
    };
    let depthwise = |input: [usize; 3], stride: usize| Case {
        kind: Kind::Portable,
        groups: input[2],
        ..layer([input[0], input[1], 1], input[2], 3, stride, 1)
    };
    let wide = |case: Case, channels: usize| {
        let codes = case.codes.iter().flat_map(|&code| (0..channels).map(move |c| code.wrapping_add(c as Code))).collect();
        Case { input: [case.input[0], case.input[1], channels], codes, ..case }
    };
    let cases = [
        layer([40, 40, 16], 24, 1, 1, 2),
        layer([30, 30, 8], 16, 3, 1, 2),
        layer([1, 1, 600], 500, 1, 1, 1),
        layer([3, 3, 100], 300, 3, 1, 1),
        wide(depthwise([60, 60, 20], 1), 20),
    ];
    for (number, case) in cases.iter().enumerate() {
        let expected = case.expected();
        for family in Family::available() {
            let program = case.program(family).unwrap();
            for threads in THREADS {
                assert!(run(&program, family, threads, &[&case.codes]) == expected, "case {number}, {family}, {threads} threads");
            }
        }
    }
}
