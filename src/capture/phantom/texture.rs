//! Seamless grey tiles from which skin and pigment get their fine structure.
//!
//! Built once a process (they do not depend on the phantom) and laid over each phantom at its own place, turn and scale:
//! reading a tile costs a few multiplications a pixel, which keeps rendering quick even without optimisation.

use std::sync::OnceLock;

use super::maths::{Dice, Stream, cos_turns, mix, sin_turns, smoothstep};

/// Side of a tile; a power of two, so that wrapping is a mask.
pub(super) const SIDE: usize = 256;
/// Cells of the network and globule tiles along one side.
pub(super) const CELLS: usize = 24;

/// A periodic grey picture.
#[derive(Debug)]
pub(super) struct Tile(Vec<f32>);

impl Tile {
    fn from_fn(value: impl Fn(usize, usize) -> f32) -> Self {
        Self((0..SIDE * SIDE).map(|at| value(at % SIDE, at / SIDE)).collect())
    }

    /// Mean 0, standard deviation 1.
    fn standardised(self) -> Self {
        let count = (SIDE * SIDE) as f32;
        let mean = self.0.iter().sum::<f32>() / count;
        let variance = self.0.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / count;
        let scale = if variance > 0.0 { 1.0 / variance.sqrt() } else { 0.0 };
        Self(self.0.into_iter().map(|v| (v - mean) * scale).collect())
    }

    /// The value at a place in tile pixels, bilinear, wrapping around.
    pub(super) fn at(&self, u: f32, v: f32) -> f32 {
        let (left, upper) = (floored(u), floored(v));
        let (tx, ty) = (u - left as f32, v - upper as f32);
        let (x0, y0) = (left as usize & (SIDE - 1), (upper as usize & (SIDE - 1)) * SIDE);
        let (x1, y1) = ((x0 + 1) & (SIDE - 1), (y0 + SIDE) & (SIDE * SIDE - 1));
        let above = mix(self.0[y0 + x0], self.0[y0 + x1], tx);
        let below = mix(self.0[y1 + x0], self.0[y1 + x1], tx);
        mix(above, below, ty)
    }
}

/// The whole number below; `f32::floor` is a library call on processors without a rounding instruction, and this is asked for millions of times.
fn floored(value: f32) -> i32 {
    let cut = value as i32;
    cut - i32::from(cut as f32 > value)
}

/// How a tile lies on the field: turned, scaled and shifted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Laid {
    across: [f32; 2],
    down: [f32; 2],
    origin: [f32; 2],
}

impl Laid {
    /// `repeats` tiles a field side, turned by `turns`, at a random place.
    pub(super) fn new(dice: &mut Dice, repeats: f32, turns: f32, stretch: f32) -> Self {
        let scale = repeats * SIDE as f32;
        let (c, s) = (cos_turns(turns) * scale, sin_turns(turns) * scale);
        let whole = SIDE as f32;
        Self { across: [c * stretch, -s], down: [s * stretch, c], origin: [dice.unit() * whole, dice.unit() * whole] }
    }

    /// Where a point of the field falls on the tile, tile pixels.
    pub(super) fn place(&self, x: f32, y: f32) -> [f32; 2] {
        [self.origin[0] + x * self.across[0] + y * self.down[0], self.origin[1] + x * self.across[1] + y * self.down[1]]
    }
}

/// The tiles shared by all phantoms.
#[derive(Debug)]
pub(super) struct Tiles {
    /// Fractal clouds from a quarter of the tile down to 4 pixels; mean 0, deviation 1.
    pub(super) cloud: Tile,
    /// Grain of about 3 pixels; mean 0, deviation 1.
    pub(super) grain: Tile,
    /// Lines between irregular cells, 0 to 1: pigment network and, stretched, skin furrows.
    pub(super) lines: Tile,
    /// Round spots in some of the cells, 0 to 1.
    pub(super) spots: Tile,
    /// Bands of bent lines, 0 to 1: small vessels.
    pub(super) threads: Tile,
}

