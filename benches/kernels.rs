//! Multiply-adds each second of every int8 kernel that this processor can run, on the layers of EfficientNet-Lite0 and ResNet-50.
//!
//! `cargo bench --bench kernels`; a part of a name chooses: `cargo bench --bench kernels -- avx512vnni`. An "item" is a multiply-add. The
//! ceilings printed first are the families' instructions in a loop without memory. Operands stay in cache, as between neighbouring layers.

use std::fmt;

use divan::{Bencher, counter::ItemsCount};
use lentigo::engine::int8::kernels::{
    CHANNEL_PADDING, Code, Depthwise, DepthwiseShape, Family, Kernels, Product, READ_SLACK, Requantise, ceiling, pack_portable,
};

fn main() {
    for family in Family::available() {
        println!("ceiling of {family}: {:.1} GMAC/s", ceiling(family));
    }
    divan::main();
}

/// A layer as a matrix product: `rows` of `pixels`, `segments` of `depth` codes, so many output channels.
#[derive(Clone, Copy)]
struct Layer {
    rows: usize,
    pixels: usize,
    segments: usize,
    depth: usize,
    channels: usize,
}

const fn pointwise(side: usize, depth: usize, channels: usize) -> Layer {
    Layer { rows: side, pixels: side, segments: 1, depth, channels }
}

const fn square_3x3(side: usize, channels: usize) -> Layer {
    Layer { rows: side, pixels: side, segments: 3, depth: 3 * channels, channels }
}

const LITE0: [Layer; 20] = [
    pointwise(112, 32, 16),
    pointwise(112, 16, 96),
    pointwise(56, 96, 24),
    pointwise(56, 24, 144),
    pointwise(56, 144, 24),
    pointwise(28, 144, 40),
    pointwise(28, 40, 240),
    pointwise(28, 240, 40),
    pointwise(14, 240, 80),
    pointwise(14, 80, 480),
    pointwise(14, 480, 80),
    pointwise(14, 480, 112),
    pointwise(14, 112, 672),
    pointwise(14, 672, 112),
    pointwise(7, 672, 192),
    pointwise(7, 192, 1152),
    pointwise(7, 1152, 192),
    pointwise(7, 1152, 320),
    pointwise(7, 320, 1280),
    pointwise(1, 1280, 1000),
];

const RESNET_50: [Layer; 14] = [
    pointwise(56, 64, 64),
    square_3x3(56, 64),
    pointwise(56, 64, 256),
    pointwise(56, 256, 64),
    square_3x3(28, 128),
    pointwise(28, 128, 512),
    pointwise(28, 512, 128),
    square_3x3(14, 256),
    pointwise(14, 256, 1024),
    pointwise(14, 1024, 256),
    square_3x3(7, 512),
    pointwise(7, 512, 2048),
    pointwise(7, 2048, 512),
    pointwise(1, 2048, 1000),
];

/// `(side of the output, channels, kernel, stride)` of EfficientNet-Lite0's depthwise convolutions.
const DEPTHWISE: [(usize, usize, usize, usize); 11] = [
    (112, 32, 3, 1),
    (56, 96, 3, 2),
    (56, 144, 3, 1),
    (28, 144, 5, 2),
    (28, 240, 5, 1),
    (14, 240, 3, 2),
    (14, 480, 3, 1),
    (14, 672, 5, 1),
    (7, 672, 5, 2),
    (7, 1152, 5, 1),
    (7, 1152, 3, 1),
];

/// What one benchmark runs, and its name.
struct Case<T> {
    family: Family,
    layer: T,
}

impl fmt::Display for Case<Layer> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Layer { rows, pixels, segments, depth, channels } = self.layer;
        write!(f, "{} {} pixels, depth {segments} x {depth}, {channels} channels", self.family, rows * pixels)
    }
}

impl fmt::Display for DepthwiseCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (side, channels, kernel, stride) = self.layer;
        write!(f, "{} {side} x {side}, {channels} channels, {kernel}x{kernel} stride {stride}", self.family)
    }
}

fn cases<T: Copy>(layers: &[T]) -> Vec<Case<T>> {
    let families = Family::available().filter(|family| *family != Family::Scalar);
    families.flat_map(|family| layers.iter().map(move |&layer| Case { family, layer })).collect()
}

