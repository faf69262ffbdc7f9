//! Telling newer frames from older ones by the driver's counter and clock, over re-opened sessions too.

use std::time::Duration;

/// Half the range of the counter: a step beyond it is a step back.
const HALF: u32 = 1 << 31;

/// The last frame that was placed.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// How many frames the camera has counted, over all sessions.
    count: u64,
    /// Counter and date of the last frame of this session.
    last: Option<(u32, Option<Duration>)>,
}

impl Order {
    /// The driver starts to count again.
    pub(super) fn new_session(&mut self) {
        self.last = None;
    }

    /// The place of a frame among all frames of the camera, strictly increasing; `None` for a frame that is not newer than the last.
    ///
    /// A driver that does not count (always the same number) is believed by its dates.
    pub(super) fn place(&mut self, sequence: u32, taken_at: Option<Duration>) -> Option<u64> {
        let step = match self.last {
            None => 1,
            Some((last, dated)) => {
                let later = match (taken_at, dated) {
                    (Some(now), Some(before)) => Some(now > before),
                    _ => None,
                };
                match (sequence.wrapping_sub(last), later) {
                    (_, Some(false)) | (0 | HALF.., None) => return None,
                    (0 | HALF.., Some(true)) => 1,
                    (step, _) => step,
                }
            }
        };
        self.last = Some((sequence, taken_at));
        self.count += u64::from(step);
        Some(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Option<Duration> {
        Some(Duration::from_millis(milliseconds))
    }

    #[test]
    fn lost_frames_are_counted_and_the_counter_may_wrap() {
        let mut order = Order::default();
        assert_eq!(order.place(u32::MAX - 1, at(10)), Some(1));
        assert_eq!(order.place(u32::MAX, at(20)), Some(2));
        assert_eq!(order.place(2, at(50)), Some(5));
    }

    #[test]
    fn a_frame_that_is_not_newer_has_no_place() {
        let mut order = Order::default();
        assert_eq!(order.place(7, at(70)), Some(1));
        assert_eq!(order.place(7, at(70)), None, "the same");
        assert_eq!(order.place(6, at(60)), None, "an older one");
        assert_eq!(order.place(8, at(60)), None, "a newer number with an older date");
        assert_eq!(order.place(8, at(80)), Some(2));
    }

    #[test]
    fn drivers_that_do_not_count_are_believed_by_their_dates_and_undated_ones_by_their_count() {
        let mut order = Order::default();
        assert_eq!(order.place(0, at(1)), Some(1));
        assert_eq!(order.place(0, at(2)), Some(2));
        order.new_session();
        assert_eq!(order.place(0, None), Some(3));
        assert_eq!(order.place(1, None), Some(4));
        assert_eq!(order.place(1, None), None);
    }
}
