//! What lens, light and sensor do to the scene: blur, vignette, exposure, colour temperature, noise.

use std::sync::OnceLock;

use super::{
    canvas::{Canvas, UNIT},
    maths::{Dice, Stream, exp2},
    parameters::Optics,
};

/// Gaussian blur of `sigma` canvas pixels, the edge repeated.
///
/// Three passes of an extended box (Gwosdek et al. 2011), whose fractional ends make the variance exact; one pass is
/// enough below half a pixel, where the kernel has three taps anyway.
pub(super) fn blur(canvas: &mut Canvas, sigma: f32) {
    let variance = sigma * sigma;
    if variance < 1e-3 {
        return;
    }
    let passes = if variance <= 0.5 { 1 } else { 3 };
    let kernel = ExtendedBox::with_variance(variance / passes as f32);
    for _ in 0..passes {
        kernel.across(canvas);
        kernel.down(canvas);
    }
}

/// `2 radius + 1` taps of one weight and one smaller tap at either end; weights in 2^-24, so that sums are exact.
struct ExtendedBox {
    radius: usize,
    inner: u64,
    outer: u64,
}

impl ExtendedBox {
    fn with_variance(variance: f32) -> Self {
        let box_variance = |radius: u32| (radius * (radius + 1)) as f32 / 3.0;
        let mut radius = 0;
        while box_variance(radius + 1) <= variance {
            radius += 1;
        }
        let (taps, next) = ((2 * radius + 1) as f32, ((radius + 1) * (radius + 1)) as f32);
        let end = (taps * (variance - box_variance(radius)) / (2.0 * (next - variance))).max(0.0);
        let inner = (16_777_216.0 / (taps + 2.0 * end)) as u64;
        // What rounding leaves over goes to the ends: a flat picture stays flat.
        Self { radius: radius as usize, inner, outer: (16_777_216 - inner * u64::from(2 * radius + 1)) / 2 }
    }

    fn weighed(&self, sum: u32, ends: u32) -> u16 {
        ((u64::from(sum) * self.inner + u64::from(ends) * self.outer + 0x80_0000) >> 24) as u16
    }

    fn across(&self, canvas: &mut Canvas) {
        let (width, reach) = (canvas.width, self.radius + 1);
        let mut padded = vec![0_u32; width + 2 * reach];
        for line in canvas.samples.chunks_exact_mut(width * 3) {
            for channel in 0..3 {
                for (at, value) in padded.iter_mut().enumerate() {
                    *value = u32::from(line[at.saturating_sub(reach).min(width - 1) * 3 + channel]);
                }
                let mut sum: u32 = padded[1..2 * reach].iter().sum();
                for at in 0..width {
                    line[at * 3 + channel] = self.weighed(sum, padded[at] + padded[at + 2 * reach]);
                    sum = sum + padded[at + 2 * reach] - padded[at + 1];
                }
            }
        }
    }

    fn down(&self, canvas: &mut Canvas) {
        let (stride, height, reach) = (canvas.width * 3, canvas.height, self.radius + 1);
        let source = canvas.samples.clone();
        let line = |row: usize| {
            let row = row.saturating_sub(reach).min(height - 1);
            &source[row * stride..(row + 1) * stride]
        };
        let mut sums = vec![0_u32; stride];
        for row in 1..2 * reach {
            for (sum, value) in sums.iter_mut().zip(line(row)) {
                *sum += u32::from(*value);
            }
        }
        for row in 0..height {
            let (first, second, last) = (line(row), line(row + 1), line(row + 2 * reach));
            let out = &mut canvas.samples[row * stride..(row + 1) * stride];
            for at in 0..stride {
                out[at] = self.weighed(sums[at], u32::from(first[at]) + u32::from(last[at]));
                sums[at] = sums[at] + u32::from(last[at]) - u32::from(second[at]);
            }
        }
    }
}

