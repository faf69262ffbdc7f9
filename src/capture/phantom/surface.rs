//! Paints skin and lesion, pixel by pixel, and notes which pixels are lesion.

use super::{
    canvas::{Canvas, UNIT},
    colour::{self, ColourMap, Rgb},
    maths::{Dice, Stream, mix, smoothstep},
    outline::Outline,
    parameters::Phantom,
    texture::{Laid, Tiles, tiles},
};

/// Columns between two places where broad variations are computed; in between they are interpolated.
const STRIDE: usize = 8;

/// What is known about each pixel after painting.
#[derive(Debug)]
pub(super) struct Painted {
    /// 0 for skin, else 1 + index into the lesion's colours; rows from the top.
    pub(super) labels: Vec<u8>,
}

/// Paints the whole canvas.
pub(super) fn paint(phantom: &Phantom, outline: Option<&Outline>, canvas: &mut Canvas) -> Painted {
    let skin = SkinPainter::new(phantom);
    let lesion = outline.map(|outline| LesionPainter::new(phantom, outline, skin.base));
    let mut labels = vec![0_u8; canvas.width * canvas.height];
    let mut broad = vec![[0.0; 3]; canvas.width.div_ceil(STRIDE) + 1];
    for row in 0..canvas.height {
        let y = canvas.field_y(row);
        for (knot, value) in broad.iter_mut().enumerate() {
            *value = skin.broad(canvas.field_x(knot * STRIDE), y);
        }
        for column in 0..canvas.width {
            let x = canvas.field_x(column);
            let (knot, t) = (column / STRIDE, (column % STRIDE) as f32 / STRIDE as f32);
            let (a, b) = (broad[knot], broad[knot + 1]);
            let fine = skin.fine(x, y);
            let blood = 1.0 + fine - skin.vessel(x, y);
            let mut rgb = [mix(a[0], b[0], t) * (1.0 + 0.7 * fine), mix(a[1], b[1], t) * blood, mix(a[2], b[2], t) * blood];
            let at = row * canvas.width + column;
            if let Some(lesion) = &lesion {
                labels[at] = lesion.paint(x, y, &mut rgb);
            }
            for (sample, level) in canvas.samples[at * 3..at * 3 + 3].iter_mut().zip(rgb) {
                *sample = (level * UNIT) as u16;
            }
        }
    }
    Painted { labels }
}

/// Healthy skin: tone, broad redness, fine texture, furrows, small vessels.
struct SkinPainter {
    base: Rgb,
    tiles: &'static Tiles,
    shade: Laid,
    flush: Laid,
    mottle: Laid,
    grain: Laid,
    furrows: Laid,
    vessels: Laid,
    texture: f32,
    redness: f32,
    depth: f32,
}

impl SkinPainter {
    fn new(phantom: &Phantom) -> Self {
        let skin = &phantom.skin;
        let mut dice = Dice::new(phantom.seed, Stream::Skin);
        let turns = dice.unit();
        Self {
            base: colour::skin(skin),
            tiles: tiles(),
            shade: Laid::new(&mut dice, 0.22, turns, 1.0),
            flush: Laid::new(&mut dice, 0.6, turns, 1.0),
            mottle: Laid::new(&mut dice, 1.5, turns, 1.0),
            grain: Laid::new(&mut dice, 2.2, turns, 1.0),
            furrows: Laid::new(&mut dice, 0.7, turns, 0.55),
            vessels: Laid::new(&mut dice, 0.9, turns, 1.0),
            texture: skin.texture,
            redness: skin.redness,
            depth: skin.furrows,
        }
    }

    /// The colour without fine structure.
    fn broad(&self, x: f32, y: f32) -> Rgb {
        let [u, v] = self.shade.place(x, y);
        let light = 1.0 + 0.03 * self.tiles.cloud.at(u, v);
        let [u, v] = self.flush.place(x, y);
        let red = self.redness * 0.05 * self.tiles.cloud.at(u, v);
        [self.base[0] * light * (1.0 - 0.3 * red), self.base[1] * light * (1.0 - red), self.base[2] * light * (1.0 - 0.9 * red)]
    }

