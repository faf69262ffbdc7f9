//! Taps of a convolution that never see the picture: atrous convolutions on small maps have many, and each would be multiplied with padding.

use std::{borrow::Cow, ops::Range};

use super::super::operator::{Weights, Window};

/// The window and weights without the outer rows and columns of taps that lie outside of a picture of `input` height and width at every one of
/// `output` positions. Padding holds the code of 0, so that they change no sum.
pub(super) fn trimmed<'a>(window: &Window, weights: &'a Weights, input: [usize; 2], output: [usize; 2]) -> (Window, Cow<'a, Weights>) {
    let [rows, columns] = [0, 1].map(|axis| seen(window, axis, input[axis], output[axis]));
    let [height, width] = window.kernel;
    if (rows.len(), columns.len()) == (height, width) {
        return (*window, Cow::Borrowed(weights));
    }
    let kernel = [rows.len(), columns.len()];
    let taps = weights.values.chunks_exact(height * width);
    let kept = taps.flat_map(|taps| rows.clone().flat_map(|row| taps[row * width..][columns.clone()].iter().copied()).collect::<Vec<_>>());
    let trimmed = Window {
        kernel,
        stride: window.stride,
        // A single tap has no neighbours to be apart from.
        dilation: [0, 1].map(|axis| if kernel[axis] == 1 { 1 } else { window.dilation[axis] }),
        padding: [0, 1].map(|axis| window.padding[axis] - [&rows, &columns][axis].start * window.dilation[axis]),
    };
    let weights = Weights { values: kept.collect(), bias: weights.bias.clone(), scale: weights.scale.clone() };
    (trimmed, Cow::Owned(weights))
}

/// Taps of `axis` from the first to the last that see the picture; all where none does, or where the first would lie inside the picture.
fn seen(window: &Window, axis: usize, input: usize, output: usize) -> Range<usize> {
    let (stride, dilation, padding) = (window.stride[axis], window.dilation[axis], window.padding[axis]);
    let sees = |tap: &usize| (0..output).any(|at| (padding..padding + input).contains(&(at * stride + tap * dilation)));
    let all = 0..window.kernel[axis];
    match (all.clone().find(sees), all.clone().rfind(sees)) {
        (Some(first), Some(last)) if first * dilation <= padding => first..last + 1,
        (Some(_), Some(last)) => 0..last + 1,
        _ => all,
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{Weights, Window, trimmed};

    /// Sums of one channel at every position, padding counted as 0.
    fn sums(window: &Window, weights: &[i16], input: &[i32], size: [usize; 2], output: [usize; 2]) -> Vec<i64> {
        let positions = (0..output[0]).flat_map(|y| (0..output[1]).map(move |x| (y, x)));
        let term = |y: usize, x: usize, tap: usize| {
            let [height, width] = size;
            let row = (y * window.stride[0] + tap / window.kernel[1] * window.dilation[0]).wrapping_sub(window.padding[0]);
            let column = (x * window.stride[1] + tap % window.kernel[1] * window.dilation[1]).wrapping_sub(window.padding[1]);
            if row < height && column < width { i64::from(weights[tap]) * i64::from(input[row * width + column]) } else { 0 }
        };
        positions.map(|(y, x)| (0..weights.len()).map(|tap| term(y, x, tap)).sum()).collect()
    }

    proptest! {
        #[test]
        fn no_sum_changes(
            kernel in [1usize..5, 1usize..5], stride in [1usize..3, 1usize..3], dilation in [1usize..20, 1usize..20], padding in [0usize..20, 0usize..20],
            size in [1usize..9, 1usize..9], output in [1usize..9, 1usize..9],
            weights in vec(-127i16..=127, 16), input in vec(-255i32..=255, 64),
        ) {
            let window = Window { kernel, stride, dilation, padding };
            let weights = Weights { values: weights[..kernel[0] * kernel[1]].to_vec(), bias: vec![3], scale: vec![1.0] };
            let (window_then, weights_then) = trimmed(&window, &weights, size, output);
            prop_assert!(window_then.kernel[0] <= kernel[0] && window_then.kernel[1] <= kernel[1]);
            prop_assert_eq!(
                sums(&window_then, &weights_then.values, &input, size, output),
                sums(&window, &weights.values, &input, size, output)
            );
        }
    }

    #[test]
    fn a_rate_beyond_the_map_leaves_the_centre() {
        let window = Window { kernel: [3, 3], stride: [1, 1], dilation: [12, 12], padding: [12, 12] };
        let weights = Weights { values: (0..18).collect(), bias: vec![0, 0], scale: vec![1.0, 1.0] };
        let (window, weights) = trimmed(&window, &weights, [7, 7], [7, 7]);
        assert_eq!(window, Window { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: [0, 0] });
        assert_eq!(weights.values, [4, 13]);
    }
}
