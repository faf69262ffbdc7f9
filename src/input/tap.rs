//! A tap on the screen, whichever way the panel lies under the picture.

/// A short touch of the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tap {
    /// From the left edge of the picture, 0, to its right edge, 1.
    pub x: f32,
    /// From the upper edge of the picture, 0, to its lower edge, 1.
    pub y: f32,
}

/// The range of numbers that a touch panel gives along one of its axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    pub(super) least: i32,
    pub(super) greatest: i32,
}

impl Axis {
    /// 0 at the least number, 1 at the greatest; a panel that claims no range gives 0.
    fn share(self, value: i32) -> f32 {
        let span = f64::from(self.greatest) - f64::from(self.least);
        if span <= 0.0 {
            return 0.0;
        }
        ((f64::from(value) - f64::from(self.least)) / span).clamp(0.0, 1.0) as f32
    }
}

/// How a touch panel lies under the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Panel {
    pub(super) x: Axis,
    pub(super) y: Axis,
    /// How far the picture is turned clockwise on the panel, in quarter turns.
    pub(super) quarter_turns: u8,
    /// The panel counts from right to left.
    pub(super) mirrored: bool,
}

impl Panel {
    /// Where on the picture the panel was touched.
    pub(super) fn tap(self, x: i32, y: i32) -> Tap {
        let (across, down) = (self.x.share(x), self.y.share(y));
        let across = if self.mirrored { 1.0 - across } else { across };
        // The turn is undone: what lies at the panel's right upper corner is the upper left one of a picture that is turned by one quarter.
        let (x, y) = match self.quarter_turns % 4 {
            0 => (across, down),
            1 => (down, 1.0 - across),
            2 => (1.0 - across, 1.0 - down),
            _ => (1.0 - down, across),
        };
        Tap { x, y }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AXIS: Axis = Axis { least: 0, greatest: 4095 };

    fn panel(quarter_turns: u8, mirrored: bool) -> Panel {
        Panel { x: AXIS, y: AXIS, quarter_turns, mirrored }
    }

    #[test]
    fn the_corner_where_the_picture_begins_is_its_origin_however_it_is_turned() {
        for (turns, corner) in [(0, (0, 0)), (1, (4095, 0)), (2, (4095, 4095)), (3, (0, 4095))] {
            assert_eq!(panel(turns, false).tap(corner.0, corner.1), Tap { x: 0.0, y: 0.0 }, "{turns}");
        }
        assert_eq!(panel(0, true).tap(4095, 0), Tap { x: 0.0, y: 0.0 });
    }

    proptest! {
        #[test]
        fn a_tap_lies_on_the_picture_whatever_a_panel_claims(
            ranges in any::<[i32; 4]>(), x in any::<i32>(), y in any::<i32>(), quarter_turns in any::<u8>(), mirrored in any::<bool>(),
        ) {
            let [a, b, c, d] = ranges;
            let panel = Panel { x: Axis { least: a, greatest: b }, y: Axis { least: c, greatest: d }, quarter_turns, mirrored };
            let tap = panel.tap(x, y);
            prop_assert!((0.0..=1.0).contains(&tap.x) && (0.0..=1.0).contains(&tap.y));
        }

        #[test]
        fn turning_the_picture_round_turns_taps_round(x in 0_i32..=4095, y in 0_i32..=4095, turns in 0_u8..4) {
            let (here, opposite) = (panel(turns, false).tap(x, y), panel(turns + 2, false).tap(x, y));
            prop_assert!((here.x + opposite.x - 1.0).abs() < 1e-5 && (here.y + opposite.y - 1.0).abs() < 1e-5);
        }
    }
}
