//! Where tensors lie: as few bytes as their lifetimes allow.

use std::ops::Range;

use super::super::kernels::READ_SLACK;

/// Places blocks so that two whose lifetimes overlap never share a byte. `blocks` are lengths in bytes and the steps during which they live;
/// each gets [`READ_SLACK`] more for itself, because another thread may write what lies behind, and is rounded up to 64. Returns each block's
/// first byte and the length of the whole.
///
/// The largest first, each at the lowest place that is free during its life: near the optimum for chains, where few blocks live at once.
#[must_use]
pub fn place(blocks: &[(usize, Range<usize>)]) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    order.sort_by_key(|&block| std::cmp::Reverse(blocks[block].0));
    let mut starts = vec![0; blocks.len()];
    let mut placed: Vec<usize> = Vec::new();
    for block in order {
        let (len, ref life) = blocks[block];
        let len = room(len);
        let mut taken: Vec<Range<usize>> = placed
            .iter()
            .filter(|&&other| blocks[other].1.start < life.end && life.start < blocks[other].1.end)
            .map(|&other| starts[other]..starts[other] + room(blocks[other].0))
            .collect();
        taken.sort_by_key(|range| range.start);
        let mut start = 0;
        for range in taken {
            if start + len <= range.start {
                break;
            }
            start = start.max(range.end);
        }
        starts[block] = start;
        placed.push(block);
    }
    let end = placed.iter().map(|&block| starts[block] + room(blocks[block].0)).max().unwrap_or(0);
    (starts, end)
}

/// Bytes that a block of `len` bytes takes.
fn room(len: usize) -> usize {
    (len + READ_SLACK).next_multiple_of(64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{READ_SLACK, place};

    proptest! {
        #[test]
        fn blocks_that_live_at_the_same_time_share_nothing(
            blocks in prop::collection::vec((1usize..5000, 0usize..40, 1usize..12), 1..60)
        ) {
            let blocks: Vec<_> = blocks.into_iter().map(|(len, from, steps)| (len, from..from + steps)).collect();
            let (starts, len) = place(&blocks);
            for (i, (one, life)) in blocks.iter().enumerate() {
                prop_assert!(starts[i] % 64 == 0 && starts[i] + one + READ_SLACK <= len);
                for (j, (other, other_life)) in blocks.iter().enumerate().skip(i + 1) {
                    let together = life.start < other_life.end && other_life.start < life.end;
                    let apart = starts[i] + one + READ_SLACK <= starts[j] || starts[j] + other + READ_SLACK <= starts[i];
                    prop_assert!(!together || apart, "{i} and {j}");
                }
            }
        }
    }

    #[test]
    fn a_chain_needs_no_more_than_its_two_largest_neighbours() {
        let blocks = [(6400, 0..2), (12800, 1..3), (3200, 2..4), (640, 3..5)];
        assert_eq!(place(&blocks).1, 6400 + 12800 + 2 * READ_SLACK);
    }
}
