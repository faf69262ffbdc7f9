//! When heat, storage or memory are too much, and what follows. Pure, and with hysteresis, so that nothing flickers at a limit.
//!
//! Heat slows the live picture first, by [`preview_interval`]; the analysis stays as quick as it is, until the device stops to cool down.

use std::time::Duration;

use super::Reading;

/// A level of heat is left only this much below the limit that led to it, in degrees Celsius.
const HEAT_MARGIN: f32 = 4.0;
/// Low storage is left only with this much more space than the limit, as a divisor of the limit.
const SPACE_MARGIN: u64 = 8;
/// Storage is full below this part of what is low.
const FULL: u64 = 10;

/// How hot the processor is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heat {
    /// As it should be, or unknown.
    #[default]
    Normal,
    /// The live picture is slowed down.
    Warm,
    /// It is slowed down more, and the person is told.
    Hot,
    /// The device stops to cool down.
    Critical,
}

/// How much space there is for records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Storage {
    /// Enough, or unknown.
    #[default]
    Enough,
    /// The person is told.
    Low,
    /// No further case can safely be recorded.
    Full,
}

/// How much memory this program has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Memory {
    /// Within its limit, or it has none.
    #[default]
    Within,
    /// More than its limit: it is to start anew between two cases.
    Beyond,
}

/// What the device must heed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Level {
    /// Heat.
    pub heat: Heat,
    /// Space for records.
    pub storage: Storage,
    /// Memory of this program.
    pub memory: Memory,
}

/// The board's limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Where warm, hot and critical begin, in degrees Celsius, ascending.
    pub heat_c: [f32; 3],
    /// Space for records, in bytes, below which it is low.
    pub storage_low: u64,
    /// Memory of this program, in bytes, above which it is beyond its limit.
    pub memory: Option<u64>,
}

/// Judges one reading after the other.
#[derive(Debug, Clone)]
pub struct Judge {
    limits: Limits,
    level: Level,
}

impl Judge {
    /// A judge who has seen nothing yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, level: Level::default() }
    }

    /// What `reading` means, given those before it. What it does not tell stays as it was.
    pub fn judge(&mut self, reading: &Reading) -> Level {
        let Level { heat, storage, memory } = self.level;
        self.level = Level {
            heat: self.heat(reading, heat),
            storage: reading.storage_free_bytes.map_or(storage, |free| self.storage(free, storage)),
            memory: match (self.limits.memory, reading.resident_bytes) {
                (Some(limit), Some(resident)) if resident > limit => Memory::Beyond,
                (Some(limit), Some(resident)) if resident > limit - limit / SPACE_MARGIN => memory,
                (Some(_), None) => memory,
                _ => Memory::Within,
            },
        };
        self.level
    }

    /// What was judged last.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    fn heat(&self, reading: &Reading, before: Heat) -> Heat {
        let by_temperature = match reading.temperature_c.filter(|degrees| degrees.is_finite()) {
            Some(degrees) => {
                let rising = heat_at(degrees, self.limits.heat_c);
                let falling = heat_at(degrees, self.limits.heat_c.map(|limit| limit - HEAT_MARGIN));
                // Up at the limit, down only below the margin: `falling` is never less than `rising`.
                rising.max(before.min(falling))
            }
            // A processor that is slowed down without telling its temperature is at least warm; else nothing is known anew.
            None if reading.throttled.is_none() => before,
            None => Heat::Normal,
        };
        if reading.throttled == Some(true) { by_temperature.max(Heat::Warm) } else { by_temperature }
    }

    fn storage(&self, free: u64, before: Storage) -> Storage {
        let low = self.limits.storage_low;
        let full = low / FULL;
        let more = |limit: u64| limit.saturating_add(limit / SPACE_MARGIN);
        if free < full || (before == Storage::Full && free < more(full)) {
            Storage::Full
        } else if free < low || (before >= Storage::Low && free < more(low)) {
            Storage::Low
        } else {
            Storage::Enough
        }
    }
}

fn heat_at(degrees: f32, limits: [f32; 3]) -> Heat {
    match limits.iter().filter(|limit| degrees >= **limit).count() {
        0 => Heat::Normal,
        1 => Heat::Warm,
        2 => Heat::Hot,
        _ => Heat::Critical,
    }
}

