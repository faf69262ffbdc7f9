//! What lies between lens and skin: hairs, specular reflections, air bubbles.

use super::{
    canvas::Canvas,
    maths::{Dice, Stream, cos_turns, mix, sin_turns, smoothstep},
    parameters::{Contact, Hair},
};

/// Draws the hairs, each along its path only.
///
/// Coverage is collected first and blended once, so that neither a hair's own overlapping steps nor two crossing hairs darken twice.
pub(super) fn hairs(hair: &Hair, seed: u64, canvas: &mut Canvas) {
    if hair.count == 0 || hair.darkness == 0.0 {
        return;
    }
    let mut dice = Dice::new(seed, Stream::Hair);
    let mut coverage = vec![0_u8; canvas.width * canvas.height];
    let lie = dice.unit();
    for _ in 0..hair.count {
        let path = Path::draw(&mut dice, hair, lie);
        let radius = (canvas.scaled(hair.thickness) / 2.0 * dice.between(0.6, 1.2)).max(0.2);
        let steps = (path.length * canvas.side / radius.max(1.0)).clamp(2.0, 20_000.0) as u32;
        for step in 0..=steps {
            let t = step as f32 / steps as f32;
            let [px, py] = path.at(t);
            let middle = canvas.pixel(px, py);
            // Hairs taper towards the tip.
            let here = radius * mix(1.0, 0.4, t);
            let (columns, rows) = canvas.around(middle, here + 1.0);
            for row in rows {
                for column in columns.clone() {
                    let (dx, dy) = (column as f32 + 0.5 - middle[0], row as f32 + 0.5 - middle[1]);
                    let covered = (here + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0) * (2.0 * here).min(1.0);
                    let cell = &mut coverage[row * canvas.width + column];
                    *cell = (*cell).max((covered * 255.0) as u8);
                }
            }
        }
    }
    let share = hair.darkness * 0.92 / 255.0;
    for (at, covered) in coverage.iter().enumerate() {
        if *covered > 0 {
            canvas.blend(at % canvas.width, at / canvas.width, [52.0, 32.0, 28.0], f32::from(*covered) * share);
        }
    }
}

/// A quadratic curve, field coordinates.
struct Path {
    start: [f32; 2],
    control: [f32; 2],
    end: [f32; 2],
    length: f32,
}

impl Path {
    /// Hairs of one body site lie roughly the same way.
    fn draw(dice: &mut Dice, hair: &Hair, lie: f32) -> Self {
        let start = [dice.between(-0.75, 0.75), dice.between(-0.6, 0.6)];
        let turns = lie + 0.12 * dice.normal();
        let length = dice.between(0.25, 0.8);
        let (dx, dy) = (cos_turns(turns) * length, sin_turns(turns) * length);
        let bow = hair.curl * 0.5 * dice.normal();
        let control = [start[0] + dx / 2.0 - dy * bow, start[1] + dy / 2.0 + dx * bow];
        Self { start, control, end: [start[0] + dx, start[1] + dy], length: length * (1.0 + bow.abs()) }
    }

    fn at(&self, t: f32) -> [f32; 2] {
        let blend = |axis: usize| mix(mix(self.start[axis], self.control[axis], t), mix(self.control[axis], self.end[axis], t), t);
        [blend(0), blend(1)]
    }
}

/// Draws reflections and bubbles.
pub(super) fn contact(contact: &Contact, seed: u64, canvas: &mut Canvas) {
    let mut dice = Dice::new(seed, Stream::Contact);
    for _ in 0..contact.bubbles {
        bubble(&mut dice, canvas);
    }
    for _ in 0..contact.glare_spots {
        glare(&mut dice, contact.glare_size, canvas);
    }
}

/// An air bubble: a thin dark rim, brighter inside, with a small reflection.
fn bubble(dice: &mut Dice, canvas: &mut Canvas) {
    let middle = canvas.pixel(dice.between(-0.85, 0.85), dice.between(-0.5, 0.5));
    let size = dice.unit();
    let radius = (canvas.side * mix(0.003, 0.016, size * size * size)).max(0.6);
    let (columns, rows) = canvas.around(middle, radius + 1.0);
    for row in rows {
        for column in columns.clone() {
            let (dx, dy) = ((column as f32 + 0.5 - middle[0]) / radius, (row as f32 + 0.5 - middle[1]) / radius);
            let distance = (dx * dx + dy * dy).sqrt();
            let rim = smoothstep(1.0 - (distance - 0.85).abs() * 5.0);
            canvas.blend(column, row, [90.0, 62.0, 60.0], 0.25 * rim);
            let (hx, hy) = (dx + 0.3, dy + 0.3);
            let shine = smoothstep(1.0 - (hx * hx + hy * hy) * 5.0);
            canvas.blend(column, row, [270.0, 262.0, 260.0], 0.7 * shine);
        }
    }
}

/// One specular reflection: an uneven ellipse far brighter than white in its core.
fn glare(dice: &mut Dice, size: f32, canvas: &mut Canvas) {
    let middle = canvas.pixel(dice.between(-0.5, 0.5), dice.between(-0.5, 0.5));
    let radius = canvas.side * size / 2.0 * dice.between(0.4, 1.0);
    let (c, s) = {
        let turns = dice.unit();
        (cos_turns(turns), sin_turns(turns))
    };
    let slim = dice.between(1.0, 2.5);
    let uneven: [f32; 3] = std::array::from_fn(|_| dice.normal());
    if radius < 0.3 {
        return;
    }
    let (columns, rows) = canvas.around(middle, radius * 1.4 + 1.0);
    for row in rows {
        for column in columns.clone() {
            let (dx, dy) = ((column as f32 + 0.5 - middle[0]) / radius, (row as f32 + 0.5 - middle[1]) / radius);
            let (u, v) = (dx * c + dy * s, (dy * c - dx * s) * slim);
            let ripple = 0.12 * (uneven[0] * sin_turns(u * 0.9) + uneven[1] * sin_turns(v * 0.8) + uneven[2] * sin_turns(u + v));
            let share = smoothstep((1.0 - (u * u + v * v).sqrt() + ripple) * 4.0);
            if share > 0.0 {
                canvas.blend(column, row, [500.0, 500.0, 500.0], share);
            }
        }
    }
}
