//! A picture as a network's input.

use super::Tensor;

/// Pixels with what they mean to a network; an engine that works in integers takes them without making a tensor of floats.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    /// Rows of R, G, B bytes from the top.
    pub pixels: &'a [u8],
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// For each channel, what the network sees for each value of a pixel.
    pub values: &'a [[f32; 256]; 3],
}

impl Picture<'_> {
    /// `[1, 3, height, width]`, planes of R, G and B.
    #[must_use]
    pub fn to_tensor(&self) -> Tensor {
        let plane = |channel: usize| self.pixels.iter().skip(channel).step_by(3).map(move |&pixel| self.values[channel][usize::from(pixel)]);
        Tensor { shape: vec![1, 3, self.height, self.width], values: (0..3).flat_map(plane).collect() }
    }
}
