//! Packing of a matrix of codes as weights, for products of two matrices that are both made at run time.

use super::{
    super::{Code, PanelLayout},
    by_family,
};

/// Most sets of weights that codes are split into: `code - zero_point` lies in -255..=255, a weight in -127..=127.
pub const SETS: usize = 3;

/// What to pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matrix<'a> {
    /// `[depth][columns]`.
    pub codes: &'a [Code],
    /// Rows.
    pub depth: usize,
    /// Columns, which become channels.
    pub columns: usize,
    /// Zero point of the codes.
    pub zero: i32,
    /// Zero point of the other factor.
    pub other_zero: i32,
}

by_family! {
    /// Packs `matrix` into as few sets of weights as its codes need, one segment each, and returns how many. `packed` has room for [`SETS`]
    /// segments; `bias` gets for each column what the other factor's zero point takes off the sum.
    pub fn pack(layout: PanelLayout, matrix: Matrix, packed: &mut [i8], bias: &mut [i32]) -> usize = body
}

#[inline(always)]
fn body(layout: PanelLayout, matrix: Matrix, packed: &mut [i8], bias: &mut [i32]) -> usize {
    let Matrix { codes, depth, columns, zero, other_zero } = matrix;
    let (mut lowest, mut highest) = (Code::MAX, Code::MIN);
    codes.iter().for_each(|&code| (lowest, highest) = (lowest.min(code), highest.max(code)));
    let furthest = (i32::from(highest) - zero).max(zero - i32::from(lowest));
    let sets = ((furthest + 126) / 127).clamp(1, SETS as i32) as usize;
    let bias = &mut bias[..columns];
    bias.fill(0);
    for row in codes.chunks_exact(columns).take(depth) {
        bias.iter_mut().zip(row).for_each(|(sum, &code)| *sum += i32::from(code));
    }
    bias.iter_mut().for_each(|sum| *sum = -other_zero * (*sum - depth as i32 * zero));
    match layout.group {
        1 => groups::<1>(layout, matrix, sets, packed),
        2 => groups::<2>(layout, matrix, sets, packed),
        4 => groups::<4>(layout, matrix, sets, packed),
        8 => groups::<8>(layout, matrix, sets, packed),
        _ => groups::<16>(layout, matrix, sets, packed),
    }
    sets
}

/// Packs for a layout whose groups are `GROUP` deep.
#[inline(always)]
fn groups<const GROUP: usize>(layout: PanelLayout, matrix: Matrix, sets: usize, packed: &mut [i8]) {
    let Matrix { codes, depth, columns, zero, .. } = matrix;
    let blank = [zero as Code; WIDEST];
    for first in (0..columns).step_by(layout.width) {
        let width = layout.panel_width(first, columns).min(WIDEST);
        let real = width.min(columns - first);
        for set in 0..sets {
            let panel = layout.panel_offset(first, sets, depth) + set * width * layout.padded_depth(depth);
            for (number, k) in (0..depth).step_by(GROUP).enumerate() {
                let rows: [&[Code]; GROUP] =
                    std::array::from_fn(|j| if k + j < depth { &codes[(k + j) * columns + first..][..real] } else { &blank[..real] });
                let group = &mut packed[panel + number * width * GROUP..][..width * GROUP];
                let (weights, rest) = group.as_chunks_mut::<GROUP>().0.split_at_mut(real);
                rest.fill([0; GROUP]);
                for (n, weights) in weights.iter_mut().enumerate() {
                    *weights = std::array::from_fn(|j| part(i16::from(rows[j][n]) - zero as i16, set as i16));
                }
            }
        }
    }
}

/// Widest panel of any family.
const WIDEST: usize = 256;

/// What set `set` takes of `value`: together they give all of it.
#[inline(always)]
fn part(value: i16, set: i16) -> i8 {
    let (before, after) = (127 * set, 127 * (set + 1));
    (value.max(-after).min(after) - value.max(-before).min(before)) as i8
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{
        super::super::{Code, PanelLayout, Processor},
        Matrix, SETS, pack, part,
    };

    #[test]
    fn the_parts_are_weights_and_add_up() {
        for value in -255..=255 {
            let parts: Vec<i16> = (0..3).map(|set| part(value, set).into()).collect();
            assert!(parts.iter().all(|part| (-127..=127).contains(part)));
            assert_eq!(parts.iter().sum::<i16>(), value);
        }
    }

    proptest! {
        #[test]
        fn equals_packing_each_set_by_the_layout(
            (depth, columns, codes) in (1usize..20, prop_oneof![1usize..20, 60usize..70]).prop_flat_map(|(depth, columns)| {
                let code = prop_oneof![any::<Code>(), Just(Code::MIN), Just(Code::MAX)];
                (Just(depth), Just(columns), vec(code, depth * columns))
            }),
            zero in i32::from(Code::MIN)..=i32::from(Code::MAX),
            other_zero in i32::from(Code::MIN)..=i32::from(Code::MAX),
            layout in prop_oneof![Just((64, 16, 4)), Just((8, 1, 1)), Just((16, 8, 8)), Just((32, 8, 2))],
        ) {
            let layout = PanelLayout { width: layout.0, narrow: layout.1, group: layout.2 };
            for processor in Processor::available() {
                let mut packed = vec![0x33; layout.packed_len(columns, SETS, depth)];
                let mut bias = vec![77; columns];
                let matrix = Matrix { codes: &codes, depth, columns, zero, other_zero };
                let sets = pack(processor, layout, matrix, &mut packed, &mut bias);
                let value = |k: usize, n: usize| i32::from(codes[k * columns + n]) - zero;
                let furthest = (0..depth * columns).map(|i| value(i / columns, i % columns).abs()).max().unwrap();
                prop_assert!(furthest <= 127 * sets as i32 && (sets == 1 || furthest > 127 * (sets as i32 - 1)));
                let weights: Vec<i8> = (0..columns)
                    .flat_map(|n| (0..sets).flat_map(move |set| (0..depth).map(move |k| (n, set, k))))
                    .map(|(n, set, k)| part(value(k, n) as i16, set as i16))
                    .collect();
                let mut expected = vec![0; layout.packed_len(columns, sets, depth)];
                layout.pack(&weights, columns, sets, depth, &mut expected);
                prop_assert_eq!(&packed[..expected.len()], &expected[..], "{}", processor.family());
                for n in 0..columns {
                    prop_assert_eq!(bias[n], -other_zero * (0..depth).map(|k| value(k, n)).sum::<i32>());
                }
            }
        }
    }
}
