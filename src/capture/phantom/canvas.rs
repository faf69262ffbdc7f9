//! The unfinished picture: 16-bit samples with room above white, and where its pixels lie on the field.

/// Samples a level of 8-bit sRGB: the canvas holds 0 to just under 512 levels, so that a reflection stays brighter than
/// white until the exposure is applied.
pub(super) const UNIT: f32 = 128.0;

/// A picture before exposure and noise, `RGBRGB...`, rows from the top.
#[derive(Debug, Clone)]
pub(super) struct Canvas {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Pixels in a field side.
    pub(super) side: f32,
    pub(super) samples: Vec<u16>,
}

impl Canvas {
    /// A black canvas for a `width` x `height` frame with `margin` more pixels on every side.
    pub(super) fn new(width: u32, height: u32, margin: u32) -> Self {
        let (across, down) = ((width + 2 * margin) as usize, (height + 2 * margin) as usize);
        Self { width: across, height: down, side: width.min(height) as f32, samples: vec![0; across * down * 3] }
    }

    /// The field coordinate of a column's middle.
    pub(super) fn field_x(&self, column: usize) -> f32 {
        (column as f32 + 0.5 - self.width as f32 / 2.0) / self.side
    }

    /// The field coordinate of a row's middle.
    pub(super) fn field_y(&self, row: usize) -> f32 {
        (row as f32 + 0.5 - self.height as f32 / 2.0) / self.side
    }

    /// Pixel coordinates (pixel middles at .5) of a point of the field.
    pub(super) fn pixel(&self, x: f32, y: f32) -> [f32; 2] {
        [x * self.side + self.width as f32 / 2.0, y * self.side + self.height as f32 / 2.0]
    }

    /// A length given in pixels of a 720-pixel field, in pixels of this canvas.
    pub(super) fn scaled(&self, at_720: f32) -> f32 {
        at_720 * self.side / 720.0
    }

    /// The columns and rows within `reach` pixels of a point, cut at the edges.
    pub(super) fn around(&self, [x, y]: [f32; 2], reach: f32) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let cut = |middle: f32, whole: usize| {
            let low = (middle - reach).floor().max(0.0) as usize;
            let high = ((middle + reach).floor() + 2.0).max(0.0) as usize;
            low.min(whole)..high.min(whole)
        };
        (cut(x, self.width), cut(y, self.height))
    }

    /// Moves one pixel towards `colour` (levels) by `share`.
    pub(super) fn blend(&mut self, column: usize, row: usize, colour: [f32; 3], share: f32) {
        let at = (row * self.width + column) * 3;
        for (sample, level) in self.samples[at..at + 3].iter_mut().zip(colour) {
            let old = f32::from(*sample);
            *sample = (old + (level * UNIT - old) * share) as u16;
        }
    }
}
