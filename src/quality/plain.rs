//! What the gate measures, written down as plainly as it is defined, in double precision: what the fast form is held to.

use proptest::prelude::*;

use super::{Measurements, view::Scaler};
use crate::{capture::phantom::Phantom, frame::Frame};

const SIDE: usize = 128;
const AREA: usize = SIDE * SIDE;

type Plane = Vec<f64>;

fn near(at: usize, reach: isize) -> impl Iterator<Item = (isize, isize)> {
    let (x, y) = ((at % SIDE) as isize, (at / SIDE) as isize);
    (-reach..=reach).flat_map(move |dy| (-reach..=reach).map(move |dx| (x + dx, y + dy)))
}

fn inside((x, y): (isize, isize)) -> Option<usize> {
    let range = 0..SIDE as isize;
    (range.contains(&x) && range.contains(&y)).then(|| y as usize * SIDE + x as usize)
}

fn clamped((x, y): (isize, isize)) -> usize {
    let last = SIDE as isize - 1;
    y.clamp(0, last) as usize * SIDE + x.clamp(0, last) as usize
}

fn blur(plane: &Plane, radius: isize) -> Plane {
    let count = ((2 * radius + 1) * (2 * radius + 1)) as f64;
    (0..AREA).map(|at| near(at, radius).map(|place| plane[clamped(place)]).sum::<f64>() / count).collect()
}

fn soften(plane: &Plane, radius: isize) -> Plane {
    blur(&blur(plane, radius), radius)
}

fn extremes(plane: &Plane, radius: isize, pick: fn(f64, f64) -> f64) -> Plane {
    (0..AREA).map(|at| near(at, radius).filter_map(inside).map(|at| plane[at]).reduce(pick).unwrap()).collect()
}

fn from_middle(coordinate: usize) -> f64 {
    (coordinate as f64 + 0.5) / 64.0 - 1.0
}

fn sides(at: usize) -> [Option<usize>; 4] {
    let (x, y) = ((at % SIDE) as isize, (at / SIDE) as isize);
    [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)].map(inside)
}

/// The pixels that can be reached from `start` through flagged ones.
fn flood(start: usize, flags: &[bool]) -> Vec<bool> {
    let mut reached = vec![false; AREA];
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        if flags[at] && !reached[at] {
            reached[at] = true;
            open.extend(sides(at).into_iter().flatten());
        }
    }
    reached
}

fn order(mut values: Vec<f64>, rank: usize) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[rank]
}

fn mean(plane: &Plane, counts: &[bool]) -> f64 {
    let (sum, number) =
        plane.iter().zip(counts).filter(|(_, counts)| **counts).fold((0.0, 0.0), |(sum, number), (value, _)| (sum + value, number + 1.0));
    sum / number
}

fn lit(luma: &Plane) -> Vec<bool> {
    let smooth = blur(luma, 1);
    let middle = |at: usize| (from_middle(at % SIDE).hypot(from_middle(at / SIDE))) / 2.0 < 0.42;
    let values: Vec<f64> = (0..AREA).step_by(3).filter(|&at| middle(at)).map(|at| smooth[at]).collect();
    let half = values.len() / 2;
    let limit = 0.45 * order(values, half);
    let candidates: Vec<bool> = (0..AREA).map(|at| !middle(at) && smooth[at] <= limit).collect();
    let corners = [0, SIDE - 1, AREA - SIDE, AREA - 1].map(|corner| flood(corner, &candidates));
    let dark = |at: usize| corners.iter().any(|reached| reached[at]);
    (0..AREA).map(|at| !near(at, 4).filter_map(inside).any(dark)).collect()
}

fn linear(value: u8) -> f64 {
    let value = f64::from(value) / 255.0;
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

fn lab(rgb: &[[u8; 3]]) -> [Plane; 3] {
    let root = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let all = rgb.iter().map(|pixel| {
        let [r, g, b] = pixel.map(linear);
        let [x, y, z] = [
            root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505),
            root(0.2126 * r + 0.7152 * g + 0.0722 * b),
            root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089),
        ];
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    });
    let all: Vec<[f64; 3]> = all.collect();
    [0, 1, 2].map(|plane| all.iter().map(|lab| lab[plane]).collect())
}

