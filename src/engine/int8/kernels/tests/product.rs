//! Matrix products: plain, strided, over several segments, over parts of the channels.

use proptest::prelude::*;

use super::{
    super::{Code, Family, Product, READ_SLACK},
    Aligned, Tables, UNTOUCHED, codes, fast_families, tables, weights,
};

#[derive(Debug, Clone)]
struct Case {
    rows: usize,
    pixels: usize,
    pixel_stride: usize,
    row_stride: usize,
    segments: Vec<usize>,
    depth: usize,
    channels: usize,
    out_gap: usize,
    input: Vec<Code>,
    weights: Vec<i8>,
    tables: Tables,
}

fn case() -> impl Strategy<Value = Case> {
    let channels = prop_oneof![1usize..=20, 28usize..=36, 60usize..=70, Just(96)];
    let depth = prop_oneof![1usize..=9, 12usize..=40, Just(64), 100usize..=130];
    let geometry = (1usize..=3, 1usize..=33, 0usize..=5, 0usize..=7, prop::collection::vec(0usize..=50, 1..=4));
    (channels, depth, geometry, 0usize..=3).prop_flat_map(|(channels, depth, (rows, pixels, gap, row_gap, segments), out_gap)| {
        let pixel_stride = depth + gap;
        let row_stride = pixels * pixel_stride + row_gap;
        let furthest = segments.iter().max().copied().unwrap_or(0);
        let input_len = (rows - 1) * row_stride + (pixels - 1) * pixel_stride + furthest + depth;
        let terms = segments.len() * depth;
        (codes(input_len), weights(channels * terms), tables(channels, 5000.0 * (terms as f32).sqrt())).prop_map(
            move |(input, weights, tables)| {
                let segments = segments.clone();
                Case { rows, pixels, pixel_stride, row_stride, segments, depth, channels, out_gap, input, weights, tables }
            },
        )
    })
}

impl Case {
    /// All outputs, with the gaps between pixels and rows, as `family` computes them in steps of `step` panels.
    fn run(&self, family: Family, step: usize) -> Vec<Code> {
        let kernels = family.kernels();
        let (layout, segments) = (kernels.layout, self.segments.len());
        let mut packed = vec![0; layout.packed_len(self.channels, segments, self.depth)];
        layout.pack(&self.weights, self.channels, segments, self.depth, &mut packed);
        let packed = Aligned::new(&packed);
        let mut input = self.input.clone();
        input.resize(input.len() + READ_SLACK, 0x7f);
        let out_pixel_stride = self.channels + self.out_gap;
        let out_row_stride = self.pixels * out_pixel_stride + self.out_gap;
        let mut output = vec![UNTOUCHED; self.rows * out_row_stride];
        for start in (0..self.channels).step_by(step * layout.width) {
            let task = Product {
                input: input.as_ptr(),
                rows: self.rows,
                row_stride: self.row_stride,
                pixels: self.pixels,
                pixel_stride: self.pixel_stride,
                segments: &self.segments,
                depth: self.depth,
                weights: packed.as_ptr(),
                all_channels: self.channels,
                channels: start..self.channels.min(start + step * layout.width),
                requantise: self.tables.requantise(),
                output: output.as_mut_ptr(),
                out_row_stride,
                out_pixel_stride,
            };
            // SAFETY: input and weights are as long as the geometry asks for, with slack behind; output holds every row.
            unsafe { (kernels.product)(&task) };
        }
        output
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_family_multiplies_as_the_scalar_twin(case in case()) {
        let expected = case.run(Family::Scalar, 1000);
        for family in fast_families() {
            prop_assert_eq!(&case.run(family, 1000), &expected, "{}", family);
            prop_assert_eq!(&case.run(family, 1), &expected, "{} panel by panel", family);
        }
    }

    #[test]
    fn the_scalar_twin_computes_the_equation(case in case(), at in any::<prop::sample::Index>()) {
        let output = case.run(Family::Scalar, 1000);
        let at = at.index(case.rows * case.pixels * case.channels);
        let (y, x, n) = (at / (case.pixels * case.channels), at / case.channels % case.pixels, at % case.channels);
        let mut sum = i64::from(case.tables.bias[n]);
        for (s, offset) in case.segments.iter().enumerate() {
            for k in 0..case.depth {
                let code = case.input[y * case.row_stride + x * case.pixel_stride + offset + k];
                sum += i64::from(code) * i64::from(case.weights[(n * case.segments.len() + s) * case.depth + k]);
            }
        }
        let scaled = (sum as f32 * case.tables.scale[n]).round_ties_even() as i64 + i64::from(case.tables.zero_point);
        let expected = scaled.clamp(case.tables.clamp.0.into(), case.tables.clamp.1.into());
        let out_pixel_stride = case.channels + case.out_gap;
        let found = output[y * (case.pixels * out_pixel_stride + case.out_gap) + x * out_pixel_stride + n];
        prop_assert_eq!(i64::from(found), expected);
    }
}
