//! Board files as a person edits them: what is read, and what is said when something is wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::{path::Path, time::Duration};

use lentigo::{
    capture::PixelFormat,
    device::board::{Board, BoardError, CameraBoard, CapturePolicy, Closing, DisplayBoard, Trigger},
    explain::{lesion::Scale, report::Language},
};
use proptest::prelude::*;

const SMALLEST: &str = "
[camera]
kind = \"phantom\"
[display]
kind = \"png\"
folder = \"screens\"
[model]
bundle = \"bundle\"
[records]
folder = \"records\"
";

/// `SMALLEST` with lines put in after the header `[section]`.
fn with(section: &str, lines: &str) -> String {
    let header = format!("[{section}]\n");
    if SMALLEST.contains(&header) {
        SMALLEST.replace(&header, &format!("{header}{lines}\n"))
    } else {
        format!("{SMALLEST}{header}{lines}\n")
    }
}

/// `SMALLEST` with another camera.
fn with_camera(lines: &str) -> String {
    SMALLEST.replace("kind = \"phantom\"", lines)
}

fn complaint(text: &str) -> String {
    Board::parse(text).expect_err("must be refused").to_string()
}

#[test]
fn the_simulated_board_needs_no_hardware_and_shows_three_patients() {
    let board = Board::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("boards/simulated/board.toml")).unwrap();
    assert!(matches!(board.camera, CameraBoard::Phantom(_)));
    assert!(matches!(board.display, DisplayBoard::Png(_)));
    assert_eq!(board.capture.patients, Some(3));
}

#[test]
fn what_is_left_out_gets_the_documented_default() {
    let board = Board::parse(SMALLEST).unwrap();
    let CameraBoard::Phantom(camera) = &board.camera else { panic!("{:?}", board.camera) };
    assert_eq!((camera.seed, camera.width, camera.height, camera.fps), (1, 1280, 720, None));
    assert_eq!(camera.patients, [1, 2, 3]);
    let expected = CapturePolicy {
        trigger: Trigger::Steady,
        closing: Closing::Lift,
        burst: 5,
        steady_frames: 5,
        preview_limit: None,
        attempts: 3,
        lift_frames: 3,
        hold: Duration::from_secs(5),
        patients: None,
    };
    assert_eq!(board.capture, expected);
    assert_eq!((board.model.operating_point, board.model.trusted_keys, board.model.threads), (None, vec![], 0));
    assert_eq!(board.log_level.to_string(), "info");
    assert_eq!(board.report.language, Language::English);
}

#[test]
fn reports_are_written_in_a_language_that_there_is() {
    for language in Language::ALL {
        let board = Board::parse(&with("report", &format!("language = \"{}\"", language.code()))).unwrap();
        assert_eq!(board.report.language, language);
    }
    let complaint = complaint(&with("report", "language = \"de\""));
    assert!(
        complaint.contains("report.language must be \"en\", \"es\", \"fr\", \"pt\" or \"sw\"; here it is the text \"de\""),
        "{complaint}"
    );
}

#[test]
fn the_scale_is_a_width_with_or_without_a_fraction_and_is_not_known_unless_it_is_set() {
    assert_eq!(Board::parse(SMALLEST).unwrap().optics.scale, None);
    for (written, millimetres) in [("20", 20.0), ("18.5", 18.5), ("2e1", 20.0)] {
        let board = Board::parse(&with("optics", &format!("field_mm = {written}"))).unwrap();
        assert_eq!(board.optics.scale, Scale::of_field(millimetres), "{written}");
        // The same width on the skin, whatever the camera is asked for.
        let wide = board.optics.scale.unwrap();
        assert_eq!(wide.millimetres_per_pixel(1280, 720) * 720.0, wide.millimetres_per_pixel(640, 480) * 480.0);
    }
}

