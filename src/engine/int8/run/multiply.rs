//! Products of two matrices that are both made at run time: the second is packed as weights first.

use std::sync::PoisonError;

use super::{
    super::{
        kernels::{
            CHANNEL_PADDING, Code, Processor, READ_SLACK, Requantise,
            driver::{PackedWeights, Panicked, Strided, product},
            elementwise::{self, SETS},
        },
        program::Matrix,
    },
    bands::pictures,
    memory::Aligned,
    step::{Context, Room},
};

/// A product of two tensors, ready to run.
#[derive(Debug)]
pub(super) struct Multiplication {
    matrix: Matrix,
    /// The same scale for each column, up to [`CHANNEL_PADDING`].
    scale: Vec<f32>,
}

/// One matrix, packed.
#[derive(Debug)]
pub(super) struct Packed {
    weights: Aligned,
    bias: Vec<i32>,
    sets: usize,
}

impl Packed {
    /// Room for `bytes` of weights and `columns` columns.
    pub(super) fn new(bytes: usize, columns: usize) -> Self {
        Self { weights: Aligned::new(bytes + READ_SLACK), bias: vec![0; columns.next_multiple_of(CHANNEL_PADDING)], sets: 0 }
    }

    /// Bytes.
    pub(super) fn len(&self) -> usize {
        self.weights.bytes().len() + self.bias.len() * size_of::<i32>()
    }
}

/// The input is read once for each set.
const SEGMENTS: [usize; SETS] = [0; SETS];
/// Bytes of the first factor and the output that are multiplied at a time: they stay in the first-level cache beside the packed second.
const ROW_BYTES: usize = 32 << 10;

impl Multiplication {
    pub(super) fn new(matrix: &Matrix, processor: Processor) -> (Self, Room) {
        let bytes = processor.kernels().layout.packed_len(matrix.columns, SETS, matrix.depth);
        let matrices = if matrix.shared { 1 } else { matrix.batch };
        let scale = vec![matrix.scale; matrix.columns.next_multiple_of(CHANNEL_PADDING)];
        (Self { matrix: matrix.clone(), scale }, Room { matrices: [matrices, bytes, matrix.columns], ..Room::default() })
    }

    /// `a` with [`READ_SLACK`] behind it.
    pub(super) fn run(&self, context: &Context, a: &[Code], b: &[Code], output: &mut [Code]) -> Result<(), Panicked> {
        let Matrix { shared, rows, depth, columns, a_zero, b_zero, output: out, batch, .. } = self.matrix;
        let kernels = context.processor.kernels();
        context.crew.run(if shared { 1 } else { batch }, &|number, _| {
            let mut packed = context.packed[number].write().unwrap_or_else(PoisonError::into_inner);
            let Packed { weights, bias, sets } = &mut *packed;
            let codes = &b[number * depth * columns..][..depth * columns];
            let matrix = elementwise::Matrix { codes, depth, columns, zero: b_zero, other_zero: a_zero };
            *sets = elementwise::pack(context.processor, kernels.layout, matrix, bytemuck::cast_slice_mut(weights.bytes_mut()), bias);
        })?;
        // As one tall matrix, cut anywhere; what belongs to different matrices of the second factor is told apart within.
        let all = batch * rows;
        let rows = if shared { all } else { rows };
        let band = (ROW_BYTES / (depth + columns)).max(16).min(all.div_ceil(context.threads));
        context.crew.tiles(output, columns, [band, columns], &|first, _, mut tile| {
            pictures(first..first + tile.rows(), rows, |number, _, at| {
                let packed = context.packed[number].read().unwrap_or_else(PoisonError::into_inner);
                let requantise = Requantise {
                    bias: &packed.bias,
                    scale: &self.scale,
                    zero_point: out.zero_point,
                    lowest: out.lowest as Code,
                    highest: out.highest as Code,
                };
                let weights = PackedWeights { packed: bytemuck::cast_slice(packed.weights.bytes()), channels: columns, requantise };
                let tile = tile.part(at.clone(), 0..columns);
                let input = Strided {
                    codes: &a[(first + at.start) * depth..],
                    rows: 1,
                    row_stride: 0,
                    pixels: tile.rows(),
                    pixel_stride: depth,
                    segments: &SEGMENTS[..packed.sets],
                    depth,
                };
                product(context.processor, &input, &weights, 0..columns, tile);
            });
        })
    }
}
