//! Reading a code from pictures as a dermatoscope's camera takes them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

#[path = "input_code/picture.rs"]
mod picture;

use lentigo::{
    capture::phantom::Phantom,
    frame::Frame,
    input::code::{Sight, look},
    patient::{Context, Field, Site, code},
};
use picture::Picture;
use proptest::prelude::*;

const TEXT: &str = "LENTIGO1;age=54;sex=female;site=back;phototype=III;operator=AB;case=C-1042";

/// A small camera, so that the tests are quick.
fn small() -> Picture {
    Picture { side: 290.0, ..Picture::new(640, 360) }
}

fn case(frame: &Frame, what: &str) -> Context {
    match look(frame) {
        Sight::Case(said) => said.context,
        other => panic!("{what}: {other:?}"),
    }
}

fn assert_read(picture: &Picture) {
    let context = case(&picture.of(TEXT), &format!("{picture:?}"));
    assert_eq!((context.age, context.site, context.case_number.as_deref()), (Some(54), Some(Site::PosteriorTorso), Some("C-1042")));
}

#[test]
fn a_code_is_read_however_it_is_turned() {
    for turn in [0.0, 30.0, 45.0, 200.0] {
        assert_read(&Picture { turn, ..small() });
    }
}

#[test]
fn a_code_is_read_at_a_slant() {
    for tilt in [0.2, 0.4] {
        assert_read(&Picture { tilt, turn: 20.0, ..small() });
    }
}

#[test]
fn a_code_is_read_through_noise_and_blur() {
    assert_read(&Picture { noise: 25.0, ..small() });
    assert_read(&Picture { blur: 3, noise: 4.0, ..small() });
}

#[test]
fn a_code_is_read_with_little_contrast_and_little_light() {
    assert_read(&Picture { paper: 160.0, ink: 130.0, noise: 2.0, ..small() });
    assert_read(&Picture { paper: 40.0, ink: 15.0, noise: 2.0, ..small() });
}

#[test]
fn a_code_is_read_through_the_tube_and_in_uneven_light() {
    assert_read(&Picture { side: 230.0, vignette: 0.97, noise: 4.0, ..small() });
    assert_read(&Picture { shade: 0.7, noise: 4.0, ..small() });
}

#[test]
fn a_code_is_read_in_a_full_sized_picture_with_everything_at_once() {
    assert_read(&Picture {
        side: 400.0,
        turn: 17.0,
        tilt: 0.2,
        noise: 10.0,
        blur: 3,
        vignette: 0.95,
        shade: 0.3,
        ..Picture::new(1280, 720)
    });
}

#[test]
fn a_code_that_is_far_away_is_read_in_the_full_picture() {
    assert_read(&Picture { side: 170.0, ..Picture::new(1280, 720) });
}

#[test]
fn of_several_codes_ours_counts_before_a_case_number_and_that_before_anything_else() {
    let beside = (170.0, 0.0);
    let picture = Picture { side: 150.0, ..small() };
    let version = "LENTIGO9;age=1";
    let read = |middle: &str, other: &str| look(&picture.of_codes(&[(middle, (0.0, 0.0)), (other, beside)]));
    let Sight::Case(said) = read("4006381333931", "LENTIGO1;age=3") else { panic!("ours must count") };
    assert_eq!((said.context.age, said.context.case_number), (Some(3), None));
    let Sight::Case(said) = read("C-1", "C-2") else { panic!("the middle one must count") };
    assert_eq!(said.context.case_number.as_deref(), Some("C-1"));
    let Sight::Case(said) = read(version, "C-2") else { panic!("the case number must count") };
    assert_eq!(said.context.case_number.as_deref(), Some("C-2"));
}

#[test]
fn a_code_that_is_no_case_says_why() {
    let Sight::Foreign(error) = look(&small().of("LENTIGO2;age=54")) else { panic!("another version") };
    assert!(error.to_string().contains("version 2"), "{error}");
    let address = format!("https://example.org/{}", "x".repeat(60));
    let sight = look(&small().of(&address));
    assert!(matches!(sight, Sight::Foreign(_)), "{sight:?}");
    assert!(sight.hint().unwrap().starts_with("This code is no case"));
}

#[test]
fn a_code_in_latin_1_is_read_too() {
    let code = qrcode::QrCode::new(b"M\xfcller 7").unwrap();
    let frame = Frame::from_fn(200, 200, |x, y| {
        let modules = code.width() as u32;
        let (column, row) = ((x / 6).wrapping_sub(4), (y / 6).wrapping_sub(4));
        let dark = column < modules && row < modules && code[(column as usize, row as usize)] == qrcode::Color::Dark;
        [if dark { 20 } else { 230 }; 3]
    });
    assert_eq!(case(&frame.unwrap(), "latin-1").case_number.as_deref(), Some("Müller 7"));
}

#[test]
fn skin_is_no_code() {
    for patient in 1..3 {
        let rendered = Phantom::patient(patient).render(640, 360).unwrap();
        assert_eq!(look(&rendered.frame), Sight::Nothing, "patient {patient}");
    }
}

#[test]
fn a_carpet_of_corners_is_no_code_and_is_given_up_at_once() {
    const CORNER: [&str; 8] = ["####### ", "#     # ", "# ### # ", "# ### # ", "# ### # ", "#     # ", "####### ", "        "];
    let frame =
        Frame::from_fn(640, 360, |x, y| [if CORNER[y as usize % 8].as_bytes()[x as usize % 8] == b'#' { 20 } else { 230 }; 3]).unwrap();
    assert_eq!(look(&frame), Sight::Nothing);
}

#[test]
fn a_code_that_is_cut_off_is_no_case_and_there_is_a_hint() {
    let sight = look(&Picture { centre: (320.0, 330.0), ..small() }.of(TEXT));
    assert!(matches!(sight, Sight::Nothing | Sight::Unreadable), "{sight:?}");
    assert!(sight.hint().unwrap().ends_with('.'));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_a_clinic_prints_is_what_is_read(age in proptest::option::of(0_u8..=120), operator in "[A-Zéß漢]{0,6}", case_number in "[0-9A-Za-z;%/ -]{0,20}") {
        let mut context = Context { age, ..Context::default() };
        let _ = context.set(Field::Operator, &operator);
        let _ = context.set(Field::Case, &case_number);
        let read = look(&Picture { side: 220.0, ..Picture::new(280, 240) }.of(&code::encode(&context)));
        let Sight::Case(said) = read else { return Err(TestCaseError::fail(format!("{read:?}"))) };
        prop_assert_eq!(said.context, context);
    }

    #[test]
    fn any_picture_is_borne(width in 1_u32..80, height in 1_u32..80, levels in any::<[u8; 64]>(), cell in 1_u32..9) {
        let frame = Frame::from_fn(width, height, |x, y| [levels[((x / cell * 7 + y / cell * 13) % 64) as usize]; 3]).unwrap();
        let sight = look(&frame);
        prop_assert!(matches!(sight, Sight::Nothing | Sight::Unreadable), "{:?}", sight);
    }
}
