//! The screen against a card in memory.

use embedded_graphics::{pixelcolor::Rgb888, prelude::*};
use proptest::prelude::*;

use super::{
    fake::{FakeCard, Flips},
    *,
};
use crate::frame::Region;

const DOT: Rgb888 = Rgb888::new(200, 100, 50);

fn screen(card: &FakeCard, rotation: Rotation) -> KmsScreen<FakeCard> {
    let mut screen = KmsScreen::on(card.clone(), Wish::default(), rotation).unwrap();
    screen.look_every = Duration::ZERO;
    screen
}

fn canvas(screen: &KmsScreen<FakeCard>) -> Canvas {
    let (width, height) = screen.size();
    let mut canvas = Canvas::new(width, height, Rgb888::new(9, 8, 7)).unwrap();
    canvas.blend(1, 2, DOT, 255);
    canvas
}

/// Shows pictures that differ by a dot each and expects every one of them on the glass.
fn runs_well(card: &FakeCard, screen: &mut KmsScreen<FakeCard>) {
    let mut canvas = canvas(screen);
    for x in 0..6 {
        canvas.blend(10 * x, 20, DOT, 255);
        screen.show(&canvas).unwrap();
        assert_eq!(card.seen().as_ref(), Some(canvas.frame()));
    }
}

#[test]
fn a_picture_is_seen_whole_with_the_time_of_its_flip() {
    let card = FakeCard::new();
    let mut screen = screen(&card, Rotation::None);
    assert_eq!(card.seen(), None);
    let mut canvas = canvas(&screen);
    assert_eq!(screen.show(&canvas).unwrap().pixels, 80 * 48);
    canvas.blend(40, 40, DOT, 255);
    screen.show(&canvas).unwrap();
    canvas.blend(2, 2, DOT, 255);
    let shown = screen.show(&canvas).unwrap();
    assert_eq!(shown.at, Duration::from_millis(100_032));
    // The hidden buffer missed the dot of the last picture as well as this one.
    assert_eq!(shown.pixels, 2 * 16 * 16);
    assert_eq!(card.seen().as_ref(), Some(canvas.frame()));
    assert_eq!(screen.show(&canvas).unwrap().pixels, 0);
    assert!(!card.state().torn);
    assert_eq!(card.state().modes_set, 1);
    assert_eq!(screen.describe(), "DSI-1 on /dev/dri/card7, 80x48 at 60 Hz, page flips");
}

#[test]
fn a_flip_that_never_comes_is_survived_whatever_became_of_it() {
    for lost in [Flips::Lost, Flips::Unheard] {
        let card = FakeCard::new();
        let mut screen = screen(&card, Rotation::None);
        runs_well(&card, &mut screen);
        card.state().flips = lost;
        runs_well(&card, &mut screen);
        assert!(screen.describe().contains("page flips do not come"), "{}", screen.describe());
        // It was only late.
        card.state().flips = Flips::Come;
        card.state().torn = false;
        runs_well(&card, &mut screen);
        assert!(screen.describe().ends_with("Hz, page flips"), "{}", screen.describe());
        assert!(!card.state().torn);
    }
}

#[test]
fn a_driver_without_flips_is_told_what_has_changed() {
    for errno in [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP] {
        let card = FakeCard::new();
        card.state().failing = Some(("flip", errno));
        let mut screen = screen(&card, Rotation::Quarter);
        let mut canvas = canvas(&screen);
        screen.show(&canvas).unwrap();
        screen.show(&canvas).unwrap();
        canvas.blend(3, 20, DOT, 255);
        screen.show(&canvas).unwrap();
        card.state().dirty.clear();
        canvas.blend(3, 20, Rgb888::WHITE, 255);
        assert_eq!(screen.show(&canvas).unwrap().pixels, 16 * 16);
        // The picture is 48x80; turned by a quarter, its lines 16 to 31 are the columns 48 to 63 of the glass.
        assert_eq!(card.state().dirty, [Region { x: 48, y: 0, width: 16, height: 16 }]);
        assert_eq!(card.seen(), Some(Rotation::Quarter.turn(canvas.frame())));
    }
}

#[test]
fn a_screen_behind_a_thin_wire_is_drawn_in_place() {
    let card = FakeCard::new();
    card.state().connectors[0].thin = true;
    card.state().failing = Some(("flip", Errno::IO));
    let mut screen = screen(&card, Rotation::None);
    runs_well(&card, &mut screen);
    assert!(!card.state().dirty.is_empty());
}

#[test]
fn a_screen_that_is_unplugged_is_named_and_found_again_with_its_new_size() {
    let card = FakeCard::new();
    card.state().connectors.truncate(1);
    let mut screen = screen(&card, Rotation::None);
    runs_well(&card, &mut screen);
    let modes = std::mem::take(&mut card.state().connectors[0].modes);
    card.state().connectors[0].connected = false;
    for _ in 0..3 {
        let error = screen.show(&canvas(&screen)).unwrap_err().to_string();
        assert!(error.contains("DSI-1") && error.contains("Plug it in"), "{error}");
    }
    assert_eq!((screen.size(), card.buffers()), ((80, 48), 0));
    assert_eq!(screen.describe(), "/dev/dri/card7, no screen connected");
    card.state().connectors[0].connected = true;
    card.state().connectors[0].modes = modes[1..].to_vec();
    let old = canvas(&screen);
    screen.show(&old).unwrap();
    assert_eq!(screen.size(), (64, 48));
    runs_well(&card, &mut screen);
    assert_eq!(card.buffers(), 2);
}

