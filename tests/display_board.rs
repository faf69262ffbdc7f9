//! `[display]` of a board file: what is read, what is refused and why, and what is opened.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use lentigo::{
    device::{
        board::{Board, DisplayBoard, LightBoard},
        open_surface,
    },
    display::{
        Canvas, DisplayError, Rotation,
        kms::{KmsError, ModeWish},
        spi::linux::Controller,
    },
};

fn board(display: &str) -> Result<Board, String> {
    let text =
        format!("[camera]\nkind = \"phantom\"\n[display]\n{display}\n[model]\nbundle = \"bundle\"\n[records]\nfolder = \"records\"\n");
    Board::parse(&text).map_err(|error| error.to_string())
}

fn complaint(display: &str) -> String {
    board(display).err().unwrap_or_else(|| panic!("{display} must be refused"))
}

#[test]
fn a_kms_screen_needs_nothing_but_its_kind() {
    let DisplayBoard::Kms(display) = board("kind = \"kms\"").unwrap().display else { panic!("not kms") };
    assert_eq!((display.device, display.rotation, display.light), (None, Rotation::None, LightBoard::default()));
    assert_eq!((display.wish.connector, display.wish.mode), (None, None));
}

#[test]
fn a_kms_screen_can_be_named_to_the_last_hertz() {
    let text = "kind = \"kms\"\ndevice = \"/dev/dri/card1\"\nconnector = \"HDMI-A-1\"\nmode = \"800x480@60\"\nrotation = 180\nbrightness = 70\nbacklight = \"/sys/class/backlight/10-0045\"";
    let DisplayBoard::Kms(display) = board(text).unwrap().display else { panic!("not kms") };
    assert_eq!(display.device.unwrap().to_str(), Some("/dev/dri/card1"));
    assert_eq!(display.wish.connector.as_deref(), Some("HDMI-A-1"));
    assert_eq!(display.wish.mode, Some(ModeWish { width: 800, height: 480, refresh: Some(60) }));
    assert_eq!((display.rotation, display.light.brightness), (Rotation::Half, Some(70)));
}

#[test]
fn a_panel_on_spi_has_the_defaults_of_its_controller() {
    let common = "kind = \"spi\"\ndevice = \"/dev/spidev0.0\"\ndata_command_line = 25\nrotation = 270\n";
    let DisplayBoard::Spi(display) = board(&format!("{common}panel = \"st7796\"")).unwrap().display else { panic!("not spi") };
    assert_eq!((display.controller, display.panel.width, display.panel.height), (Controller::St7796, 320, 480));
    let full = format!(
        "{common}panel = \"ili9341\"\nclock_hz = 40000000\nreset_line = 27\nbacklight_line = 24\ninvert = true\ncolour_order = \"bgr\""
    );
    let DisplayBoard::Spi(display) = board(&full).unwrap().display else { panic!("not spi") };
    assert_eq!((display.panel.width, display.panel.height, display.pins.clock_hz), (240, 320, 40_000_000));
    assert!(display.panel.invert && display.panel.blue_first && display.panel.rotation == Rotation::ThreeQuarters);
    assert_eq!((display.pins.reset_line, display.pins.backlight_line), (Some(27), Some(24)));
    assert_eq!(display.panel.name, "ili9341 on /dev/spidev0.0");
}

#[test]
fn a_rotation_that_leads_to_an_upright_screen_says_which_does_not() {
    let spi = "kind = \"spi\"\npanel = \"st7789\"\ndevice = \"/dev/spidev0.0\"\ndata_command_line = 25\n";
    let text = complaint(spi);
    assert!(text.contains("display.rotation leads to an upright screen of 240x320"), "{text}");
    assert!(text.contains("set display.rotation to 90 or 270"), "{text}");
    let text = complaint("kind = \"kms\"\nmode = \"800x480\"\nrotation = 90");
    assert!(text.contains("480x800") && text.contains("0 or 180"), "{text}");
    board("kind = \"kms\"\nmode = \"480x800\"\nrotation = 90").unwrap();
    let text = complaint(&format!("{spi}rotation = 90\nwidth = 135\nheight = 240"));
    assert!(text.contains("240x135") && text.contains("320x240 and more"), "{text}");
}

#[test]
fn values_that_make_no_sense_are_refused_with_what_would() {
    for (text, expected) in [
        ("kind = \"kms\"\nrotation = 45", "must be 0, 90, 180 or 270"),
        ("kind = \"kms\"\nmode = \"wide\"", "800x480@60"),
        ("kind = \"kms\"\nconnector = \"HDMI A 1\"", "HDMI-A-1"),
        ("kind = \"kms\"\nbrightness = 0", "from 1 to 100 percent"),
        ("kind = \"kms\"\nbrigthness = 50", "did you mean display.brightness?"),
        ("kind = \"kmss\"", "\"png\", \"kms\", \"fbdev\" or \"spi\""),
        ("kind = \"spi\"", "display.panel is missing"),
        (
            "kind = \"spi\"\npanel = \"st7789\"\ndevice = \"/dev/spidev0.0\"\ndata_command_line = 25\nrotation = 90\noffset_x = 1",
            "240 together",
        ),
    ] {
        let said = complaint(text);
        assert!(said.contains(expected), "{text}: {said}");
    }
}

#[test]
fn displays_that_are_not_there_are_named_with_what_can_be_done() {
    let spi = "kind = \"spi\"\npanel = \"st7789\"\ndevice = \"/dev/spidev-none\"\ngpio_chip = \"/dev/gpiochip-none\"\ndata_command_line = 25\nrotation = 90";
    let said = board(spi).unwrap().check_present().unwrap_err().to_string();
    assert!(said.contains("/dev/spidev-none") && said.contains("/dev/gpiochip-none"), "{said}");
    let kms = board("kind = \"kms\"\ndevice = \"/dev/dri/card-none\"").unwrap();
    assert!(kms.check_present().unwrap_err().to_string().contains("ls /dev/dri"));
    let error = open_surface(&kms.display).err().unwrap();
    assert!(matches!(&error, DisplayError::Kms(KmsError::Open { .. })) && error.to_string().contains("card-none"), "{error}");
    let error = open_surface(&board("kind = \"kms\"\ndevice = \"/dev/null\"").unwrap().display).err().unwrap();
    assert!(matches!(&error, DisplayError::Kms(KmsError::NotKms { .. })), "{error}");
}

#[test]
fn picture_files_are_opened_as_a_surface_too() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("kind = \"png\"\nfolder = {:?}\nwidth = 320\nheight = 240", folder.path());
    let mut surface = open_surface(&board(&text).unwrap().display).unwrap();
    assert_eq!(surface.size(), (320, 240));
    surface.blank().unwrap();
    surface.unblank().unwrap();
    assert!(!surface.set_brightness(50).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let shown = surface.show(&Canvas::new(320, 240, embedded_graphics::pixelcolor::Rgb888::new(1, 2, 3)).unwrap()).unwrap();
    assert_eq!(shown.pixels, 320 * 240);
    assert!(lentigo::display::monotonic() >= shown.at);
}