/// Applies vignette, exposure and colour temperature in place.
///
/// Exposure acts on light; with the encoding taken as a power of 2.2 it is one factor on the encoded value.
pub(super) fn expose(canvas: &mut Canvas, optics: &Optics) {
    let gain = exp2(optics.exposure / 2.2);
    let [red, green, blue] = white_balance(optics.temperature);
    for row in 0..canvas.height {
        let y = canvas.field_y(row);
        for column in 0..canvas.width {
            let x = canvas.field_x(column);
            let corner = 2.0 * (x * x + y * y);
            let light = gain * (1.0 - optics.vignette * corner * corner).max(0.0);
            let at = (row * canvas.width + column) * 3;
            for (sample, channel) in canvas.samples[at..at + 3].iter_mut().zip([red, green, blue]) {
                *sample = (f32::from(*sample) * light * channel) as u16;
            }
        }
    }
}

/// Factors on red, green and blue for light of a temperature under a 6500 K balance, green fixed.
///
/// Linear in the reciprocal temperature, as the usual conversion filters are: 100 mired is about a tenth of red and blue.
fn white_balance(kelvin: f32) -> [f32; 3] {
    let hundred_mired = (1e6 / kelvin - 1e6 / 6_500.0) / 100.0;
    [1.0 + 0.08 * hundred_mired, 1.0, (1.0 - 0.16 * hundred_mired).max(0.3)]
}

/// Length of the noise table; rows start at random places in it.
const NOISE: usize = 1 << 15;

fn noise_table() -> &'static [f32] {
    static TABLE: OnceLock<Vec<f32>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut dice = Dice::new(0, Stream::Noise);
        (0..NOISE).map(|_| dice.normal()).collect()
    })
}

/// Reads one frame's bytes from the canvas: `width` x `height` pixels from (`left`, `upper`), with sensor noise of `deviation` levels.
pub(super) fn read_out(
    canvas: &Canvas,
    [left, upper]: [usize; 2],
    [width, height]: [usize; 2],
    deviation: f32,
    dice: &mut Dice,
) -> Vec<u8> {
    let table = noise_table();
    let mut bytes = Vec::with_capacity(width * height * 3);
    for row in 0..height {
        let from = ((upper + row) * canvas.width + left) * 3;
        let start = dice.below(NOISE as u32) as usize;
        for (at, sample) in canvas.samples[from..from + width * 3].iter().enumerate() {
            let level = f32::from(*sample) / UNIT + deviation * table[(start + at) & (NOISE - 1)];
            bytes.push((level + 0.5) as u8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_spreads_to_the_variance_asked_for_and_loses_nothing() {
        for sigma in [0.3_f32, 0.6, 0.8, 1.0, 2.5, 6.0] {
            let mut canvas = Canvas::new(61, 61, 0);
            canvas.samples[(30 * 61 + 30) * 3] = u16::MAX;
            blur(&mut canvas, sigma);
            let (mut sum, mut across, mut down) = (0.0_f64, 0.0_f64, 0.0_f64);
            for (at, sample) in canvas.samples.iter().step_by(3).enumerate() {
                let (dx, dy) = ((at % 61) as f64 - 30.0, (at / 61) as f64 - 30.0);
                sum += f64::from(*sample);
                across += f64::from(*sample) * dx * dx;
                down += f64::from(*sample) * dy * dy;
            }
            let variance = f64::from(sigma * sigma);
            assert!((sum / 65_535.0 - 1.0).abs() < 0.02, "{sigma}: {sum}");
            assert!((across / sum / variance - 1.0).abs() < 0.05 && (down / sum / variance - 1.0).abs() < 0.05, "{sigma}");
            assert!(canvas.samples.iter().skip(1).step_by(3).all(|green| *green == 0));
        }
    }

    #[test]
    fn a_flat_picture_stays_flat_up_to_its_edges() {
        let mut canvas = Canvas::new(9, 5, 0);
        canvas.samples.fill(31_111);
        blur(&mut canvas, 3.3);
        assert!(canvas.samples.iter().all(|sample| *sample == 31_111));
    }
}
