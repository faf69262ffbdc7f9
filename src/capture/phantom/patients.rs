//! Ready-made phantoms: drawn by lot, typical of one or the other end, and the patients of the simulated device.

use super::{
    colour::LesionColour::{self, Black, BlueGrey, DarkBrown, LightBrown, Red, White},
    maths::{Dice, Stream},
    outline::Outline,
    parameters::{Contact, Fitzpatrick, Hair, Lesion, Optics, Phantom, Skin},
};

impl Phantom {
    /// A plausible well-taken picture of any lesion, anywhere between [`regular`](Self::regular) and [`irregular`](Self::irregular).
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let mut dice = Dice::new(seed, Stream::Parameters);
        let colours = 1 + dice.below(4) as usize;
        let odd = dice.unit();
        let lesion = Lesion {
            size: dice.between(0.25, 0.7),
            asymmetry: odd * dice.between(0.4, 1.0),
            border_irregularity: odd * dice.between(0.4, 1.0),
            border_abruptness: dice.between(0.2, 0.8),
            colours: pick(&mut dice, &[LightBrown, DarkBrown], &[Black, BlueGrey, White, Red], colours),
            density: dice.between(0.75, 1.0),
            network: dice.between(0.0, 0.6),
            globules: dice.between(0.0, 0.5),
            ..turned(&mut dice)
        };
        well_taken(seed, &mut dice, lesion)
    }

    /// A small, symmetric lesion with a soft, even border and one or two browns.
    #[must_use]
    pub fn regular(seed: u64) -> Self {
        let mut dice = Dice::new(seed, Stream::Parameters);
        let colours = 1 + dice.below(2) as usize;
        let lesion = Lesion {
            size: dice.between(0.25, 0.4),
            asymmetry: dice.between(0.0, 0.1),
            border_irregularity: dice.between(0.0, 0.12),
            border_abruptness: dice.between(0.1, 0.4),
            colours: pick(&mut dice, &[LightBrown], &[DarkBrown], colours),
            density: dice.between(0.65, 0.9),
            network: dice.between(0.1, 0.4),
            globules: dice.between(0.0, 0.2),
            ..turned(&mut dice)
        };
        well_taken(seed, &mut dice, lesion)
    }

    /// A large, lopsided lesion with a ragged border and four to six colours.
    #[must_use]
    pub fn irregular(seed: u64) -> Self {
        let mut dice = Dice::new(seed, Stream::Parameters);
        let colours = 4 + dice.below(3) as usize;
        let lesion = Lesion {
            size: dice.between(0.55, 0.72),
            asymmetry: dice.between(0.6, 1.0),
            border_irregularity: dice.between(0.5, 1.0),
            border_abruptness: dice.between(0.6, 0.95),
            colours: pick(&mut dice, &[DarkBrown, Black, BlueGrey], &[LightBrown, White, Red], colours),
            density: dice.between(0.9, 1.0),
            network: dice.between(0.3, 0.7),
            meshes: dice.between(36.0, 56.0),
            globules: dice.between(0.3, 0.8),
            ..turned(&mut dice)
        };
        well_taken(seed, &mut dice, lesion)
    }

    /// The patients of the simulated device, numbered from 1: odd numbers have a regular lesion, even ones an irregular one.
    ///
    /// Every number is a patient; the same number is always the same one.
    #[must_use]
    pub fn patient(number: u32) -> Self {
        let seed = 0x7061_7469_656e_7400 ^ u64::from(number);
        if number % 2 == 1 { Self::regular(seed) } else { Self::irregular(seed) }
    }

    /// The same scene taken out of focus, badly enough that no lesion can be assessed on it.
    #[must_use]
    pub fn out_of_focus(mut self) -> Self {
        self.optics.blur = 16.0;
        self
    }
}

/// All of `always`, then some of `more`, up to `count` different colours (never fewer than `always` has when `count` is 1 or more).
fn pick(dice: &mut Dice, always: &[LesionColour], more: &[LesionColour], count: usize) -> Vec<LesionColour> {
    let mut colours = always[..always.len().min(count)].to_vec();
    let mut more = more.to_vec();
    while colours.len() < count && !more.is_empty() {
        colours.push(more.swap_remove(dice.below(more.len() as u32) as usize));
    }
    colours
}

/// A lesion turned and stretched by lot.
fn turned(dice: &mut Dice) -> Lesion {
    Lesion { aspect: dice.between(1.0, 1.4), rotation: dice.between(-0.5, 0.5), meshes: dice.between(45.0, 75.0), ..Lesion::default() }
}

/// The lesion moved near the middle by its ends and, where it would not fit, made smaller: nine tenths of the field at most.
fn framed(mut lesion: Lesion, seed: u64, dice: &mut Dice) -> Lesion {
    lesion.centre = [0.0, 0.0];
    let [left, upper, right, lower] = Outline::new(&lesion, seed).map_or([0.0; 4], |outline| outline.bounds());
    let shrink = (0.9 / (right - left).max(lower - upper).max(0.1)).min(1.0);
    let slack = |extent: f32| ((0.94 - extent * shrink) / 2.0).min(0.06);
    lesion.size *= shrink;
    lesion.centre = [
        slack(right - left) * dice.between(-1.0, 1.0) - (left + right) / 2.0 * shrink,
        slack(lower - upper) * dice.between(-1.0, 1.0) - (upper + lower) / 2.0 * shrink,
    ];
    lesion
}

/// Skin, hair and optics of a picture that a careful person takes.
fn well_taken(seed: u64, dice: &mut Dice, lesion: Lesion) -> Phantom {
    let tone = match dice.below(10) {
        0 | 1 => Fitzpatrick::I,
        2..=5 => Fitzpatrick::II,
        6..=8 => Fitzpatrick::III,
        _ => Fitzpatrick::IV,
    };
    Phantom {
        seed,
        lesion: framed(lesion, seed, dice),
        skin: Skin {
            tone,
            hue: dice.between(-0.5, 0.6),
            texture: dice.between(0.35, 0.85),
            redness: dice.between(0.2, 0.7),
            furrows: dice.between(0.0, 0.6),
        },
        hair: Hair {
            count: if dice.chance(0.4) { 1 + dice.below(8) } else { 0 },
            thickness: dice.between(2.0, 4.5),
            darkness: dice.between(0.4, 0.9),
            curl: dice.between(0.1, 0.7),
        },
        contact: Contact { glare_spots: 0, glare_size: 0.0, bubbles: if dice.chance(0.4) { dice.below(14) } else { 0 } },
        optics: Optics {
            blur: dice.between(0.6, 1.5),
            exposure: dice.between(-0.3, 0.2),
            temperature: dice.between(6_000.0, 7_000.0),
            vignette: dice.between(0.02, 0.16),
            noise: dice.between(1.0, 3.0),
        },
    }
}
