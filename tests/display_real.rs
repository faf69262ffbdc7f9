//! A real display, or a virtual machine's: known pictures on the glass, to be compared with what a screenshot or a person sees.
//!
//! `LENTIGO_DISPLAY='kind = "kms"' cargo test --test display_real -- --ignored --nocapture` shows them on the display that these
//! lines of a board file name. Before each pause of `LENTIGO_PAUSE_S` seconds (2) a line `GLASS n` says what is to be seen:
//! 1 a pattern, 2 the same with a patch, 3 black, 4 the first pattern again, 5 the patch again, after the screen was unplugged.
//! The pixel (x, y) of the pattern is (3x, 5y, x xor y), each modulo 256; of the patch (x from 100, y from 60, 120x80) its negative.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::time::{Duration, Instant};

use embedded_graphics::pixelcolor::Rgb888;
use lentigo::{
    device::{board::Board, open_surface},
    display::{Canvas, DisplayError, Surface, kms::KmsError, monotonic},
};

fn pattern(surface: &dyn Surface, patched: bool) -> Canvas {
    let (width, height) = surface.size();
    let mut canvas = Canvas::new(width, height, Rgb888::new(0, 0, 0)).unwrap();
    for y in 0..height {
        for x in 0..width {
            let flip = if patched && (100..220).contains(&x) && (60..140).contains(&y) { 255 } else { 0 };
            let [red, green, blue] = [3 * x, 5 * y, x ^ y].map(|value| value as u8 ^ flip);
            canvas.blend(x as i32, y as i32, Rgb888::new(red, green, blue), 255);
        }
    }
    canvas
}

fn pause(glass: u32) {
    println!("GLASS {glass}");
    let seconds = std::env::var("LENTIGO_PAUSE_S").map_or(2, |text| text.parse().unwrap());
    std::thread::sleep(Duration::from_secs(seconds));
}

#[test]
#[ignore = "needs a display: name it in LENTIGO_DISPLAY"]
fn known_pictures_stand_on_the_glass() {
    let display = std::env::var("LENTIGO_DISPLAY").expect("LENTIGO_DISPLAY holds the lines of [display]").replace(';', "\n");
    let text =
        format!("[camera]\nkind = \"phantom\"\n[display]\n{display}\n[model]\nbundle = \"bundle\"\n[records]\nfolder = \"records\"\n");
    let board = Board::parse(&text).unwrap_or_else(|error| panic!("{error}"));
    let mut surface = open_surface(&board.display).unwrap_or_else(|error| panic!("{error}"));
    let (width, height) = surface.size();
    println!("surface: {}", surface.describe());

    let (plain, patched) = (pattern(surface.as_ref(), false), pattern(surface.as_ref(), true));
    assert_eq!(surface.show(&plain).unwrap().pixels, u64::from(width) * u64::from(height));
    pause(1);
    // Both buffers of a screen with two must have been filled before only the patch is sent.
    surface.show(&patched).unwrap();
    surface.show(&plain).unwrap();
    let shown = surface.show(&patched).unwrap();
    assert!(shown.pixels < u64::from(width) * u64::from(height) / 2, "{shown:?}");
    pause(2);

    let descriptors = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = descriptors();
    let mut times = Vec::new();
    for round in 0..60 {
        let begin = Instant::now();
        let asked = monotonic();
        let shown = surface.show(if round % 2 == 0 { &plain } else { &patched }).unwrap();
        assert!(shown.at >= asked && shown.at <= monotonic(), "{shown:?} was asked for at {asked:?}");
        times.push(begin.elapsed());
    }
    times.sort();
    assert_eq!(descriptors(), before, "descriptors are left open");
    println!("60 patches: median {:?}, longest {:?}", times[30], times[59]);
    println!("surface: {}", surface.describe());

    surface.blank().unwrap();
    pause(3);
    surface.unblank().unwrap();
    surface.show(&plain).unwrap();
    pause(4);

    // The kernel lets a person force a connector's state; `LENTIGO_CONNECTOR` is its folder in /sys/class/drm.
    if let Ok(connector) = std::env::var("LENTIGO_CONNECTOR") {
        let status = std::path::Path::new(&connector).join("status");
        std::fs::write(&status, "off").unwrap();
        let unplugged = Instant::now();
        let error = loop {
            if let Err(error) = surface.show(&patched) {
                break error;
            }
            assert!(unplugged.elapsed() < Duration::from_secs(5), "nobody noticed that the screen was unplugged");
            surface.show(&plain).unwrap();
        };
        println!("unplugged, noticed after {:?}: {error}", unplugged.elapsed());
        assert!(matches!(error, DisplayError::Kms(KmsError::Unplugged { .. })), "{error}");
        std::fs::write(&status, "detect").unwrap();
        let plugged = Instant::now();
        while surface.show(&patched).is_err() {
            assert!(plugged.elapsed() < Duration::from_secs(5), "the screen was not found again");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(descriptors(), before, "descriptors are left open");
        println!("plugged in, found after {:?}: {}", plugged.elapsed(), surface.describe());
        pause(5);
    }
}
