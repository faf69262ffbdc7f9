//! Panels on SPI: the bytes that a controller gets, decoded back into the picture that it would show.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

mod chip;

use chip::{Bus, Chip, Handle, Line, NoDelay, Role};
use embedded_graphics::pixelcolor::{Rgb565, Rgb888};
use lentigo::{
    display::{
        Canvas, DisplayError, Rotation, Surface, rgb565,
        spi::{Panel, PanelError, PanelSettings, Wiring},
    },
    frame::Frame,
};
use mipidsi::models::{ILI9341Rgb565, Model, ST7789, ST7796};
use proptest::prelude::*;

const DOT: Rgb888 = Rgb888::new(250, 120, 30);

fn upright(width: u16, height: u16) -> PanelSettings {
    PanelSettings {
        name: "a panel".to_owned(),
        width,
        height,
        offset_x: 0,
        offset_y: 0,
        invert: false,
        blue_first: false,
        rotation: Rotation::None,
    }
}

fn start<M>(handle: &Handle, model: fn() -> M, settings: &PanelSettings, lines: bool) -> Result<Panel<M, Bus, Line, NoDelay>, DisplayError>
where
    M: Model<ColorFormat = Rgb565>,
{
    let handle = handle.clone();
    let open = move || {
        handle.chip().opened += 1;
        let line = |role| Line(handle.clone(), role);
        Ok(Wiring {
            spi: Bus(handle.clone()),
            data_command: line(Role::DataCommand),
            reset: lines.then(|| line(Role::Reset)),
            backlight: lines.then(|| line(Role::Backlight)),
            delay: NoDelay,
        })
    };
    Panel::start(open, model, settings.clone())
}

/// What a panel must hold to show `picture`.
fn expected(picture: &Frame, rotation: Rotation) -> Vec<u16> {
    rotation.turn(picture).pixels().as_chunks::<3>().0.iter().map(|pixel| rgb565(*pixel)).collect()
}

fn striped(width: u32, height: u32) -> Canvas {
    let mut canvas = Canvas::new(width, height, Rgb888::new(20, 40, 60)).unwrap();
    for at in 0..width.min(height) as i32 {
        canvas.blend(at, at, DOT, 255);
        canvas.blend(at, 3, Rgb888::new(0, at as u8, 255), 255);
    }
    canvas
}

#[test]
fn every_controller_shows_the_picture_pixel_for_pixel() {
    fn shows<M: Model<ColorFormat = Rgb565> + Send + 'static>(model: fn() -> M) {
        let (width, height) = M::FRAMEBUFFER_SIZE;
        for lines in [true, false] {
            for rotation in [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters] {
                let handle = Handle::new(M::FRAMEBUFFER_SIZE);
                let settings = PanelSettings { rotation, ..upright(width, height) };
                let mut panel = start(&handle, model, &settings, lines).unwrap();
                let canvas = striped(panel.size().0, panel.size().1);
                panel.show(&canvas).unwrap();
                assert!(handle.seen(&settings) == expected(canvas.frame(), rotation), "{rotation:?}");
                let chip = handle.chip();
                assert!(chip.awake && chip.on && chip.resets == 1 && chip.lit == lines.then_some(true));
            }
        }
    }
    shows(|| ST7789);
    shows(|| ILI9341Rgb565);
    shows(|| ST7796);
}

#[test]
fn only_what_has_changed_goes_over_the_wire() {
    let handle = Handle::new((240, 320));
    let settings = PanelSettings { rotation: Rotation::Quarter, ..upright(240, 320) };
    let mut panel = start(&handle, || ST7789, &settings, true).unwrap();
    let mut canvas = striped(320, 240);
    panel.show(&canvas).unwrap();
    assert_eq!(handle.chip().pixel_bytes, 2 * 320 * 240);
    panel.show(&canvas).unwrap();
    assert_eq!(handle.chip().pixel_bytes, 2 * 320 * 240);
    let commands = handle.chip().commands;
    canvas.blend(100, 50, DOT, 255);
    assert_eq!(panel.show(&canvas).unwrap().pixels, 16 * 16);
    assert_eq!(handle.chip().pixel_bytes, 2 * (320 * 240 + 16 * 16));
    assert_eq!(handle.chip().commands, commands + 3);
    assert_eq!(handle.seen(&settings), expected(canvas.frame(), Rotation::Quarter));
}

#[test]
fn colours_are_told_as_the_panel_is_wired() {
    for (invert, blue_first) in [(true, false), (false, true)] {
        let handle = Handle::new((240, 320));
        let settings = PanelSettings { invert, blue_first, ..upright(240, 320) };
        start(&handle, || ILI9341Rgb565, &settings, true).unwrap();
        let chip = handle.chip();
        assert_eq!((chip.inverted, chip.blue_first), (invert, blue_first));
    }
}