#[test]
fn every_kind_of_camera_and_display_is_read() {
    let text =
        with_camera("kind = \"v4l2\"\ndevice = \"/dev/video2\"\nwidth = 640\nheight = 480\nformat = \"YUYV\"\nfps = 15\ntimeout_ms = 500");
    let CameraBoard::V4l2(camera) = Board::parse(&text).unwrap().camera else { panic!("v4l2") };
    assert_eq!((camera.device.to_str(), camera.width, camera.height), (Some("/dev/video2"), 640, 480));
    assert_eq!((camera.format, camera.fps, camera.timeout), (PixelFormat::Yuyv, Some(15), Duration::from_millis(500)));

    let text = with_camera(
        "kind = \"replay\"\npath = \"dump.yuv\"\nloop = true\nfps = 10\nraw_format = \"NV12\"\nraw_width = 64\nraw_height = 48",
    );
    let CameraBoard::Replay(camera) = Board::parse(&text).unwrap().camera else { panic!("replay") };
    let raw = camera.raw.unwrap();
    assert_eq!((camera.repeat, camera.fps, raw.format, raw.width, raw.height), (true, Some(10), PixelFormat::Nv12, 64, 48));

    let text = SMALLEST.replace("kind = \"png\"\nfolder = \"screens\"", "kind = \"fbdev\"\ndevice = \"/dev/fb1\"");
    let DisplayBoard::Fbdev(display) = Board::parse(&text).unwrap().display else { panic!("fbdev") };
    assert_eq!(display.device, Path::new("/dev/fb1"));
}

#[test]
fn an_unknown_key_names_the_nearest_known_one_and_all_legal_ones() {
    assert_eq!(
        complaint(&with("camera", "widht = 640")),
        "board.toml does not describe a board\n  \
         line 3, column 1: camera.widht is not a key of [camera] with kind = \"phantom\"; did you mean camera.width? \
         Its keys are: kind, seed, width, height, fps, patients"
    );
    assert_eq!(
        complaint(&with("capture", "steady-frames = 2")),
        "board.toml does not describe a board\n  \
         line 12, column 1: capture.steady-frames is not a key of [capture]; did you mean capture.steady_frames? \
         Its keys are: trigger, closing, burst, steady_frames, preview_limit, attempts, lift_frames, hold_ms, patients"
    );
    assert_eq!(
        complaint(&with("recrods", "folder = \"x\"")),
        "board.toml does not describe a board\n  \
         line 11, column 2: recrods is not a key of a board file; did you mean records? \
         Its keys are: camera, optics, display, model, report, capture, inputs, console, supervision, power, records, state, log"
    );
}

#[test]
fn a_known_key_under_the_wrong_header_is_told_where_it_belongs() {
    assert!(complaint(&with("model", "attempts = 2")).contains("model.attempts is not a key of [model]; did you mean capture.attempts?"));
    assert!(
        complaint(&format!("level = \"info\"\n{SMALLEST}"))
            .contains("line 1, column 1: level is not a key of a board file; did you mean log.level?")
    );
}

#[test]
fn a_wrong_type_says_what_was_expected_and_where() {
    assert_eq!(
        complaint(&with("camera", "width = \"wide\"")),
        "board.toml does not describe a board\n  \
         line 3, column 9: camera.width must be an integer from 64 to 4096 pixels; here it is the text \"wide\""
    );
    assert_eq!(
        complaint(&SMALLEST.replace("folder = \"records\"", "folder = [\"records\"]")),
        "board.toml does not describe a board\n  \
         line 10, column 10: records.folder must be the path of a folder for the records, made when it is not there, as text; here it is a list of 1"
    );
    assert_eq!(
        complaint(&format!("log = 3\n{SMALLEST}")),
        "board.toml does not describe a board\n  line 1, column 7: log must be a table, written [log]; here it is the integer 3"
    );
}

