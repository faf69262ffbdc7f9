//! What the events of one input device mean: keys that go down and up, taps. Pure: knows no device and no clock.
//!
//! Follows the kernel's protocol (Documentation/input/event-codes.rst, multi-touch-protocol.rst): values count at the end of a report, and what
//! follows a `SYN_DROPPED` is incomplete up to the end of its report.

use crate::input::tap::{Panel, Tap};

/// The kernel's numbers, from `linux/input-event-codes.h`.
pub(super) mod number {
    pub(crate) const EV_SYN: u16 = 0;
    pub(crate) const EV_KEY: u16 = 1;
    pub(crate) const EV_ABS: u16 = 3;
    pub(crate) const SYN_REPORT: u16 = 0;
    pub(crate) const SYN_DROPPED: u16 = 3;
    pub(crate) const BTN_TOUCH: u16 = 0x14a;
    pub(crate) const ABS_X: u16 = 0;
    pub(crate) const ABS_Y: u16 = 1;
    pub(crate) const ABS_MT_SLOT: u16 = 0x2f;
    pub(crate) const ABS_MT_POSITION_X: u16 = 0x35;
    pub(crate) const ABS_MT_POSITION_Y: u16 = 0x36;
    pub(crate) const ABS_MT_TRACKING_ID: u16 = 0x39;
}
use number::*;

/// One event as the kernel gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) kind: u16,
    pub(super) code: u16,
    pub(super) value: i32,
}

/// What events mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    /// A key goes down or up. The kernel's own repeats are not passed on.
    Key { code: u16, down: bool },
    /// The panel was touched shortly.
    Tap(Tap),
    /// Events were lost: nothing is known of what is down.
    Lost,
}

/// How a panel says where it is touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TouchKind {
    /// How it lies under the picture.
    pub(super) panel: Panel,
    /// By `BTN_TOUCH`, `ABS_X` and `ABS_Y`; else by the multi-touch slot 0.
    pub(super) single: bool,
    /// Where it was touched last.
    pub(super) at: (i32, i32),
}

/// Follows the events of one device.
#[derive(Debug)]
pub(super) struct Decoder {
    touch: Option<Touch>,
    /// Waiting for the end of a report that is incomplete.
    incomplete: bool,
}

#[derive(Debug)]
struct Touch {
    kind: TouchKind,
    slot: i32,
    /// A finger is on the panel, by the events so far.
    finger: bool,
    /// Where the finger came down and whether it has moved since; `None` while there is none.
    contact: Option<(Tap, bool)>,
}

impl Decoder {
    /// `touch` for a panel whose taps count.
    pub(super) fn new(touch: Option<TouchKind>) -> Self {
        let touch = touch.map(|kind| Touch { kind, slot: 0, finger: false, contact: None });
        Self { touch, incomplete: false }
    }

    /// What `event` means together with those before it.
    pub(super) fn decode(&mut self, event: Event) -> Option<Meaning> {
        match (event.kind, event.code) {
            (EV_SYN, SYN_DROPPED) => {
                self.incomplete = true;
                if let Some(touch) = &mut self.touch {
                    touch.finger = false;
                    touch.contact = None;
                }
                Some(Meaning::Lost)
            }
            (EV_SYN, SYN_REPORT) if self.incomplete => {
                self.incomplete = false;
                None
            }
            _ if self.incomplete => None,
            (EV_SYN, SYN_REPORT) => self.touch.as_mut().and_then(Touch::report).map(Meaning::Tap),
            (EV_KEY, BTN_TOUCH) if self.touch.is_some() => {
                if let Some(touch) = self.touch.as_mut().filter(|touch| touch.kind.single) {
                    touch.finger = event.value != 0;
                }
                None
            }
            (EV_KEY, code) => match event.value {
                0 => Some(Meaning::Key { code, down: false }),
                1 => Some(Meaning::Key { code, down: true }),
                _ => None,
            },
            (EV_ABS, code) => {
                if let Some(touch) = &mut self.touch {
                    touch.axis(code, event.value);
                }
                None
            }
            _ => None,
        }
    }
}

impl Touch {
    fn axis(&mut self, code: u16, value: i32) {
        let TouchKind { single, at, .. } = &mut self.kind;
        match (*single, code) {
            (true, ABS_X) => at.0 = value,
            (true, ABS_Y) => at.1 = value,
            (false, ABS_MT_SLOT) => self.slot = value,
            (false, ABS_MT_POSITION_X) if self.slot == 0 => at.0 = value,
            (false, ABS_MT_POSITION_Y) if self.slot == 0 => at.1 = value,
            (false, ABS_MT_TRACKING_ID) if self.slot == 0 => self.finger = value >= 0,
            _ => {}
        }
    }

