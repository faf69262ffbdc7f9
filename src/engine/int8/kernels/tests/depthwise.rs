//! Depthwise convolutions: the geometries that families have kernels for, and others.

use proptest::prelude::*;

use super::{
    super::{Code, Depthwise, DepthwiseShape, Family, READ_SLACK, pack_portable},
    Aligned, Tables, UNTOUCHED, codes, fast_families, tables, weights,
};

#[derive(Debug, Clone)]
struct Case {
    shape: DepthwiseShape,
    rows: usize,
    pixels: usize,
    row_stride: usize,
    input: Vec<Code>,
    weights: Vec<i8>,
    tables: Tables,
}

fn case() -> impl Strategy<Value = Case> {
    let channels = prop_oneof![1usize..=15, 16usize..=48, Just(72), Just(144)];
    let square = (prop_oneof![Just(3usize), Just(5usize)], 1usize..=2).prop_map(|(size, stride)| ([size; 2], [stride; 2], [1; 2]));
    let any_shape = ((1usize..=7, 1usize..=7), (1usize..=3, 1usize..=3), (1usize..=2, 1usize..=2))
        .prop_map(|(kernel, stride, dilation)| (kernel.into(), stride.into(), dilation.into()));
    let geometry = prop_oneof![4 => square, 1 => any_shape];
    (channels, geometry, 1usize..=5, 1usize..=20, 0usize..=9).prop_flat_map(|(channels, (kernel, stride, dilation), rows, pixels, gap)| {
        let shape = DepthwiseShape { channels, kernel, stride, dilation };
        let reach = |axis: usize, count: usize| (count - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1;
        let row_stride = reach(1, pixels) * channels + gap;
        let input_len = (reach(0, rows) - 1) * row_stride + reach(1, pixels) * channels;
        let taps = kernel[0] * kernel[1];
        (codes(input_len), weights(channels * taps), tables(channels, 5000.0 * (taps as f32).sqrt()))
            .prop_map(move |(input, weights, tables)| Case { shape, rows, pixels, row_stride, input, weights, tables })
    })
}

impl Case {
    fn run(&self, packed: &[i8], kernel: unsafe fn(&Depthwise)) -> Vec<Code> {
        let packed = Aligned::new(packed);
        let mut input = self.input.clone();
        input.resize(input.len() + READ_SLACK, 0x7f);
        let out_row_stride = self.pixels * self.shape.channels + 3;
        let mut output = vec![UNTOUCHED; self.rows * out_row_stride];
        let task = Depthwise {
            shape: self.shape,
            input: input.as_ptr(),
            row_stride: self.row_stride,
            rows: self.rows,
            pixels: self.pixels,
            weights: packed.as_ptr(),
            requantise: self.tables.requantise(),
            output: output.as_mut_ptr(),
            out_row_stride,
        };
        // SAFETY: input and weights are as long as the geometry asks for, with slack behind; output holds every row.
        unsafe { kernel(&task) };
        output
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_family_convolves_as_the_scalar_twin(case in case()) {
        let wide: Vec<i16> = case.weights.iter().copied().map(i16::from).collect();
        let portable = pack_portable(&case.shape, &wide);
        let expected = case.run(&portable, Family::Scalar.kernels().depthwise);
        for family in fast_families() {
            let kernels = family.kernels();
            prop_assert_eq!(&case.run(&portable, kernels.depthwise_portable), &expected, "portable on {}", family);
            if let Some(packed) = (kernels.pack_depthwise)(&case.shape, &case.weights) {
                prop_assert_eq!(&case.run(&packed, kernels.depthwise), &expected, "{}", family);
            }
        }
    }

    #[test]
    fn the_scalar_twin_computes_the_equation(case in case(), at in any::<prop::sample::Index>()) {
        let DepthwiseShape { channels, kernel, stride, dilation } = case.shape;
        let wide: Vec<i16> = case.weights.iter().copied().map(i16::from).collect();
        let output = case.run(&pack_portable(&case.shape, &wide), Family::Scalar.kernels().depthwise);
        let at = at.index(case.rows * case.pixels * channels);
        let (y, x, c) = (at / (case.pixels * channels), at / channels % case.pixels, at % channels);
        let mut sum = i64::from(case.tables.bias[c]);
        for (ky, kx) in (0..kernel[0]).flat_map(|ky| (0..kernel[1]).map(move |kx| (ky, kx))) {
            let (row, column) = (y * stride[0] + ky * dilation[0], x * stride[1] + kx * dilation[1]);
            let code = case.input[row * case.row_stride + column * channels + c];
            sum += i64::from(code) * i64::from(case.weights[(c * kernel[0] + ky) * kernel[1] + kx]);
        }
        let scaled = (sum as f32 * case.tables.scale[c]).round_ties_even() as i64 + i64::from(case.tables.zero_point);
        let expected = scaled.clamp(case.tables.clamp.0.into(), case.tables.clamp.1.into());
        prop_assert_eq!(i64::from(output[y * (case.pixels * channels + 3) + x * channels + c]), expected);
    }
}