/// The tiles, built at the first call.
pub(super) fn tiles() -> &'static Tiles {
    static TILES: OnceLock<Tiles> = OnceLock::new();
    TILES.get_or_init(|| {
        let mut dice = Dice::new(0, Stream::Tiles);
        let cloud = clouds(&mut dice, &[4, 8, 16, 32, 64]);
        let grain = clouds(&mut dice, &[80, 128]);
        let bends = clouds(&mut dice, &[10, 20, 40]);
        let threads = Tile::from_fn(|x, y| smoothstep(1.0 - bends.0[y * SIDE + x].abs() * 4.0));
        let (lines, spots) = cells(&mut dice);
        Tiles { cloud, grain, lines, spots, threads }
    })
}

/// Value noise: one lattice an octave, each half as strong as the one before.
fn clouds(dice: &mut Dice, lattices: &[usize]) -> Tile {
    let mut sum = vec![0.0_f32; SIDE * SIDE];
    let mut strength = 1.0;
    for &points in lattices {
        let knots: Vec<f32> = (0..points * points).map(|_| dice.between(-1.0, 1.0)).collect();
        let step = points as f32 / SIDE as f32;
        for (at, value) in sum.iter_mut().enumerate() {
            let (x, y) = ((at % SIDE) as f32 * step, (at / SIDE) as f32 * step);
            let (left, upper) = (x as usize, y as usize);
            let (tx, ty) = (smoothstep(x - left as f32), smoothstep(y - upper as f32));
            let knot = |i: usize, j: usize| knots[j % points * points + i % points];
            let above = mix(knot(left, upper), knot(left + 1, upper), tx);
            let below = mix(knot(left, upper + 1), knot(left + 1, upper + 1), tx);
            *value += strength * mix(above, below, ty);
        }
        strength *= 0.6;
    }
    Tile(sum).standardised()
}

/// Worley cells around jittered points (Worley 1996): lines where the two nearest points are equally far, and spots at some points.
fn cells(dice: &mut Dice) -> (Tile, Tile) {
    struct Point {
        x: f32,
        y: f32,
        spot: f32,
    }
    let points: Vec<Point> = (0..CELLS * CELLS)
        .map(|_| Point {
            x: dice.between(0.12, 0.88),
            y: dice.between(0.12, 0.88),
            spot: if dice.chance(0.3) { dice.between(0.25, 0.5) } else { 0.0 },
        })
        .collect();
    let mut lines = Vec::with_capacity(SIDE * SIDE);
    let mut spots = Vec::with_capacity(SIDE * SIDE);
    for at in 0..SIDE * SIDE {
        let (x, y) = ((at % SIDE * CELLS) as f32 / SIDE as f32, (at / SIDE * CELLS) as f32 / SIDE as f32);
        let (column, row) = (x as usize, y as usize);
        let (mut nearest, mut second, mut spot) = (f32::MAX, f32::MAX, 0.0_f32);
        for (dj, di) in (0..3).flat_map(|j| (0..3).map(move |i| (j, i))) {
            let point = &points[(row + CELLS + dj - 1) % CELLS * CELLS + (column + CELLS + di - 1) % CELLS];
            let dx = column as f32 + di as f32 - 1.0 + point.x - x;
            let dy = row as f32 + dj as f32 - 1.0 + point.y - y;
            let distance = (dx * dx + dy * dy).sqrt();
            if distance < nearest {
                second = nearest;
                nearest = distance;
                spot = if point.spot > 0.0 { smoothstep((point.spot - distance) / 0.18 + 0.5) } else { 0.0 };
            } else if distance < second {
                second = distance;
            }
        }
        lines.push(smoothstep(1.0 - (second - nearest) / 0.42));
        spots.push(spot);
    }
    (Tile(lines), Tile(spots))
}
