//! The colours of skin and lesions, and where on a lesion each colour lies.

use serde::{Deserialize, Serialize};

use super::{
    maths::{Dice, Stream, mix},
    outline::Outline,
    parameters::{Fitzpatrick, Lesion, Skin},
    texture::{Laid, tiles},
};

/// Red, green and blue as encoded sRGB values, 0 to 255 and beyond where light is brighter than white.
pub(super) type Rgb = [f32; 3];

/// The six colours that the ABCD rule of dermoscopy counts (Stolz 1994).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LesionColour {
    /// Melanin in the epidermis, thin.
    LightBrown,
    /// Melanin at the junction, dense.
    DarkBrown,
    /// Melanin in the horny layer.
    Black,
    /// Melanin in the dermis.
    BlueGrey,
    /// Regression: scar-like, paler than the skin.
    White,
    /// Vessels and inflammation.
    Red,
}

impl LesionColour {
    /// All six, in the order above.
    pub const ALL: [Self; 6] = [Self::LightBrown, Self::DarkBrown, Self::Black, Self::BlueGrey, Self::White, Self::Red];

    /// How this colour looks on `skin`: absorbers multiply the skin's colour, scatterers (blue-grey, white) cover it.
    fn on(self, skin: Rgb) -> Rgb {
        let (filter, cover, tint): (Rgb, f32, Rgb) = match self {
            Self::LightBrown => ([0.76, 0.58, 0.50], 0.0, [0.0; 3]),
            Self::DarkBrown => ([0.52, 0.34, 0.31], 0.0, [0.0; 3]),
            Self::Black => ([0.24, 0.18, 0.20], 0.0, [0.0; 3]),
            Self::BlueGrey => ([0.46, 0.46, 0.54], 0.6, [112.0, 106.0, 122.0]),
            Self::White => ([0.94, 0.90, 0.90], 0.5, [218.0, 190.0, 190.0]),
            Self::Red => ([0.84, 0.55, 0.56], 0.0, [0.0; 3]),
        };
        std::array::from_fn(|c| mix(skin[c] * filter[c], tint[c], cover))
    }
}

impl std::fmt::Display for LesionColour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::LightBrown => "light-brown",
            Self::DarkBrown => "dark-brown",
            Self::Black => "black",
            Self::BlueGrey => "blue-grey",
            Self::White => "white",
            Self::Red => "red",
        })
    }
}

/// The colour of healthy skin under a dermatoscope's white light.
pub(super) fn skin(skin: &Skin) -> Rgb {
    let base: Rgb = match skin.tone {
        Fitzpatrick::I => [230.0, 176.0, 178.0],
        Fitzpatrick::II => [224.0, 162.0, 161.0],
        Fitzpatrick::III => [211.0, 147.0, 139.0],
        Fitzpatrick::IV => [184.0, 122.0, 108.0],
        Fitzpatrick::V => [141.0, 91.0, 77.0],
        Fitzpatrick::VI => [98.0, 66.0, 58.0],
    };
    [base[0], base[1] * (1.0 + 0.06 * skin.hue), base[2] * (1.0 - 0.09 * skin.hue)]
}

/// Cells a side of the colour map.
const CELLS: usize = 64;

/// The colours of one lesion on a grid over its own coordinates.
#[derive(Debug)]
pub(super) struct ColourMap {
    /// Half the side of the grid, field units.
    extent: f32,
    /// Index into the lesion's list of colours.
    labels: Vec<u8>,
    /// Softly mixed colours.
    rgb: Vec<Rgb>,
}

