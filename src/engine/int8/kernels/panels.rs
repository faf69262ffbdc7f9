//! How the weights of a matrix product lie in memory, so that the innermost loop reads them in order.

/// Layout of packed weights: `[panel][segment][group of depth][channel of the panel][depth within the group]`.
///
/// All panels are [`width`](Self::width) channels wide but the last, which is as wide as the remaining channels rounded up to
/// [`narrow`](Self::narrow). Channels and depths that do not exist are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PanelLayout {
    /// Channels of a full panel.
    pub width: usize,
    /// The last panel's width is a multiple of this; divides `width`.
    pub narrow: usize,
    /// Consecutive depths of one channel that lie together.
    pub group: usize,
}

impl PanelLayout {
    /// Depth of one segment, rounded up to whole groups.
    #[must_use]
    pub const fn padded_depth(&self, depth: usize) -> usize {
        depth.div_ceil(self.group) * self.group
    }

    /// Width of the panel that starts at channel `first` of `channels`.
    #[must_use]
    pub const fn panel_width(&self, first: usize, channels: usize) -> usize {
        let left = channels - first;
        if left >= self.width { self.width } else { left.div_ceil(self.narrow) * self.narrow }
    }

    /// Where the panel that starts at channel `first`, a multiple of `width`, begins in packed weights.
    #[must_use]
    pub const fn panel_offset(&self, first: usize, segments: usize, depth: usize) -> usize {
        first * segments * self.padded_depth(depth)
    }

    /// Bytes of packed weights.
    #[must_use]
    pub const fn packed_len(&self, channels: usize, segments: usize, depth: usize) -> usize {
        let last = (channels.saturating_sub(1)) / self.width * self.width;
        let width = if channels == 0 { 0 } else { last + self.panel_width(last, channels) };
        width * segments * self.padded_depth(depth)
    }

    /// Packs `weights`, `[channels][segments][depth]` row-major, into `packed` of [`Self::packed_len`] bytes.
    pub fn pack(&self, weights: &[i8], channels: usize, segments: usize, depth: usize, packed: &mut [i8]) {
        packed.fill(0);
        for first in (0..channels).step_by(self.width) {
            let width = self.panel_width(first, channels);
            let panel = self.panel_offset(first, segments, depth);
            for channel in first..channels.min(first + width) {
                for segment in 0..segments {
                    let row = &weights[(channel * segments + segment) * depth..][..depth];
                    let start = panel + segment * width * self.padded_depth(depth) + (channel - first) * self.group;
                    for (at, chunk) in row.chunks(self.group).enumerate() {
                        packed[start + at * width * self.group..][..chunk.len()].copy_from_slice(chunk);
                    }
                }
            }
        }
    }
}
