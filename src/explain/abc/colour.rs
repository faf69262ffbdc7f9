//! C: how widely a lesion's colours are spread, and which of the six it has.

use std::f64::consts::TAU;

use super::{Colour, Settings, contour::Contour, dermoscopic::Palette, picture::Picture, raster::Coverage, skin::skin};

pub(super) fn colour(picture: &Picture, contour: &Contour, covered: &Coverage, settings: &Settings) -> Colour {
    let palette = Palette::beside(skin(picture, contour, covered));
    let (mut lab, mut hsv, mut shares, mut area) = ([Spread::default(); 3], Hsv::default(), [0.0_f64; 6], 0.0);
    for (at, share) in covered.cells.iter().enumerate().filter(|(_, share)| **share > 0.0) {
        let weight = f64::from(*share);
        area += weight;
        for (spread, value) in lab.iter_mut().zip(picture.lab[at]) {
            spread.add(f64::from(value), weight);
        }
        hsv.add(picture.rgb(at), weight);
        if let Some(name) = palette.name(picture.lab[at]) {
            shares[name as usize] += weight;
        }
    }
    let shares = shares.map(|sum| if area > 0.0 { sum / area } else { 0.0 });
    let present = shares.iter().filter(|share| **share >= settings.colour_share_min).count();
    // A lesion without any of the six, all of it like skin, still has one colour.
    Colour { lab: lab.map(Spread::deviation), hsv: hsv.deviations(), shares, points: present.max(1) as u8 }
}

/// Weighted sums of a number and its square.
#[derive(Debug, Clone, Copy, Default)]
struct Spread {
    weight: f64,
    sum: f64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, value: f64, weight: f64) {
        self.weight += weight;
        self.sum += weight * value;
        self.squares += weight * value * value;
    }

    /// Standard deviation over all that was added.
    fn deviation(self) -> f64 {
        if self.weight <= 0.0 {
            return 0.0;
        }
        let mean = self.sum / self.weight;
        (self.squares / self.weight - mean * mean).max(0.0).sqrt()
    }
}

/// Hue as a mean direction, saturation and value (Smith 1978).
#[derive(Debug, Clone, Copy, Default)]
struct Hsv {
    weight: f64,
    direction: [f64; 2],
    saturation: Spread,
    value: Spread,
}

impl Hsv {
    fn add(&mut self, [red, green, blue]: [f32; 3], weight: f64) {
        let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
        let chroma = most - least;
        self.value.add(f64::from(most), weight);
        self.saturation.add(if most > 0.0 { f64::from(chroma / most) } else { 0.0 }, weight);
        // Grey has no hue.
        if chroma > 0.0 {
            let sixth = if most == red {
                (green - blue) / chroma
            } else if most == green {
                2.0 + (blue - red) / chroma
            } else {
                4.0 + (red - green) / chroma
            };
            let (sine, cosine) = (f64::from(sixth) / 6.0 * TAU).sin_cos();
            self.direction = [self.direction[0] + weight * cosine, self.direction[1] + weight * sine];
            self.weight += weight;
        }
    }

    /// Circular standard deviation sqrt(-2 ln R) of hue (Mardia and Jupp 2000) by the full turn, and those of saturation and value.
    fn deviations(self) -> [f64; 3] {
        let length = self.direction[0].hypot(self.direction[1]) / self.weight.max(f64::MIN_POSITIVE);
        let hue = if self.weight > 0.0 { (-2.0 * length.clamp(f64::MIN_POSITIVE, 1.0).ln()).sqrt() / TAU } else { 0.0 };
        [hue.min(1.0), self.saturation.deviation(), self.value.deviation()]
    }
}
