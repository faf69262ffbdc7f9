//! Time to measure the ABC criteria of one lesion, on one thread.
//!
//! `cargo bench --bench criteria`. The lesion is drawn as a network does it, on 56 x 56 cells; the arguments are the sides of the region that
//! is brought to 256 x 256 first.

#![expect(clippy::unwrap_used, reason = "a bench that cannot get its inputs must stop")]

use divan::Bencher;
use lentigo::{
    explain::abc::{self, Settings},
    frame::{Frame, Heatmap},
};

fn main() {
    divan::main();
}

/// A wavy lesion that fills a third of the region, dark on one side.
fn lesion(side: u32) -> (Frame, Heatmap) {
    let inside = |x: f64, y: f64| 1.2 - x.hypot(y) * 2.0 + 0.2 * (5.0 * y.atan2(x)).cos();
    let place = |at: u32, of: u32| (f64::from(at) + 0.5) / f64::from(of) * 2.0 - 1.0;
    let frame = Frame::from_fn(side, side, |x, y| {
        let grain = ((x * 7 + y * 13) % 11) as u8;
        match inside(place(x, side), place(y, side)) > 0.0 {
            true if x < side / 2 => [70 + grain, 40, 30],
            true => [130 + grain, 80, 50],
            false => [214 + grain, 172, 152],
        }
    });
    let membership = (0..56 * 56).map(|at| 1.0 / (1.0 + (-8.0 * inside(place(at % 56, 56), place(at / 56, 56))).exp()) as f32);
    (frame.unwrap(), Heatmap::new(56, 56, membership.collect()).unwrap())
}

/// All criteria.
#[divan::bench(args = [256, 720, 1080])]
fn measure(bencher: Bencher, side: u32) {
    let (frame, lesion) = lesion(side);
    bencher.bench_local(|| abc::measure(&frame, &lesion, &Settings::default()).unwrap());
}