    /// The end of a report: a tap when the finger left where it came down.
    fn report(&mut self) -> Option<Tap> {
        /// A finger that strays farther than this share of the picture wipes; it does not tap.
        const STRAY: f32 = 0.08;
        let here = self.kind.panel.tap(self.kind.at.0, self.kind.at.1);
        match (self.contact, self.finger) {
            (None, true) => self.contact = Some((here, false)),
            (Some((begin, strayed)), true) => {
                let strayed = strayed || (here.x - begin.x).abs() > STRAY || (here.y - begin.y).abs() > STRAY;
                self.contact = Some((begin, strayed));
            }
            (Some((begin, strayed)), false) => {
                self.contact = None;
                return (!strayed).then_some(begin);
            }
            (None, false) => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::input::tap::Axis;

    const KEY_ENTER: u16 = 28;

    fn touch(single: bool) -> TouchKind {
        let axis = Axis { least: 0, greatest: 1000 };
        TouchKind { panel: Panel { x: axis, y: axis, quarter_turns: 0, mirrored: false }, single, at: (0, 0) }
    }

    fn meanings(decoder: &mut Decoder, events: &[(u16, u16, i32)]) -> Vec<Meaning> {
        events.iter().filter_map(|(kind, code, value)| decoder.decode(Event { kind: *kind, code: *code, value: *value })).collect()
    }

    const REPORT: (u16, u16, i32) = (EV_SYN, SYN_REPORT, 0);

    #[test]
    fn keys_go_down_and_up_and_the_kernels_repeats_are_left_out() {
        let events = [(EV_KEY, KEY_ENTER, 1), REPORT, (EV_KEY, KEY_ENTER, 2), REPORT, (EV_KEY, KEY_ENTER, 0), REPORT];
        assert_eq!(
            meanings(&mut Decoder::new(None), &events),
            [Meaning::Key { code: KEY_ENTER, down: true }, Meaning::Key { code: KEY_ENTER, down: false }]
        );
    }

    #[test]
    fn a_finger_that_comes_and_goes_taps_where_it_came_down() {
        let mut decoder = Decoder::new(Some(touch(true)));
        let down = [(EV_ABS, ABS_X, 250), (EV_ABS, ABS_Y, 900), (EV_KEY, BTN_TOUCH, 1), REPORT, (EV_ABS, ABS_X, 260), REPORT];
        assert_eq!(meanings(&mut decoder, &down), []);
        assert_eq!(meanings(&mut decoder, &[(EV_KEY, BTN_TOUCH, 0), REPORT]), [Meaning::Tap(Tap { x: 0.25, y: 0.9 })]);
        // A second touch at the very same place: the kernel does not repeat the coordinates.
        let again = [(EV_KEY, BTN_TOUCH, 1), REPORT, (EV_KEY, BTN_TOUCH, 0), REPORT];
        assert_eq!(meanings(&mut decoder, &again), [Meaning::Tap(Tap { x: 0.26, y: 0.9 })]);
    }

    #[test]
    fn a_panel_that_knows_only_slots_taps_with_its_first_finger() {
        let mut decoder = Decoder::new(Some(touch(false)));
        let events = [
            (EV_ABS, ABS_MT_TRACKING_ID, 7),
            (EV_ABS, ABS_MT_POSITION_X, 100),
            (EV_ABS, ABS_MT_POSITION_Y, 800),
            REPORT,
            (EV_ABS, ABS_MT_SLOT, 1),
            (EV_ABS, ABS_MT_TRACKING_ID, 8),
            (EV_ABS, ABS_MT_POSITION_X, 900),
            REPORT,
            (EV_ABS, ABS_MT_TRACKING_ID, -1),
            (EV_ABS, ABS_MT_SLOT, 0),
            (EV_ABS, ABS_MT_TRACKING_ID, -1),
            REPORT,
        ];
        assert_eq!(meanings(&mut decoder, &events), [Meaning::Tap(Tap { x: 0.1, y: 0.8 })]);
    }

    #[test]
    fn a_finger_that_wipes_does_not_tap() {
        let mut decoder = Decoder::new(Some(touch(true)));
        let events = [
            (EV_ABS, ABS_X, 250),
            (EV_KEY, BTN_TOUCH, 1),
            REPORT,
            (EV_ABS, ABS_X, 600),
            REPORT,
            (EV_ABS, ABS_X, 250),
            REPORT,
            (EV_KEY, BTN_TOUCH, 0),
            REPORT,
        ];
        assert_eq!(meanings(&mut decoder, &events), []);
    }

    #[test]
    fn after_lost_events_the_incomplete_report_is_left_out() {
        let mut decoder = Decoder::new(None);
        let events = [(EV_SYN, SYN_DROPPED, 0), (EV_KEY, KEY_ENTER, 1), REPORT, (EV_KEY, KEY_ENTER, 1), REPORT];
        assert_eq!(meanings(&mut decoder, &events), [Meaning::Lost, Meaning::Key { code: KEY_ENTER, down: true }]);
    }

    proptest! {
        #[test]
        fn any_events_are_borne_and_taps_lie_on_the_picture(
            events in proptest::collection::vec((0_u16..5, 0_u16..0x200, any::<i32>()), 0..200), single in any::<bool>(),
        ) {
            let mut decoder = Decoder::new(Some(touch(single)));
            for meaning in meanings(&mut decoder, &events) {
                if let Meaning::Tap(tap) = meaning {
                    prop_assert!((0.0..=1.0).contains(&tap.x) && (0.0..=1.0).contains(&tap.y));
                }
            }
        }
    }
}
