//! Convolutions, cut into bands of rows that stay in cache, each a product or a depthwise convolution over rows that lie where they are or, if
//! they look outside of the picture, over a padded copy.

use std::ops::Range;

use super::{
    super::{
        kernels::{
            CHANNEL_PADDING, Code, DepthwiseShape, Processor, READ_SLACK, Requantise,
            driver::{DepthwisePlan, PackedWeights, Panicked, Strided, Tile, depthwise, product},
        },
        program::{Constants, Convolution, Method, Requant, Table},
    },
    bands::{Bands, Work, pictures},
    step::{Context, Room},
};

/// A convolution, ready to run.
#[derive(Debug)]
pub(super) struct Convolve {
    shape: Convolution,
    kernel: Kernel,
    /// Whether input pixels are read where they lie.
    in_place: bool,
    /// Whether all pixels are one row: 1x1, stride 1.
    flat: bool,
    /// Codes from one input row, or padded input row, to the next.
    row: usize,
    bands: Bands,
    tables: Tables,
}

#[derive(Debug)]
enum Kernel {
    Product { segments: Vec<usize>, depth: usize, weights: Vec<Table> },
    Depthwise { plan: Option<DepthwisePlan>, weights: Table },
}

/// Bias and scale: in the constants, or extended so that those of the last group can be read up to [`CHANNEL_PADDING`].
#[derive(Debug)]
enum Tables {
    Constant,
    Extended { bias: Vec<i32>, scale: Vec<f32> },
}

impl Convolve {
    /// Of a checked program's step.
    pub(super) fn new(shape: &Convolution, constants: &Constants, processor: Processor, threads: usize) -> (Self, Room) {
        let [height, width, channels] = shape.input;
        let in_place = shape.reads_in_place();
        let row = channels * if in_place { width } else { shape.padded_width() };
        let pointwise = shape.kernel == [1, 1] && shape.stride == [1, 1];
        let flat = in_place && pointwise && shape.output[..2] == [height, width] && matches!(shape.method, Method::Product { .. });
        let (kernel, weights, groups) = match &shape.method {
            Method::Product { groups, segments, depth, weights } => {
                let offset = |&[y, x]: &[usize; 2]| y * shape.dilation[0] * row + x * shape.dilation[1] * channels;
                let segments: Vec<usize> = segments.iter().map(offset).collect();
                let bytes = weights.iter().map(|table| table.len).sum();
                (Kernel::Product { segments, depth: *depth, weights: weights.clone() }, bytes, *groups)
            }
            Method::Depthwise { weights } | Method::DepthwisePortable { weights } => {
                let portable = matches!(shape.method, Method::DepthwisePortable { .. });
                let Convolution { kernel, stride, dilation, .. } = *shape;
                let plan = DepthwisePlan::new(processor, DepthwiseShape { channels, kernel, stride, dilation }, portable);
                (Kernel::Depthwise { plan, weights: *weights }, weights.len, 1)
            }
        };
        let line = if flat { 1 } else { shape.output[1] };
        let rows = shape.batch * shape.output[0] * if flat { shape.output[1] } else { 1 };
        let work = Work {
            rows,
            row_bytes: if flat { channels } else { shape.stride[0] * row } + line * shape.output[2],
            weights,
            columns: shape.output[2],
            column_step: match kernel {
                Kernel::Product { .. } if groups == 1 => processor.kernels().layout.width,
                Kernel::Product { .. } => shape.output[2] / groups,
                Kernel::Depthwise { .. } => 0,
            },
            multiply_adds: (shape.multiply_adds() / rows.max(1) as u64) as usize,
        };
        let bands = Bands::of(&work, threads);
        let padded_rows = shape.input_rows(&(0..bands.rows.min(shape.output[0]))).len();
        let codes = if in_place { 0 } else { padded_rows * row + READ_SLACK };
        let tables = if groups == 1 { Tables::Constant } else { Tables::extended(&shape.requant, constants) };
        let convolve = Self { shape: shape.clone(), kernel, in_place, flat, row, bands, tables };
        (convolve, Room { codes, ..Room::default() })
    }