fn otsu(values: &Plane, field: &[bool]) -> f64 {
    let lit: Vec<f64> = values.iter().zip(field).filter(|(_, lit)| **lit).map(|(value, _)| *value).collect();
    let (low, high) = (order(lit.clone(), 0), order(lit.clone(), lit.len() - 1));
    let step = (high - low) / 128.0;
    let bin = |value: &f64| (((value - low) / step) as usize).min(127);
    let between = |split: usize| {
        let (below, above): (Vec<f64>, Vec<f64>) = lit.iter().map(|value| bin(value) as f64).partition(|bin| *bin <= split as f64);
        let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        if below.is_empty() || above.is_empty() {
            0.0
        } else {
            below.len() as f64 * above.len() as f64 * (mean(&below) - mean(&above)).powi(2)
        }
    };
    let mut best = 0;
    for split in 1..128 {
        if between(split) > between(best) {
            best = split;
        }
    }
    low + step * (best + 1) as f64
}

fn centre((flags, area): (&[bool], f64)) -> (f64, f64) {
    let sum = |coordinate: fn(usize) -> usize| (0..AREA).filter(|&at| flags[at]).map(|at| from_middle(coordinate(at))).sum::<f64>();
    (sum(|at| at % SIDE) / area, sum(|at| at / SIDE) / area)
}

fn count(flags: &[bool]) -> f64 {
    flags.iter().filter(|flag| **flag).count() as f64
}

/// Contrast, presence, cut off and share.
fn framing(rgb: &[[u8; 3]], field: &[bool]) -> [f64; 4] {
    let [lightness, a, b] = lab(rgb);
    let closed = extremes(&extremes(&lightness, 2, f64::max), 2, f64::min);
    let planes = [closed, a, b].map(|plane| soften(&plane, 2));
    let lit = |place: (isize, isize)| inside(place).is_some_and(|at| field[at]);
    let rim = (0..AREA).filter(|&at| {
        let (x, y) = ((at % SIDE) as isize, (at / SIDE) as isize);
        field[at] && ![(x - 10, y), (x + 10, y), (x, y - 10), (x, y + 10)].into_iter().all(lit)
    });
    let rim: Vec<usize> = rim.collect();
    let skin = planes.each_ref().map(|plane| order(rim.iter().map(|&at| plane[at]).collect(), rim.len() / 2));
    let distance: Plane = (0..AREA)
        .map(|at| {
            let [lightness, a, b] = [0, 1, 2].map(|plane: usize| planes[plane][at] - skin[plane]);
            (if lightness > 0.0 { lightness / 2.0 } else { lightness }).hypot(a.hypot(b))
        })
        .collect();
    let limit = otsu(&distance, field);
    let stands_out: Vec<bool> = (0..AREA).map(|at| field[at] && distance[at] > limit).collect();
    let rest: Vec<bool> = (0..AREA).map(|at| field[at] && !stands_out[at]).collect();
    let pull = |at: usize| (-3.0 * (from_middle(at % SIDE).powi(2) + from_middle(at / SIDE).powi(2))).exp();
    let (mut patch, mut weight, mut seen) = (vec![false; AREA], 0.0, vec![false; AREA]);
    for start in 0..AREA {
        if stands_out[start] && !seen[start] {
            let reached = flood(start, &stands_out);
            let its_weight = (0..AREA).filter(|&at| reached[at]).map(|at| distance[at] * pull(at)).sum();
            seen.iter_mut().zip(&reached).for_each(|(seen, reached)| *seen |= reached);
            if its_weight > weight {
                (patch, weight) = (reached, its_weight);
            }
        }
    }
    let colours = [&patch, &rest].map(|flags| planes.each_ref().map(|plane| mean(plane, flags)));
    let contrast = (0..3).map(|plane| (colours[0][plane] - colours[1][plane]).powi(2)).sum::<f64>().sqrt();
    let (right, down) = centre((&patch, count(&patch)));
    let inside = if colours[0][0] > colours[1][0] && right.hypot(down) > 0.4 { rest } else { patch };
    let area = count(&inside);
    let (right, down) = centre((&inside, area));
    let off = right.hypot(down);
    let (mut outline, mut on_edge) = (0.0_f64, 0.0);
    for neighbour in (0..AREA).filter(|&at| inside[at]).flat_map(sides) {
        on_edge += f64::from(!neighbour.is_some_and(|at| field[at]));
        outline += f64::from(!neighbour.is_some_and(|at| inside[at]));
    }
    let cut = on_edge / outline.max(1.0);
    [contrast, contrast * (1.0 - off).max(0.0) * (1.0 - cut), off * (cut / 0.1).min(1.0), area / count(field)]
}

