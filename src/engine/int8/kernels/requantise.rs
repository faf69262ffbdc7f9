//! From i32 sums to codes.

use super::Code;

/// How the sums of one layer become codes: see the [module](super) for the equation.
#[derive(Debug, Clone, Copy)]
pub struct Requantise<'a> {
    /// Added to each channel's sum before scaling; holds the layer's bias and the input's zero point times the weights' sum.
    /// Readable up to a multiple of [`CHANNEL_PADDING`](super::CHANNEL_PADDING) channels.
    pub bias: &'a [i32],
    /// Positive factor of each channel: input scale x weight scale / output scale. As long as `bias`.
    pub scale: &'a [f32],
    /// Code of the real value 0, in the output.
    pub zero_point: i32,
    /// Lowest code that may come out: the lower end of codes, or of a fused ReLU or Clip.
    pub lowest: Code,
    /// Highest code that may come out.
    pub highest: Code,
}

impl Requantise<'_> {
    /// The code of `sum` in `channel`; `sum` already holds the bias.
    #[must_use]
    #[inline(always)]
    pub fn code(&self, channel: usize, sum: i32) -> Code {
        self.code_of(sum, self.scale[channel])
    }

    /// The code of `sum` in a channel of this scale.
    #[must_use]
    #[inline(always)]
    pub(super) fn code_of(&self, sum: i32, scale: f32) -> Code {
        // Clamped before the zero point is added: a conversion to i32 that needs no check of its range becomes a vector instruction.
        let [lowest, highest] = [self.lowest, self.highest].map(|end| (i32::from(end) - self.zero_point) as f32);
        let scaled = (sum as f32 * scale).round_ties_even().max(lowest).min(highest);
        // SAFETY: between two codes less another one, so within i32; `max` turns NaN into `lowest`.
        (unsafe { scaled.to_int_unchecked::<i32>() } + self.zero_point) as Code
    }
}
