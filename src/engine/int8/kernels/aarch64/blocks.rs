//! Depthwise convolutions run over blocks of 16 channels. Where channels are not a multiple of 16, the last block overlaps the one before it
//! and computes the same codes again, so that no kernel needs a remainder.

/// Channels of a block.
pub(super) const BLOCK: usize = 16;

/// The first channel of each block of `channels`, which are at least [`BLOCK`].
pub(super) fn first_channels(channels: usize) -> impl Iterator<Item = usize> {
    (0..channels.div_ceil(BLOCK)).map(move |block| (block * BLOCK).min(channels - BLOCK))
}