#[test]
fn a_value_out_of_range_says_the_legal_range() {
    for (section, line, legal, given) in [
        ("camera", "width = 63", "an integer from 64 to 4096 pixels", "the integer 63"),
        ("camera", "seed = -1", "an integer from 0 to 9223372036854775807", "the integer -1"),
        ("camera", "seed = 99999999999999999999", "an integer from 0 to 9223372036854775807", "the integer 99999999999999999999"),
        ("capture", "attempts = 0", "an integer from 1 to 20 pictures", "the integer 0"),
        ("capture", "hold_ms = 1.5", "an integer from 0 to 600000 milliseconds", "the number 1.5"),
        ("optics", "field_mm = 0.5", "a number from 2 to 200 millimetres", "the number 0.5"),
        ("optics", "field_mm = nan", "a number from 2 to 200 millimetres", "the number nan"),
        ("optics", "field_mm = \"20 mm\"", "a number from 2 to 200 millimetres", "the text \"20 mm\""),
        ("log", "level = \"inof\"", "\"error\", \"warn\", \"info\", \"debug\" or \"trace\"", "the text \"inof\"; did you mean \"info\"?"),
        ("model", "trusted_keys = [\"abc\"]", "a list of minisign public keys, each as 56 characters of base64", "a list of 1"),
    ] {
        let key = line.split(' ').next().unwrap();
        let said = complaint(&with(section, line));
        assert!(said.ends_with(&format!("{section}.{key} must be {legal}; here it is {given}")), "{said}");
    }
}

#[test]
fn keys_that_do_not_go_together_are_refused() {
    let said = complaint(&with_camera("kind = \"replay\"\npath = \"dump.yuv\"\nraw_width = 64"));
    assert!(
        said.ends_with("line 5, column 13: camera.raw_width is set but raw_format, raw_width and raw_height go together: a raw dump says nothing about itself"),
        "{said}"
    );
}

#[test]
fn an_upright_screen_is_refused() {
    let said = complaint(&with("display", "width = 320\nheight = 480"));
    assert!(
        said.ends_with(
            "line 6, column 10: display.height must not be more than display.width: screens are laid out for wide displays only"
        ),
        "{said}"
    );
}

#[test]
fn all_problems_are_listed_at_once_in_the_order_of_the_file() {
    let text = "[display]\nkind = \"pgn\"\n[camera]\nkind = \"phantom\"\nheigth = 1\nwidth = 0\n[model]\n";
    assert_eq!(
        complaint(text),
        "board.toml does not describe a board\n  \
         line 2, column 8: display.kind must be \"png\", \"kms\", \"fbdev\" or \"spi\"; here it is the text \"pgn\"; did you mean \"png\"?\n  \
         line 5, column 1: camera.heigth is not a key of [camera] with kind = \"phantom\"; did you mean camera.height? \
         Its keys are: kind, seed, width, height, fps, patients\n  \
         line 6, column 9: camera.width must be an integer from 64 to 4096 pixels; here it is the integer 0\n  \
         model.bundle is missing; it must be the path of a bundle's folder, as text\n  \
         records.folder is missing; it must be the path of a folder for the records, made when it is not there, as text"
    );
}

#[test]
fn what_is_no_toml_says_where_it_stops_being_toml() {
    let said = complaint("[camera]\nkind = phantom\n");
    assert!(said.starts_with("board.toml is not valid TOML\n  line 2, column 8: "), "{said}");
}

#[test]
fn columns_count_characters_not_bytes() {
    let said = complaint(&with("camera", "\"ü\" = 1"));
    assert!(said.contains("line 3, column 1: camera.ü is not a key"), "{said}");
    let said = complaint("camera = { \"é\" = 1, kind = 2 }");
    assert!(said.contains("line 1, column 28: camera.kind"), "{said}");
}

#[test]
fn a_file_that_is_not_there_or_no_text_or_far_too_large_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("absent.toml");
    let said = Board::load(&path).unwrap_err().to_string();
    assert!(said.contains("cannot read the board file") && said.contains("boards/simulated/board.toml"), "{said}");
    let path = folder.path().join("binary.toml");
    std::fs::write(&path, [0xff, 0xfe, 0]).unwrap();
    assert!(matches!(Board::load(&path), Err(BoardError::Read { .. })));
    std::fs::File::create(&path).unwrap().set_len(3 << 20).unwrap();
    let said = Board::load(&path).unwrap_err().to_string();
    assert!(said.contains("3145728 bytes"), "{said}");
    assert!(matches!(Board::load(folder.path()), Err(BoardError::Read { .. })));
}