    /// Relative brightness of the fine structure, around 0.
    fn fine(&self, x: f32, y: f32) -> f32 {
        let [u, v] = self.mottle.place(x, y);
        let mottle = self.tiles.cloud.at(u, v);
        let [u, v] = self.grain.place(x, y);
        let grain = self.tiles.grain.at(u, v);
        let [u, v] = self.furrows.place(x, y);
        let furrow = self.tiles.lines.at(u, v) - 0.3;
        self.texture * (0.055 * mottle + 0.065 * grain) + self.depth * 0.05 * furrow
    }

    /// How much green and blue small vessels take away here; red passes.
    fn vessel(&self, x: f32, y: f32) -> f32 {
        let [u, v] = self.vessels.place(x, y);
        self.redness * 0.09 * (self.tiles.threads.at(u, v) - 0.2)
    }
}

/// Pigment laid on the skin.
struct LesionPainter<'a> {
    outline: &'a Outline,
    colours: ColourMap,
    tiles: &'static Tiles,
    skin: Rgb,
    clouds: Laid,
    net: Laid,
    reach: f32,
    edge: f32,
    fray: f32,
    density: f32,
    network: f32,
    globules: f32,
}

impl<'a> LesionPainter<'a> {
    fn new(phantom: &Phantom, outline: &'a Outline, skin: Rgb) -> Self {
        let lesion = &phantom.lesion;
        let mut dice = Dice::new(phantom.seed, Stream::Skin);
        dice.bits();
        let turns = dice.unit();
        let edge = outline.radius() * mix(0.5, 0.06, lesion.border_abruptness);
        Self {
            outline,
            colours: ColourMap::new(lesion, outline, skin, phantom.seed),
            tiles: tiles(),
            skin,
            clouds: Laid::new(&mut dice, 1.2, turns, 1.0),
            net: Laid::new(&mut dice, lesion.meshes / super::texture::CELLS as f32, turns, 1.0),
            reach: outline.reach() + edge,
            edge,
            fray: mix(0.1, 0.24, lesion.border_irregularity),
            density: lesion.density,
            network: lesion.network,
            globules: lesion.globules,
        }
    }

    /// Darkens one pixel of skin; gives 1 + the colour's index inside the border, 0 outside.
    fn paint(&self, x: f32, y: f32, rgb: &mut Rgb) -> u8 {
        let own = self.outline.own(x, y);
        if own[0] * own[0] + own[1] * own[1] > self.reach * self.reach {
            return 0;
        }
        let depth = self.outline.depth(own);
        if depth < -self.edge {
            return 0;
        }
        let label = if depth >= 0.0 { self.colours.label(own) as u8 + 1 } else { 0 };
        let [u, v] = self.clouds.place(x, y);
        let cloud = self.tiles.cloud.at(u, v);
        let [u, v] = self.net.place(x, y);
        let line = self.tiles.lines.at(u, v);
        // The network is patchy: it comes and goes with the clouds.
        let net = self.network * smoothstep(0.5 + 0.3 * cloud);
        let frayed = depth + self.edge * (self.fray * cloud + self.network * 0.5 * (line - 0.4));
        let pigment = smoothstep(frayed / self.edge * 0.75 + 0.5) * self.density * (1.0 + 0.14 * cloud - net * 0.4 * (1.0 - line));
        let spot = if self.globules > 0.0 { self.tiles.spots.at(u, v) * smoothstep(0.9 * cloud - 0.1) } else { 0.0 };
        let dark = 1.0 - pigment * (net * 0.22 * line + self.globules * 0.55 * spot);
        let target = self.colours.at(own);
        let share = pigment.clamp(0.0, 1.0);
        for c in 0..3 {
            // The skin's own texture shines through: the target colour is scaled by what this pixel is to plain skin.
            let level = rgb[c] * mix(1.0, target[c] / self.skin[c], share);
            rgb[c] = level * if c == 0 { 0.4 + 0.6 * dark } else { dark };
        }
        label
    }
}
