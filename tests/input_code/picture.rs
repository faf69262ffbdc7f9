//! Pictures of a printed code as a dermatoscope's camera would take them: tilted, turned, blurred, noisy, badly lit.

use lentigo::frame::Frame;
use qrcode::{Color, EcLevel, QrCode};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How a code lies before the lens and how it is lit. Lengths in pixels of the frame.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Middle of the code.
    pub(crate) centre: (f32, f32),
    /// Side of the code with its quiet zone.
    pub(crate) side: f32,
    /// Turned clockwise by this many degrees.
    pub(crate) turn: f32,
    /// How much smaller the far edge is for the perspective, 0 to about 0.5.
    pub(crate) tilt: f32,
    /// Levels of paper and ink in even light.
    pub(crate) paper: f32,
    pub(crate) ink: f32,
    /// Standard deviation of the sensor's noise, in levels.
    pub(crate) noise: f32,
    /// Side of the box that the picture is blurred with, twice.
    pub(crate) blur: u32,
    /// The dermoscope's tube: black outside this share of the shorter half side, darker towards it; none when 0.
    pub(crate) vignette: f32,
    /// How much less light there is at the right edge, 0 to 1.
    pub(crate) shade: f32,
}

impl Picture {
    pub(crate) fn new(width: u32, height: u32) -> Self {
        let (centre, side) = ((width as f32 / 2.0, height as f32 / 2.0), height as f32 * 0.6);
        Self { width, height, centre, side, turn: 0.0, tilt: 0.0, paper: 225.0, ink: 35.0, noise: 0.0, blur: 0, vignette: 0.0, shade: 0.0 }
    }

    /// The picture of a code that says `text`.
    pub(crate) fn of(&self, text: &str) -> Frame {
        self.of_codes(&[(text, (0.0, 0.0))])
    }

    /// Several codes, each moved away from the centre.
    pub(crate) fn of_codes(&self, codes: &[(&str, (f32, f32))]) -> Frame {
        let codes: Vec<_> =
            codes.iter().map(|(text, shift)| (QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).unwrap(), *shift)).collect();
        let mut levels: Vec<f32> = Vec::with_capacity((self.width * self.height) as usize);
        for y in 0..self.height {
            for x in 0..self.width {
                // Two samples a pixel: a lens has no hard edges.
                let samples = [0.25, 0.75].map(|step| self.reflected(x as f32 + step, y as f32 + step, &codes));
                levels.push((samples[0] + samples[1]) / 2.0 * self.light(x as f32, y as f32));
            }
        }
        for _ in 0..if self.blur > 1 { 2 } else { 0 } {
            levels = self.blurred(&levels);
        }
        let mut dice = ChaCha8Rng::seed_from_u64(7);
        // Four uniform numbers together are near enough to a normal one; their variance is 4/12.
        let mut normal = || if self.noise > 0.0 { ((0..4).map(|_| dice.random::<f32>()).sum::<f32>() - 2.0) * 3.0_f32.sqrt() } else { 0.0 };
        let mut pixels = Vec::with_capacity(levels.len() * 3);
        for level in levels {
            // Skin and lamp give a warm light; noise is the channel's own.
            pixels.extend([1.0, 0.93, 0.86].map(|tint| (level * tint + self.noise * normal()).clamp(0.0, 255.0) as u8));
        }
        Frame::new(self.width, self.height, pixels).unwrap()
    }

    fn reflected(&self, x: f32, y: f32, codes: &[(QrCode, (f32, f32))]) -> f32 {
        let (sin, cos) = self.turn.to_radians().sin_cos();
        for (code, shift) in codes {
            let (x, y) = (x - self.centre.0 - shift.0, y - self.centre.1 - shift.1);
            let (x, y) = (x * cos + y * sin, y * cos - x * sin);
            // The plane is tilted about the horizontal axis: far above, near below.
            let depth = 1.0 - self.tilt * y / self.side;
            let (u, v) = (x / self.side * depth + 0.5, y / self.side * depth + 0.5);
            if (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v) {
                const QUIET: i32 = 4;
                let modules = code.width() as i32;
                let cell = |share: f32| (share * (modules + 2 * QUIET) as f32) as i32 - QUIET;
                let (column, row) = (cell(u), cell(v));
                let inside = (0..modules).contains(&column) && (0..modules).contains(&row);
                let dark = inside && code[(column as usize, row as usize)] == Color::Dark;
                return if dark { self.ink } else { self.paper };
            }
        }
        // What lies beside the code: the table, a little darker than paper.
        self.paper * 0.9
    }

    fn light(&self, x: f32, y: f32) -> f32 {
        let shade = 1.0 - self.shade * x / self.width as f32;
        if self.vignette <= 0.0 {
            return shade;
        }
        let half = self.width.min(self.height) as f32 / 2.0 * self.vignette;
        let radius = ((x - self.width as f32 / 2.0).powi(2) + (y - self.height as f32 / 2.0).powi(2)).sqrt() / half;
        if radius > 1.0 { 0.03 } else { shade * (1.0 - 0.5 * radius.powi(3)) }
    }

    fn blurred(&self, levels: &[f32]) -> Vec<f32> {
        let (width, height, reach) = (self.width as i32, self.height as i32, self.blur as i32 / 2);
        let along = |from: &[f32], across: bool| -> Vec<f32> {
            let mut to = Vec::with_capacity(from.len());
            for y in 0..height {
                for x in 0..width {
                    let at = |step: i32| {
                        let (x, y) = if across { ((x + step).clamp(0, width - 1), y) } else { (x, (y + step).clamp(0, height - 1)) };
                        from[(y * width + x) as usize]
                    };
                    to.push((-reach..=reach).map(at).sum::<f32>() / (2 * reach + 1) as f32);
                }
            }
            to
        };
        along(&along(levels, true), false)
    }
}