#[test]
fn relative_paths_start_from_the_folder_of_the_board_file() {
    let folder = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(folder.path()).unwrap();
    std::fs::create_dir(root.join("boards")).unwrap();
    let path = root.join("boards/b.toml");
    std::fs::write(&path, SMALLEST.replace("\"bundle\"", "\"../../bundle\"").replace("\"records\"", "\"/var/lib/records\"")).unwrap();
    let board = Board::load(&path).unwrap();
    assert_eq!(board.model.bundle, root.parent().unwrap().join("bundle"));
    assert_eq!(board.records, Path::new("/var/lib/records"));
    let DisplayBoard::Png(display) = board.display else { panic!("png") };
    assert_eq!(display.folder, root.join("boards/screens"));
}

#[test]
fn devices_and_folders_that_are_not_there_are_reported_together_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.toml");
    let text = with_camera("kind = \"v4l2\"\ndevice = \"/dev/no-such-camera\"")
        .replace("kind = \"png\"\nfolder = \"screens\"", "kind = \"fbdev\"\ndevice = \"b.toml\"");
    std::fs::write(&path, text).unwrap();
    let said = Board::load(&path).unwrap().check_present().unwrap_err().to_string();
    assert!(said.contains("camera.device: /dev/no-such-camera cannot be found (No such file or directory"), "{said}");
    assert!(
        said.contains("Check that the camera is plugged in and its driver loaded; `v4l2-ctl --list-devices` shows what there is"),
        "{said}"
    );
    assert!(said.contains("b.toml is not a device. `ls /dev/fb*` shows what there is"), "{said}");
    assert!(said.contains("model.bundle: there is no folder"), "{said}");

    std::fs::write(&path, SMALLEST).unwrap();
    std::fs::create_dir(folder.path().join("bundle")).unwrap();
    Board::load(&path).unwrap().check_present().unwrap();
}

/// Written anew with `LENTIGO_ACCEPT_SNAPSHOTS=1 cargo test --test board_file`.
#[test]
fn the_settings_reference_is_what_the_code_reads() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
    let reference = Board::reference();
    if std::env::var_os("LENTIGO_ACCEPT_SNAPSHOTS").is_some() {
        std::fs::write(&path, &reference).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == reference,
        "docs/settings.md is not what the code reads; write it with `lentigo board reference > docs/settings.md`"
    );
}

proptest! {
    #[test]
    fn any_text_is_a_board_or_an_error(text in "\\PC{0,200}") {
        let _ = Board::parse(&text);
    }

    #[test]
    fn a_board_file_with_any_part_replaced_is_a_board_or_an_error(
        from in 0.0_f64..1.0, length in 0_usize..30, patch in "[\\[\\]{}=\"'#.,\n\\\\ a-z0-9_é\u{0}-]{0,12}",
    ) {
        let text = with_camera("kind = \"replay\"\npath = 'a'\nraw_width = 0x40\nraw_height = 48\nraw_format = \"\"\"GREY\"\"\"");
        let start = (text.len() as f64 * from) as usize;
        let end = (start + length).min(text.len());
        if let Err(error) = Board::parse(&format!("{}{patch}{}", &text[..start], &text[end..])) {
            prop_assert!(error.to_string().starts_with("board.toml "));
        }
    }

    #[test]
    fn anything_in_the_place_of_a_value_is_a_board_or_an_error(at in 0_usize..40, value in "[-\"'\\[\\]{}0-9a-zé.=#\n ]{0,20}") {
        let keys = Board::keys();
        let key = &keys[at % keys.len()];
        let (section, name) = key.path.split_once('.').unwrap();
        let _ = Board::parse(&with(section, &format!("{name} = {value}")));
    }
}