#[test]
fn a_screen_that_is_not_there_is_not_looked_for_all_the_time() {
    let card = FakeCard::new();
    let mut screen = screen(&card, Rotation::None);
    card.state().connectors.iter_mut().for_each(|connector| connector.connected = false);
    screen.show(&canvas(&screen)).unwrap_err();
    card.state().connectors.iter_mut().for_each(|connector| connector.connected = true);
    screen.look_every = Duration::from_secs(3600);
    assert!(matches!(screen.show(&canvas(&screen)), Err(DisplayError::Kms(KmsError::Unplugged { .. }))));
    screen.look_every = Duration::ZERO;
    runs_well(&card, &mut screen);
}

#[test]
fn a_driver_that_refuses_is_named_and_tried_again_from_the_start() {
    for operation in ["draw", "flip", "await_flip", "is_connected"] {
        let card = FakeCard::new();
        let mut screen = screen(&card, Rotation::None);
        runs_well(&card, &mut screen);
        card.state().failing = Some((operation, Errno::IO));
        let mut other = canvas(&screen);
        other.blend(5, 5, DOT, 255);
        let error = screen.show(&other).unwrap_err();
        assert!(matches!(&error, DisplayError::Kms(KmsError::Refused { .. })), "{operation}: {error}");
        card.state().failing = None;
        runs_well(&card, &mut screen);
        assert_eq!(card.buffers(), 2, "{operation}");
        assert_eq!(card.state().opened, 1, "{operation}");
    }
}

#[test]
fn a_trouble_is_spoken_of_until_it_is_looked_into_again() {
    let card = FakeCard::new();
    let mut screen = screen(&card, Rotation::None);
    runs_well(&card, &mut screen);
    card.state().failing = Some(("flip", Errno::ACCESS));
    let first = screen.show(&canvas(&screen)).unwrap_err().to_string();
    screen.look_every = Duration::from_secs(3600);
    let second = screen.show(&canvas(&screen)).unwrap_err();
    assert!(matches!(second, DisplayError::Kms(KmsError::Waiting { .. })));
    assert!(second.to_string() == first && first.contains("another program"), "{first} / {second}");
}

#[test]
fn a_driver_that_was_unloaded_is_opened_anew() {
    let card = FakeCard::new();
    let mut screen = screen(&card, Rotation::None);
    runs_well(&card, &mut screen);
    card.state().failing = Some(("is_connected", Errno::NODEV));
    screen.show(&canvas(&screen)).unwrap_err();
    card.state().failing = Some(("reopen", Errno::NOENT));
    let error = screen.show(&canvas(&screen)).unwrap_err();
    assert!(matches!(&error, DisplayError::Kms(KmsError::Open { .. })), "{error}");
    card.state().failing = None;
    runs_well(&card, &mut screen);
    assert_eq!(card.state().opened, 2);
}

#[test]
fn another_program_that_has_the_screen_is_spoken_of() {
    let card = FakeCard::new();
    card.state().failing = Some(("become_master", Errno::BUSY));
    let error = KmsScreen::on(card.clone(), Wish::default(), Rotation::None).unwrap_err();
    assert!(matches!(&error, DisplayError::Kms(KmsError::Taken { .. })) && error.to_string().contains("card7"), "{error}");
    card.state().failing = None;
    let mut screen = screen(&card, Rotation::None);
    card.state().failing = Some(("set_mode", Errno::ACCESS));
    assert!(matches!(screen.show(&canvas(&screen)), Err(DisplayError::Kms(KmsError::Taken { .. }))));
    card.state().failing = None;
    runs_well(&card, &mut screen);
}

#[test]
fn a_dark_screen_wakes_with_the_next_picture_and_never_with_the_last_one() {
    for failing in [None, Some(("power", Errno::INVAL))] {
        let card = FakeCard::new();
        card.state().failing = failing;
        let mut screen = screen(&card, Rotation::None);
        runs_well(&card, &mut screen);
        screen.blank().unwrap();
        assert_eq!(card.state().powered, failing.is_some());
        card.state().powered = true;
        assert!(card.seen().unwrap().pixels().iter().all(|value| *value == 0));
        card.state().powered = failing.is_some();
        runs_well(&card, &mut screen);
    }
}

#[test]
fn a_screen_that_is_exchanged_while_it_is_dark_shows_the_next_picture() {
    let card = FakeCard::new();
    card.state().connectors.truncate(1);
    let mut screen = screen(&card, Rotation::None);
    runs_well(&card, &mut screen);
    screen.blank().unwrap();
    card.state().connectors[0].connected = false;
    screen.show(&canvas(&screen)).unwrap_err();
    card.state().connectors[0].connected = true;
    card.state().powered = true;
    card.state().failing = Some(("power", Errno::INVAL));
    runs_well(&card, &mut screen);
}

proptest! {
    #[test]
    fn any_run_of_pictures_ends_with_the_last_one_on_the_glass(
        steps in proptest::collection::vec((0_i32..96, 0_i32..96, 0_u8..12), 1..40),
        turn in 0_usize..4,
    ) {
        let rotation = [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters][turn];
        let card = FakeCard::new();
        let mut screen = screen(&card, rotation);
        let mut canvas = canvas(&screen);
        for (x, y, trouble) in steps {
            card.state().failing = match trouble {
                0 => Some(("flip", Errno::IO)),
                1 => Some(("draw", Errno::NODEV)),
                2 => Some(("is_connected", Errno::IO)),
                3 => Some(("set_mode", Errno::INVAL)),
                _ => None,
            };
            if trouble == 4 {
                screen.blank().unwrap();
            }
            canvas.blend(x, y, DOT, 255);
            let shown = screen.show(&canvas);
            if card.state().failing.is_none() {
                prop_assert!(shown.is_ok(), "{shown:?}");
                prop_assert_eq!(card.seen(), Some(rotation.turn(canvas.frame())));
            }
        }
        prop_assert!(!card.state().torn);
    }
}
