//! Evidence as colour: a perceptually uniform map, so that equal steps of evidence look like equal steps.
//!
//! Inferno, designed for matplotlib by Stéfan van der Walt and Nathaniel Smith (2015, <https://bids.github.io/colormap/>):
//! lightness rises evenly from black to pale yellow in CAM02-UCS, so the order of evidence survives colour blindness and grey print, and
//! its middle (purple, red, orange) stands out from a grey picture where viridis' and cividis' greens and greys would not.
//! The rainbow maps that many heatmaps use have bright bands that look like edges where there are none.

use std::sync::OnceLock;

/// The colour of `evidence`, 0 (least) to 1 (most), as `[R, G, B]`; values outside are taken as the nearer end, not-a-number as least.
#[must_use]
pub fn colour(evidence: f32) -> [u8; 3] {
    let evidence = if evidence.is_nan() { 0.0 } else { evidence.clamp(0.0, 1.0) };
    table()[(evidence * 255.0).round() as usize]
}

/// Where on the map least evidence stands: its darkest end is black and would look like shadow instead of evidence.
const DARKEST: f64 = 0.18;

/// 256 steps, as many as a channel can show, so that a large picture does not evaluate the map for every pixel.
fn table() -> &'static [[u8; 3]; 256] {
    static TABLE: OnceLock<[[u8; 3]; 256]> = OnceLock::new();
    TABLE.get_or_init(|| {
        std::array::from_fn(|step| colorous::INFERNO.eval_continuous(DARKEST + (1.0 - DARKEST) * step as f64 / 255.0).as_array())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CIE lightness L* of an sRGB colour, 0 to 100 (CIE 15:2004 with the D65 white of sRGB).
    fn lightness(colour: [u8; 3]) -> f64 {
        let [r, g, b] = colour.map(|value| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        if y > 0.008856 { 116.0 * y.cbrt() - 16.0 } else { 903.3 * y }
    }

    #[test]
    fn lightness_rises_evenly_with_evidence() {
        let steps: Vec<f64> = (0..=10).map(|step| lightness(colour(step as f32 / 10.0))).collect();
        let rises: Vec<f64> = steps.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = rises.iter().sum::<f64>() / rises.len() as f64;
        assert!(rises.iter().all(|rise| (rise - mean).abs() < 0.35 * mean), "{rises:?}");
    }

    #[test]
    fn values_outside_the_range_take_the_nearer_end() {
        assert_eq!(colour(-3.0), colour(0.0));
        assert_eq!(colour(f32::INFINITY), colour(1.0));
        assert_eq!(colour(f32::NAN), colour(0.0));
    }
}