impl ColourMap {
    /// Lays the colours of `lesion` out inside `outline`.
    ///
    /// The first colour is the ground. Every other one takes its share of the lesion's cells, where a cloudy field of
    /// its own is highest; the field of a symmetric lesion peaks in the middle, that of a lopsided one off to a side.
    pub(super) fn new(lesion: &Lesion, outline: &Outline, skin: Rgb, seed: u64) -> Self {
        let extent = outline.reach() * 1.02;
        let mut dice = Dice::new(seed, Stream::Colours);
        let place = |at: usize| [centre_of(at % CELLS, extent), centre_of(at / CELLS, extent)];
        let mut free: Vec<usize> = (0..CELLS * CELLS).filter(|at| outline.depth(place(*at)) >= 0.0).collect();
        // Together 0.72 (n - 1) / n of the area for n colours, in proportions 1 : 3/4 : 3/5 : 1/2 : 3/7.
        let count = lesion.colours.len() as f32;
        let weight = |label: usize| 3.0 / (label as f32 + 2.0);
        let blotches = free.len() as f32 * 0.72 * (count - 1.0) / count;
        let whole: f32 = (1..lesion.colours.len()).map(weight).sum();
        let mut labels = vec![0_u8; CELLS * CELLS];
        for label in 1..lesion.colours.len() {
            let share = (blotches * weight(label) / whole) as usize;
            let laid = Laid::new(&mut dice, 0.55 / extent.max(1e-3) * 0.5, 0.0, 1.0);
            let away = outline.radius() * lesion.asymmetry * dice.between(0.4, 0.8);
            let (dx, dy) = (dice.normal() * away, dice.normal() * away);
            let cloudiness = mix(0.12, 0.4, lesion.asymmetry);
            let height = |at: usize| {
                let [x, y] = place(at);
                let [u, v] = laid.place(x, y);
                let distance = ((x - dx) * (x - dx) + (y - dy) * (y - dy)).sqrt() / outline.radius();
                cloudiness * tiles().cloud.at(u, v) - distance
            };
            let mut ranked: Vec<(f32, usize)> = free.iter().map(|at| (height(*at), *at)).collect();
            ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            for (_, at) in ranked.iter().take(share) {
                labels[*at] = label as u8;
            }
            free = ranked.into_iter().skip(share).map(|(_, at)| at).collect();
            free.sort_unstable();
        }
        let palette: Vec<Rgb> = lesion.colours.iter().map(|colour| colour.on(skin)).collect();
        let hard = labels.iter().map(|label| palette[usize::from(*label)]).collect();
        Self { extent, labels, rgb: softened(softened(hard)) }
    }

    /// Index into the lesion's colours at a point of its own coordinates.
    pub(super) fn label(&self, [x, y]: [f32; 2]) -> usize {
        let cell = |v: f32| (((v / self.extent + 1.0) * 0.5 * CELLS as f32) as usize).min(CELLS - 1);
        usize::from(self.labels[cell(y) * CELLS + cell(x)])
    }

    /// The mixed colour at a point of its own coordinates, bilinear.
    pub(super) fn at(&self, [x, y]: [f32; 2]) -> Rgb {
        let grid = |v: f32| ((v / self.extent + 1.0) * 0.5 * CELLS as f32 - 0.5).clamp(0.0, CELLS as f32 - 1.001);
        let (gx, gy) = (grid(x), grid(y));
        let (i, j) = (gx as usize, gy as usize);
        let (tx, ty) = (gx - i as f32, gy - j as f32);
        let at = j * CELLS + i;
        let (a, b, c, d) = (self.rgb[at], self.rgb[at + 1], self.rgb[at + CELLS], self.rgb[at + CELLS + 1]);
        [
            mix(mix(a[0], b[0], tx), mix(c[0], d[0], tx), ty),
            mix(mix(a[1], b[1], tx), mix(c[1], d[1], tx), ty),
            mix(mix(a[2], b[2], tx), mix(c[2], d[2], tx), ty),
        ]
    }
}

/// The middle of a cell, field units.
fn centre_of(cell: usize, extent: f32) -> f32 {
    ((cell as f32 + 0.5) / CELLS as f32 * 2.0 - 1.0) * extent
}

/// Each cell replaced by the mean of the 5 x 5 around it, the grid's edge repeated.
fn softened(cells: Vec<Rgb>) -> Vec<Rgb> {
    let mean = |source: &[Rgb], stride: usize, along: usize, at: usize| -> Rgb {
        let taps: [Rgb; 5] = std::array::from_fn(|tap| {
            let moved = (along + tap).saturating_sub(2).min(CELLS - 1);
            source[at - along * stride + moved * stride]
        });
        std::array::from_fn(|c| taps.iter().map(|tap| tap[c]).sum::<f32>() / 5.0)
    };
    let across: Vec<Rgb> = (0..cells.len()).map(|at| mean(&cells, 1, at % CELLS, at)).collect();
    (0..across.len()).map(|at| mean(&across, CELLS, at / CELLS, at)).collect()
}