/// Codes and weights that are neither all alike nor random from run to run.
fn mixed(at: usize) -> u8 {
    ((at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8
}

/// Bytes at a 64-byte boundary with readable slack behind.
struct Aligned {
    bytes: Vec<u8>,
    start: usize,
}

impl Aligned {
    fn new(bytes: impl ExactSizeIterator<Item = u8>) -> Self {
        let mut padded = vec![0; bytes.len() + 64 + READ_SLACK];
        let start = padded.as_ptr().align_offset(64);
        padded[start..].iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        Self { bytes: padded, start }
    }

    fn as_ptr(&self) -> *const u8 {
        self.bytes[self.start..].as_ptr()
    }
}

/// Bias and scale for so many channels.
fn tables(channels: usize) -> (Vec<i32>, Vec<f32>) {
    let padded = channels.next_multiple_of(CHANNEL_PADDING);
    (vec![1000; padded], vec![1e-3; padded])
}

fn requantise<'a>(bias: &'a [i32], scale: &'a [f32]) -> Requantise<'a> {
    Requantise { bias, scale, zero_point: 3, lowest: 3, highest: Code::MAX }
}

#[divan::bench(args = cases(&LITE0))]
fn product_lite0(bencher: Bencher, case: &Case<Layer>) {
    product(bencher, case);
}

#[divan::bench(args = cases(&RESNET_50))]
fn product_resnet_50(bencher: Bencher, case: &Case<Layer>) {
    product(bencher, case);
}

fn product(bencher: Bencher, case: &Case<Layer>) {
    let Layer { rows, pixels, segments, depth, channels } = case.layer;
    let kernels: &Kernels = case.family.kernels();
    let weights: Vec<i8> = (0..channels * segments * depth).map(|at| (mixed(at) as i8).max(-127)).collect();
    let mut packed = vec![0; kernels.layout.packed_len(channels, segments, depth)];
    kernels.layout.pack(&weights, channels, segments, depth, &mut packed);
    let packed = Aligned::new(packed.iter().map(|&weight| weight as u8));
    // A 3x3 convolution's rows have a pixel of padding at each end.
    let pixel_stride = depth / segments;
    let row_stride = (pixels + segments - 1) * pixel_stride;
    let input = Aligned::new((0..(rows + segments - 1) * row_stride).map(mixed));
    let segments: Vec<usize> = (0..segments).map(|row| row * row_stride).collect();
    let (bias, scale) = tables(channels);
    let mut output = vec![0 as Code; rows * pixels * channels];
    bencher.counter(ItemsCount::new(rows * pixels * weights.len())).bench_local(|| {
        // Bands of rows as an engine asks for them: about 32 KB of input.
        let band = ((32 << 10) / row_stride).clamp(1, rows);
        for start in (0..rows).step_by(band) {
            let task = Product {
                input: input.as_ptr().wrapping_add(start * row_stride).cast(),
                rows: band.min(rows - start),
                row_stride,
                pixels,
                pixel_stride,
                segments: &segments,
                depth,
                weights: packed.as_ptr().cast(),
                all_channels: channels,
                channels: 0..channels,
                requantise: requantise(&bias, &scale),
                output: output.as_mut_ptr().wrapping_add(start * pixels * channels),
                out_row_stride: pixels * channels,
                out_pixel_stride: channels,
            };
            // SAFETY: input, output and packed weights are as large as the layer says, with slack; the family is available.
            unsafe { (kernels.product)(&task) };
        }
    });
}

type DepthwiseCase = Case<(usize, usize, usize, usize)>;

impl DepthwiseCase {
    fn shape(&self) -> DepthwiseShape {
        let (_, channels, kernel, stride) = self.layer;
        DepthwiseShape { channels, kernel: [kernel; 2], stride: [stride; 2], dilation: [1; 2] }
    }

    fn weights(&self) -> Vec<i8> {
        let (_, channels, kernel, _) = self.layer;
        (0..channels * kernel * kernel).map(|at| (mixed(at) as i8).max(-127)).collect()
    }

    fn portable_weights(&self) -> Vec<i8> {
        pack_portable(&self.shape(), &self.weights().into_iter().map(i16::from).collect::<Vec<_>>())
    }
}

#[divan::bench(args = cases(&DEPTHWISE))]
fn depthwise_lite0(bencher: Bencher, case: &DepthwiseCase) {
    let kernels = case.family.kernels();
    match (kernels.pack_depthwise)(&case.shape(), &case.weights()) {
        Some(packed) => depthwise(bencher, case, &packed, kernels.depthwise),
        None => depthwise(bencher, case, &case.portable_weights(), kernels.depthwise_portable),
    }
}

#[divan::bench(args = cases(&DEPTHWISE[..3]))]
fn depthwise_of_any_geometry(bencher: Bencher, case: &DepthwiseCase) {
    depthwise(bencher, case, &case.portable_weights(), case.family.kernels().depthwise_portable);
}

fn depthwise(bencher: Bencher, case: &DepthwiseCase, packed: &[i8], kernel: unsafe fn(&Depthwise)) {
    let (side, channels, size, stride) = case.layer;
    let packed = Aligned::new(packed.iter().map(|&weight| weight as u8));
    let row_stride = ((side - 1) * stride + size) * channels;
    let input = Aligned::new((0..((side - 1) * stride + size) * row_stride).map(mixed));
    let (bias, scale) = tables(channels);
    let mut output = vec![0 as Code; side * side * channels];
    bencher.counter(ItemsCount::new(side * side * channels * size * size)).bench_local(|| {
        let task = Depthwise {
            shape: case.shape(),
            input: input.as_ptr().cast(),
            row_stride,
            rows: side,
            pixels: side,
            weights: packed.as_ptr().cast(),
            requantise: requantise(&bias, &scale),
            output: output.as_mut_ptr(),
            out_row_stride: side * channels,
        };
        // SAFETY: input, output and packed weights are as large as the layer says, with slack; the family is available.
        unsafe { kernel(&task) };
    });
}
