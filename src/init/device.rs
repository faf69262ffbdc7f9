//! Runs the device as a child of PID 1: starts it anew when it fails, passes signals on, and reaps whoever ends.

use std::time::Duration;

use super::{
    Ending, InitError, Prepared,
    system::{Occasion, Process, System},
};
use crate::device::supervise::{Restarts, Ruling};

/// Time that the device has to end cleanly after a signal.
const GRACE: Duration = Duration::from_secs(5);
/// Wait before the device is started anew.
const BREATH: Duration = Duration::from_secs(1);

/// Runs the device to its end and says how the board is to end.
pub(super) fn watch_over(system: &mut dyn System, prepared: &Prepared) -> Result<Ending, InitError> {
    let Prepared { parameters, notices } = prepared;
    let notices = notices.join("\n");
    system.listen().map_err(InitError::Signals)?;
    let mut restarts = Restarts::default();
    loop {
        let device = system.start(&parameters.board, &notices).map_err(InitError::Start)?;
        let (status, asked) = until_it_ends(system, device);
        if let Some(ending) = asked.or(status.and_then(Ending::from_status)) {
            return Ok(ending);
        }
        let how = status.map_or("it was killed by a signal".to_owned(), |status| format!("it ended with status {status}"));
        let now = system.now();
        if restarts.failed(now, Duration::ZERO) == Ruling::GiveUp {
            system.say(&format!("the device failed again ({how}); the board reboots in {} s", parameters.reboot_after.as_secs()));
            system.wait(parameters.reboot_after);
            return Ok(Ending::Reboot);
        }
        system.say(&format!("the device failed ({how}) and is started anew"));
        system.wait(BREATH);
    }
}

/// The status that `device` ends with, and what a signal asked for meanwhile.
fn until_it_ends(system: &mut dyn System, device: Process) -> (Option<i32>, Option<Ending>) {
    let (mut asked, mut deadline, mut killed) = (None, None, false);
    loop {
        let now = system.now();
        let patience = deadline.map(|deadline: Duration| deadline.saturating_sub(now));
        match system.next(patience) {
            Occasion::Ended(process, status) if process == device => return (status, asked),
            // An orphan of the device's, which nobody else would take off the kernel's list.
            Occasion::Ended(..) => {}
            Occasion::Nothing => {
                if deadline.is_some_and(|deadline| system.now() >= deadline) {
                    if std::mem::replace(&mut killed, true) {
                        // It hangs in a driver, where no signal reaches it; the end of the board ends it.
                        return (None, asked);
                    }
                    system.say("the device does not end and is killed");
                    system.kill(device);
                    deadline = Some(system.now().saturating_add(GRACE));
                }
            }
            signal @ (Occasion::Terminate | Occasion::Interrupt) => {
                asked = Some(if signal == Occasion::Terminate { Ending::PowerOff } else { Ending::Reboot });
                system.terminate(device);
                deadline = deadline.or(Some(now.saturating_add(GRACE)));
            }
        }
    }
}
