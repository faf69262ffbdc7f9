//! Time to draw what the device shows many times a second: the live picture, and the same when its words change.
//!
//! `cargo bench --bench scenes`. The frame is 1280x720 as a camera gives it; the arguments are the sizes of screens.

#![expect(clippy::unwrap_used, reason = "a bench that cannot get its inputs must stop")]

use divan::Bencher;
use lentigo::{
    display::scene::{self, Action, Easel, Scene, StatusBar},
    frame::Frame,
    quality::Reason,
};

fn main() {
    divan::main();
}

const SCREENS: [(u32, u32); 3] = [(320, 240), (800, 480), (1280, 720)];

const ACTIONS: [Action; 4] = [
    Action { button: "Capture", what: "Picture" },
    Action { button: "Details", what: "Patient" },
    Action { button: "Scan", what: "Code" },
    Action { button: "Sleep", what: "" },
];

const BAR: StatusBar = StatusBar { case: "Case 12", chips: &["54 years", "back"], notice: None, actions: &ACTIONS };

/// Two frames, so that no two pictures in a row are the same.
fn frames() -> [Frame; 2] {
    [0, 1].map(|shift| Frame::from_fn(1280, 720, |x, y| [((x + shift) % 251) as u8, (y % 241) as u8, ((x * y) % 239) as u8]).unwrap())
}

fn preview<'a>(frame: &'a Frame, hints: &'a [Reason]) -> Scene<'a> {
    Scene::Preview { frame, hints, ready: "", bar: BAR }
}

fn easel((width, height): (u32, u32)) -> Easel {
    Easel::new(width, height).unwrap()
}

/// Frame after frame on one canvas, as the device does it.
#[divan::bench(args = SCREENS)]
fn next_frame(bencher: Bencher, screen: (u32, u32)) {
    let (frames, mut easel, mut at) = (frames(), easel(screen), 0);
    bencher.bench_local(|| {
        at += 1;
        easel.draw(&preview(&frames[at % 2], &[Reason::Glare, Reason::TooDark])).map(|drawn| drawn.changed)
    });
}

/// As `next_frame`, with other hints each time: all is drawn anew.
#[divan::bench(args = SCREENS)]
fn next_hint(bencher: Bencher, screen: (u32, u32)) {
    let (frames, mut easel, mut at) = (frames(), easel(screen), 0);
    bencher.bench_local(|| {
        at += 1;
        let hints: &[Reason] = if at % 2 == 0 { &[Reason::Glare, Reason::TooDark] } else { &[Reason::Blurred] };
        easel.draw(&preview(&frames[at % 2], hints)).map(|drawn| drawn.changed)
    });
}

/// Each time on a canvas of its own.
#[divan::bench(args = SCREENS)]
fn from_nothing(bencher: Bencher, (width, height): (u32, u32)) {
    let frames = frames();
    bencher.bench_local(|| scene::draw(&preview(&frames[0], &[Reason::Glare, Reason::TooDark]), width, height));
}
