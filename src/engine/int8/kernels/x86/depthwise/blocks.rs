//! How channels are shared out among vectors.

/// Channels `first..first + 16 x lanes / parts`, computed for `parts` stretches of a row at once.
#[derive(Clone, Copy)]
pub(super) struct Block {
    pub(super) first: usize,
    pub(super) parts: usize,
}

impl Block {
    /// The block that covers channel `at` and, as far as it can, those behind. The last one may cover channels again that another covered.
    fn at(at: usize, channels: usize, lanes: usize) -> Self {
        let left = channels - at;
        let mut parts = 1;
        // The narrowest that takes all channels that are left, or else the widest that there are channels for.
        while parts < lanes && (16 * lanes / parts > channels || 16 * lanes / (2 * parts) >= left) {
            parts *= 2;
        }
        let width = 16 * lanes / parts;
        Self { first: if left < width { channels - width } else { at }, parts }
    }

    pub(super) fn width(&self, lanes: usize) -> usize {
        16 * lanes / self.parts
    }

    /// Channel of `lane`'s first code.
    pub(super) fn channel(&self, lane: usize, lanes: usize) -> usize {
        self.first + 16 * lane % self.width(lanes)
    }

    /// All blocks, in the order of packed weights.
    pub(super) fn all(channels: usize, lanes: usize) -> impl Iterator<Item = Self> {
        let mut at = 0;
        std::iter::from_fn(move || {
            (at < channels).then(|| {
                let block = Self::at(at, channels, lanes);
                at = block.first + block.width(lanes);
                block
            })
        })
    }
}