/// Least time between two live pictures at this heat; zero is the camera's own rate. A picture for analysis is never held back by it.
#[must_use]
pub fn preview_interval(heat: Heat) -> Duration {
    Duration::from_millis(match heat {
        Heat::Normal => 0,
        Heat::Warm => 100,
        Heat::Hot => 250,
        Heat::Critical => 1000,
    })
}

impl Level {
    /// The device cannot go on like this: it must fault, or sleep, until the level has fallen.
    #[must_use]
    pub fn forbids_work(&self) -> bool {
        self.heat == Heat::Critical || self.storage == Storage::Full
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits { heat_c: [70.0, 78.0, 84.0], storage_low: 200_000_000, memory: Some(400_000_000) };

    fn at(degrees: f32) -> Reading {
        Reading { temperature_c: Some(degrees), ..Reading::default() }
    }

    #[test]
    fn heat_rises_at_its_limit_and_falls_only_well_below_it() {
        let mut judge = Judge::new(LIMITS);
        let levels: Vec<Heat> =
            [69.9, 70.0, 69.0, 78.0, 75.0, 74.1, 73.9, 66.1, 65.9, 90.0].iter().map(|degrees| judge.judge(&at(*degrees)).heat).collect();
        use Heat::{Critical, Hot, Normal, Warm};
        assert_eq!(levels, [Normal, Warm, Warm, Hot, Hot, Hot, Warm, Warm, Normal, Critical]);
    }

    #[test]
    fn the_live_picture_gets_slower_with_each_level() {
        let intervals = [Heat::Normal, Heat::Warm, Heat::Hot, Heat::Critical].map(preview_interval);
        assert_eq!(intervals[0], Duration::ZERO);
        assert!(intervals.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_throttled_processor_is_warm_at_least_even_when_it_tells_no_temperature() {
        let mut judge = Judge::new(LIMITS);
        let throttled = Reading { throttled: Some(true), ..Reading::default() };
        assert_eq!(judge.judge(&throttled).heat, Heat::Warm);
        assert_eq!(judge.judge(&Reading { throttled: Some(false), ..Reading::default() }).heat, Heat::Normal);
        assert_eq!(judge.judge(&Reading { throttled: Some(true), ..at(80.0) }).heat, Heat::Hot);
    }

    #[test]
    fn storage_and_memory_are_judged_with_a_margin() {
        let mut judge = Judge::new(LIMITS);
        let mut storage =
            |megabytes: u64| judge.judge(&Reading { storage_free_bytes: Some(megabytes * 1_000_000), ..Reading::default() }).storage;
        assert_eq!(
            [300, 199, 210, 226, 19, 21, 23].map(&mut storage),
            [Storage::Enough, Storage::Low, Storage::Low, Storage::Enough, Storage::Full, Storage::Full, Storage::Low]
        );
        let mut memory =
            |megabytes: u64| judge.judge(&Reading { resident_bytes: Some(megabytes * 1_000_000), ..Reading::default() }).memory;
        assert_eq!([399, 401, 390, 349].map(&mut memory), [Memory::Within, Memory::Beyond, Memory::Beyond, Memory::Within]);
    }

    #[test]
    fn work_stops_for_heat_and_a_full_storage_only() {
        for (heat, storage, forbids) in
            [(Heat::Critical, Storage::Enough, true), (Heat::Normal, Storage::Full, true), (Heat::Hot, Storage::Low, false)]
        {
            assert_eq!(Level { heat, storage, memory: Memory::Beyond }.forbids_work(), forbids);
        }
    }

    proptest! {
        /// The level is never below what the temperature says, never above what it says with the margin, and does not flicker inside it.
        #[test]
        fn heat_follows_the_temperature_within_the_margin(course in prop::collection::vec(prop_oneof![Just(f32::NAN), 0.0_f32..120.0], 1..60)) {
            let (mut judge, mut before) = (Judge::new(LIMITS), Heat::Normal);
            for degrees in course {
                let heat = judge.judge(&at(degrees)).heat;
                if degrees.is_nan() {
                    prop_assert_eq!(heat, before);
                } else {
                    prop_assert!(heat >= heat_at(degrees, LIMITS.heat_c) && heat <= heat_at(degrees + HEAT_MARGIN, LIMITS.heat_c));
                    prop_assert_eq!(judge.judge(&at(degrees)).heat, heat);
                }
                before = heat;
            }
        }
    }
}