#[test]
fn a_panel_that_was_lost_is_named_and_started_anew_with_the_whole_picture() {
    for transfers in [0, 1, 2, 5, 8] {
        let handle = Handle::new((240, 320));
        let settings = upright(240, 320);
        let mut panel = start(&handle, || ST7789, &settings, true).unwrap();
        let mut canvas = striped(240, 320);
        panel.show(&canvas).unwrap();
        canvas.blend(7, 300, DOT, 255);
        canvas.blend(200, 20, DOT, 255);
        handle.chip().fails_in = Some(transfers);
        let error = panel.show(&canvas).unwrap_err();
        assert!(matches!(&error, DisplayError::Panel(PanelError::Lost { .. })), "{error}");
        assert!(error.to_string().contains("a panel") && error.to_string().contains("the bus is broken"), "{error}");
        // Still broken: starting it fails as well, and says so.
        handle.chip().fails_in = Some(0);
        panel.show(&canvas).unwrap_err();
        let mut chip = handle.chip();
        chip.fails_in = None;
        chip.memory.fill(0x4321);
        drop(chip);
        panel.show(&canvas).unwrap();
        assert_eq!(handle.seen(&settings), expected(canvas.frame(), Rotation::None));
        assert_eq!(handle.chip().opened, 3);
    }
}

#[test]
fn a_sleeping_panel_is_dark_and_wakes_with_the_next_picture() {
    let handle = Handle::new((240, 320));
    let settings = upright(240, 320);
    let mut panel = start(&handle, || ST7789, &settings, true).unwrap();
    let canvas = striped(240, 320);
    panel.show(&canvas).unwrap();
    panel.blank().unwrap();
    let asleep = |chip: &Chip| (!chip.awake, chip.lit);
    assert_eq!(asleep(&handle.chip()), (true, Some(false)));
    assert!(handle.seen(&settings).iter().all(|pixel| *pixel == 0), "a picture stays behind");
    panel.show(&canvas).unwrap();
    assert_eq!(asleep(&handle.chip()), (false, Some(true)));
    assert_eq!(handle.seen(&settings), expected(canvas.frame(), Rotation::None));
    assert!(panel.set_brightness(0).unwrap());
    assert_eq!(handle.chip().lit, Some(false));
    panel.blank().unwrap();
    panel.unblank().unwrap();
    assert_eq!(asleep(&handle.chip()), (false, Some(false)));
}

#[test]
fn a_panel_without_a_light_line_has_no_brightness() {
    let handle = Handle::new((240, 320));
    let mut panel = start(&handle, || ST7789, &upright(240, 320), false).unwrap();
    assert!(!panel.set_brightness(50).unwrap());
}

#[test]
fn sizes_beyond_the_controllers_memory_are_refused() {
    for (width, height, offset_x) in [(241, 320, 0), (240, 320, 1), (0, 320, 0)] {
        let handle = Handle::new((240, 320));
        let settings = PanelSettings { offset_x, ..upright(width, height) };
        let error = start(&handle, || ST7789, &settings, true).unwrap_err().to_string();
        assert!(error.contains("display.offset_x") && error.contains(&format!("{width}x320")), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_run_of_pictures_ends_with_the_last_one_on_the_glass(
        dots in proptest::collection::vec((0_i32..90, 0_i32..90), 1..12),
        (width, height, offset_x, offset_y) in (1_u16..60, 1_u16..80, 0_u16..180, 0_u16..240),
        turn in 0_usize..4,
    ) {
        let rotation = [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters][turn];
        let handle = Handle::new((240, 320));
        let settings = PanelSettings { offset_x, offset_y, rotation, ..upright(width, height) };
        let mut panel = start(&handle, || ST7789, &settings, false).unwrap();
        let (width, height) = panel.size();
        let mut canvas = Canvas::new(width, height, Rgb888::new(1, 2, 3)).unwrap();
        let mut pixels = 0;
        for (x, y) in dots {
            canvas.blend(x, y, DOT, 255);
            pixels += panel.show(&canvas).unwrap().pixels;
        }
        prop_assert_eq!(handle.seen(&settings), expected(canvas.frame(), rotation));
        prop_assert_eq!(handle.chip().pixel_bytes, 2 * pixels);
        // Nothing beside the panel's part of the memory was touched.
        let untouched = handle.chip().memory.iter().filter(|pixel| **pixel == 0x1234).count();
        prop_assert_eq!(untouched, 240 * 320 - (width * height) as usize);
    }
}