    /// `input` with [`READ_SLACK`] behind it.
    pub(super) fn run(&self, context: &Context, input: &[Code], output: &mut [Code]) -> Result<(), Panicked> {
        let [height, width, channels] = self.shape.input;
        let [out_height, out_width, out_channels] = self.shape.output;
        let picture = height * width * channels;
        let requantise = self.requantise(context.constants);
        match &self.kernel {
            Kernel::Product { segments, depth, weights } => {
                let layer = Layer { weights, requantise };
                let line = if self.flat { 1 } else { out_width };
                context.crew.tiles(output, out_channels, [self.bands.rows * line, self.bands.columns], &|first, worker, mut tile| {
                    if self.flat {
                        let row = Strided {
                            codes: &input[first * channels..],
                            rows: 1,
                            row_stride: 0,
                            pixels: tile.rows(),
                            pixel_stride: channels,
                            segments,
                            depth: *depth,
                        };
                        return self.multiply(context, &layer, row, tile);
                    }
                    let first = first / line;
                    pictures(first..first + tile.rows() / line, out_height, |number, rows, at| {
                        let columns = tile.columns();
                        let part = tile.part(at.start * line..at.end * line, columns);
                        self.rows(context, worker, &input[number * picture..], rows.clone(), |codes| {
                            let rows = Strided {
                                codes,
                                rows: rows.len(),
                                row_stride: self.shape.stride[0] * self.row,
                                pixels: out_width,
                                pixel_stride: self.shape.stride[1] * channels,
                                segments,
                                depth: *depth,
                            };
                            self.multiply(context, &layer, rows, part);
                        });
                    });
                })
            }
            Kernel::Depthwise { plan: Some(plan), weights } => {
                let weights = with_slack(context.constants, *weights);
                let line = out_width * out_channels;
                context.crew.parts(output, self.bands.rows * line, &|part, worker, output| {
                    let first = part * self.bands.rows;
                    pictures(first..first + output.len() / line, out_height, |number, rows, at| {
                        let output = &mut output[at.start * line..at.end * line];
                        self.rows(context, worker, &input[number * picture..], rows.clone(), |codes| {
                            depthwise(plan, (codes, self.row), [rows.len(), out_width], weights, requantise, output);
                        });
                    });
                })
            }
            Kernel::Depthwise { plan: None, .. } => Ok(()), // a checked program asks only for kernels that there are
        }
    }

    /// Calls `job` with the input rows, padded, from which the output rows `rows` of one picture are made.
    fn rows(&self, context: &Context, worker: usize, picture: &[Code], rows: Range<usize>, job: impl FnOnce(&[Code])) {
        let needed = self.shape.input_rows(&rows);
        if self.in_place {
            return job(&picture[needed.start as usize * self.row..]);
        }
        let mut scratch = context.scratch(worker);
        let padded = scratch.codes.codes_mut();
        let [height, width, channels] = self.shape.input;
        let outside = self.shape.outside as Code;
        let left = (self.shape.padding[1] * channels).min(self.row);
        let middle = (width * channels).min(self.row - left);
        for (line, y) in padded.chunks_exact_mut(self.row).zip(needed) {
            match usize::try_from(y) {
                Ok(y) if y < height => {
                    line[..left].fill(outside);
                    line[left..left + middle].copy_from_slice(&picture[y * width * channels..][..middle]);
                    line[left + middle..].fill(outside);
                }
                _ => line.fill(outside),
            }
        }
        job(padded);
    }

    /// Multiplies `input`, of all groups, into `tile`.
    fn multiply(&self, context: &Context, layer: &Layer, input: Strided, mut tile: Tile) {
        let groups = layer.weights.len();
        let depth = self.shape.input[2] / groups;
        let width = self.shape.output[2] / groups;
        let (rows, columns) = (tile.rows(), tile.columns());
        for (group, &weights) in layer.weights.iter().enumerate() {
            let first = group * width;
            let wanted = columns.start.max(first)..columns.end.min(first + width);
            if wanted.is_empty() {
                continue;
            }
            let weights = PackedWeights {
                packed: with_slack(context.constants, weights),
                channels: width,
                requantise: Requantise {
                    bias: &layer.requantise.bias[first..],
                    scale: &layer.requantise.scale[first..],
                    ..layer.requantise
                },
            };
            let input = Strided { codes: &input.codes[group * depth..], ..input };
            product(context.processor, &input, &weights, wanted.start - first..wanted.end - first, tile.part(0..rows, wanted));
        }
    }

    fn requantise<'a>(&'a self, constants: &'a Constants) -> Requantise<'a> {
        let Requant { bias, scale, zero_point, lowest, highest } = self.shape.requant;
        let (bias, scale) = match &self.tables {
            Tables::Constant => (constants.values(bias), constants.values(scale)),
            Tables::Extended { bias, scale } => (&bias[..], &scale[..]),
        };
        Requantise { bias, scale, zero_point, lowest: lowest as Code, highest: highest as Code }
    }
}

/// What all bands of a layer share.
struct Layer<'a> {
    weights: &'a [Table],
    requantise: Requantise<'a>,
}

impl Tables {
    fn extended(requant: &Requant, constants: &Constants) -> Self {
        let mut bias = constants.values(requant.bias).to_vec();
        let mut scale = constants.values(requant.scale).to_vec();
        bias.resize(bias.len() + CHANNEL_PADDING, 0);
        scale.resize(scale.len() + CHANNEL_PADDING, 0.0);
        Self::Extended { bias, scale }
    }
}

/// The bytes of `table` and the slack behind it.
fn with_slack(constants: &Constants, table: Table) -> &[i8] {
    bytemuck::cast_slice(constants.bytes(Table { len: table.len + READ_SLACK, ..table }))
}