fn measure(frame: &Frame) -> Vec<f64> {
    let rgb: Vec<[u8; 3]> = Scaler::new().scale(frame).as_chunks().0.to_vec();
    let luma: Plane = rgb.iter().map(|&[r, g, b]| (0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)) / 255.0).collect();
    let field = lit(&luma);
    let area = count(&field);
    let share = |counts: &dyn Fn(usize) -> bool| (0..AREA).filter(|&at| field[at] && counts(at)).count() as f64 / area;

    let stops = |value: u8| (linear(value) + 0.001).log2();
    let level = |at: usize| stops(rgb[at][0]) + 0.7 * (stops(rgb[at][0]) - stops(rgb[at][2])).min(3.0);
    let levels: Vec<f64> = (0..AREA).filter(|&at| field[at]).map(level).collect();
    let upper_quartile = (levels.len() * 3 / 4).min(levels.len() - 1);

    let lowest: Plane = rgb.iter().map(|pixel| f64::from(*pixel.iter().min().unwrap()) / 255.0).collect();
    let around = soften(&lowest, 8);

    let blurred = soften(&luma, 2);
    let (mut total, mut lost) = (0.0, 0.0);
    for at in (0..AREA).filter(|at| at % SIDE > 0 && at / SIDE > 0) {
        for before in [at - 1, at - SIDE].into_iter().filter(|&before| field[at] && field[before]) {
            let sharp = (luma[at] - luma[before]).abs();
            total += sharp;
            lost += (sharp - (blurred[at] - blurred[before]).abs()).max(0.0);
        }
    }
    let [contrast, presence, cut_off, lesion_share] = framing(&rgb, &field);
    vec![
        f64::from(frame.width().min(frame.height())),
        order(levels, upper_quartile),
        mean(&luma, &field),
        share(&|at| rgb[at].iter().all(|value| *value < 26)),
        share(&|at| rgb[at].iter().any(|value| *value >= 250)),
        share(&|at| lowest[at] > 0.6 + 1e-7 && lowest[at] - around[at] > 0.12),
        if total / area > 1e-6 { lost / total } else { 0.0 },
        contrast,
        presence,
        cut_off,
        lesion_share,
        area / AREA as f64,
    ]
}

fn fast(frame: &Frame) -> Vec<f64> {
    let m = Measurements::of(frame);
    let all = [
        m.shorter_side,
        m.exposure,
        m.mean,
        m.dark_share,
        m.bright_share,
        m.glare_share,
        m.focus,
        m.lesion_contrast,
        m.lesion_presence,
        m.lesion_cut_off,
        m.lesion_share,
        m.field_share,
    ];
    all.map(f64::from).to_vec()
}

/// Blackens what lies farther from the middle than `radius` half sides and puts white patches on it.
fn spoilt(frame: &Frame, radius: f32, patches: bool) -> Frame {
    let (width, height) = (frame.width() as f32, frame.height() as f32);
    Frame::from_fn(frame.width(), frame.height(), |x, y| {
        let (u, v) = (x as f32 * 2.0 - width, y as f32 * 2.0 - height);
        if u.hypot(v) > radius * height.min(width) {
            [3, 2, 4]
        } else if patches && x % 60 < 9 && y % 50 < 9 {
            [251, 250, 249]
        } else {
            frame.pixel(x, y)
        }
    })
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn the_gate_measures_what_is_defined(seed in 0..10_000_u64, radius in prop_oneof![Just(9.0_f32), 0.9..1.3_f32], patches: bool) {
        let frame = spoilt(&Phantom::regular(seed).render(320, 240).unwrap().frame, radius, patches);
        // Limits have three decimals.
        for (number, (fast, plain)) in fast(&frame).into_iter().zip(measure(&frame)).enumerate() {
            prop_assert!((fast - plain).abs() <= 1e-4 * plain.abs().max(1.0), "measurement {}: {} is not {}", number, fast, plain);
        }
    }
}
