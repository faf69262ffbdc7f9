//! How the board ends.

use std::path::Path;

use super::{steps::DATA, system::System};

/// How the board ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is switched off.
    PowerOff,
    /// It is started anew.
    Reboot,
}

impl Ending {
    /// Status by which the device asks for being switched off: that of every clean end.
    pub const POWER_OFF: u8 = 0;
    /// Status by which the device asks for a reboot.
    pub const REBOOT: u8 = 86;

    /// What the device asks for by ending with `status`; `None` when it failed.
    pub(super) fn from_status(status: i32) -> Option<Self> {
        match u8::try_from(status) {
            Ok(Self::POWER_OFF) => Some(Self::PowerOff),
            Ok(Self::REBOOT) => Some(Self::Reboot),
            _ => None,
        }
    }
}

/// Ends all processes, brings the disks to rest, and asks the kernel. Returns only if the kernel refuses.
pub(super) fn finish(system: &mut dyn System, ending: Ending) {
    system.end_all();
    system.sync();
    let data = Path::new(DATA);
    if system.unmount(data).is_err() {
        // Something is still open there: at least nothing must be written any more when the power goes.
        let _ = system.seal(data);
    }
    system.sync();
    let refused = match ending {
        Ending::PowerOff => system.power_off(),
        Ending::Reboot => system.reboot(),
    };
    if let Err(error) = refused {
        system.say(&format!("the kernel refuses {ending:?}: {error}; switch the board off by hand"));
    }
}
