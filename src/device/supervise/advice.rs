//! What a person is told about the board's health and about threads that failed, with what to do about it.

use super::watch::Report;
use crate::{
    device::Trouble,
    health::{Heat, Level, Reading, Storage},
};

/// What the person must be told, the worst first; `None` when nothing needs doing. `reading` is what was judged.
#[must_use]
pub fn health_trouble(level: Level, reading: &Reading) -> Option<Trouble> {
    let degrees = || reading.temperature_c.map_or("temperature unknown".to_owned(), |degrees| format!("{degrees:.0} degrees Celsius"));
    let space = || reading.storage_free_bytes.map_or("space unknown".to_owned(), |bytes| format!("{} MB left", bytes / 1_000_000));
    let (cause, next_step, detail) = match level {
        Level { heat: Heat::Critical, .. } => {
            ("The device is too hot.", "Let it cool down out of the sun. It goes on by itself.", degrees())
        }
        Level { storage: Storage::Full, .. } => {
            ("The storage is full: no case can be recorded.", "Export the records and free some space.", space())
        }
        Level { heat: Heat::Hot, .. } => {
            ("The device is hot: the live picture is slower.", "Put it out of the sun, and let it sleep between two patients.", degrees())
        }
        Level { storage: Storage::Low, .. } => ("There is little space left for records.", "Export the records soon.", space()),
        _ => return None,
    };
    Some(Trouble { cause: cause.to_owned(), next_step: next_step.to_owned(), detail })
}

/// What the person must be told of a thread that failed; `None` when nothing needs telling: it has finished.
#[must_use]
pub fn thread_trouble(report: &Report) -> Option<Trouble> {
    let (name, detail, given_up) = match report {
        Report::Finished { .. } => return None,
        Report::Restarted { name, why, restarts } => (*name, format!("{name}: {why}; restart {restarts}"), false),
        Report::GaveUp { name, why } => (*name, format!("{name}: {why}; given up"), true),
        Report::Stuck { name, why } => (*name, format!("{name}: {why}; it cannot be started anew"), true),
    };
    let (cause, next_step) = match name {
        "camera" => ("The camera does not answer.", "Check the camera's cable, then try again."),
        "analysis" => ("The analysis does not answer.", "Try again. If it stays, switch the device off and on."),
        "screen" => ("The screen does not answer.", "Switch the device off and on. If it stays, send it to service."),
        _ => ("A part of the device does not answer.", "Try again. If it stays, switch the device off and on."),
    };
    let next_step = if given_up { next_step } else { "Wait a moment: it is started anew by itself." };
    Some(Trouble { cause: cause.to_owned(), next_step: next_step.to_owned(), detail })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        super::{pulse::Doing, watch::Why},
        *,
    };
    use crate::health::Memory;

    #[test]
    fn a_thread_that_is_started_anew_asks_for_patience_and_one_that_was_given_up_for_a_hand() {
        let why = Why::Stuck { doing: Doing::Capturing, silent: Duration::from_millis(2500) };
        let restarted = thread_trouble(&Report::Restarted { name: "camera", why: why.clone(), restarts: 2 }).unwrap();
        assert_eq!(restarted.detail, "camera: no progress for 2.5 s while capturing; restart 2");
        let given_up = thread_trouble(&Report::GaveUp { name: "camera", why }).unwrap();
        assert_eq!(given_up.cause, restarted.cause);
        assert!(restarted.next_step.contains("by itself") && given_up.next_step.contains("cable"));
        assert_eq!(thread_trouble(&Report::Finished { name: "camera" }), None);
    }

    #[test]
    fn only_what_a_person_can_act_on_is_told_and_the_worst_first() {
        let reading = Reading { temperature_c: Some(85.2), storage_free_bytes: Some(7_900_000), ..Reading::default() };
        let told = |heat, storage| {
            let trouble = health_trouble(Level { heat, storage, memory: Memory::Beyond }, &reading);
            trouble.map(|trouble| (trouble.cause, trouble.detail))
        };
        assert_eq!(told(Heat::Warm, Storage::Enough), None);
        let (cause, detail) = told(Heat::Critical, Storage::Full).unwrap();
        assert!(cause.contains("too hot") && detail == "85 degrees Celsius", "{cause} {detail}");
        let (cause, detail) = told(Heat::Hot, Storage::Full).unwrap();
        assert!(cause.contains("full") && detail == "7 MB left", "{cause} {detail}");
        assert!(told(Heat::Hot, Storage::Low).unwrap().0.contains("is hot"));
    }
}
