//! From a kernel that has just started PID 1 to a system that the device can run on.

use std::{path::Path, time::Duration};

use super::{
    InitError, Parameters, Prepared,
    modules::module_lines,
    system::{Mount, System},
};

/// Where records and settings are kept.
pub(super) const DATA: &str = "/data";
const MODULES: &str = "/etc/lentigo/modules";
/// Time for the data partition's device to appear, once its driver is loaded.
const DATA_PATIENCE: Duration = Duration::from_secs(5);
const DATA_LOOK: Duration = Duration::from_millis(20);

/// Mounts, loads and seals, in this order: `/proc`, `/sys`, `/dev`, then the console, `/run` and `/tmp`, modules, `/data`, root read-only.
pub(super) fn prepare(system: &mut dyn System) -> Result<Prepared, InitError> {
    for (kind, at, options, devices) in
        [("proc", "/proc", "", false), ("sysfs", "/sys", "", false), ("devtmpfs", "/dev", "mode=0755", true)]
    {
        mount(system, kind, at, options, devices).map_err(|cause| InitError::Mount { what: kind, at: at.into(), cause })?;
    }
    let mut notices = Vec::new();
    let mut notice = |system: &mut dyn System, text: String| {
        system.say(&text);
        notices.push(text);
    };
    if let Err(error) = system.open_console() {
        system.say(&format!("there is no /dev/console: {error}"));
    }
    if let Err(error) = system.catch_ctrl_alt_del() {
        system.say(&format!("Ctrl-Alt-Del reboots on the spot: {error}"));
    }
    for (at, options) in [("/run", "mode=0755,size=16m"), ("/tmp", "mode=1777,size=64m")] {
        if let Err(error) = mount(system, "tmpfs", at, options, false) {
            system.say(&format!("cannot mount tmpfs on {at}: {error}"));
        }
    }
    let parameters = Parameters::parse(&system.read(Path::new("/proc/cmdline")).unwrap_or_default());
    for wrong in &parameters.wrong {
        notice(system, format!("Kernel command line: {wrong}."));
    }
    // An image may need no modules; one that cannot be loaded is missed by whoever needs it, with a message of its own.
    for module in module_lines(&system.read(Path::new(MODULES)).unwrap_or_default()) {
        if let Err(error) = system.load(&module) {
            system.say(&format!("cannot load {}: {error}", module.file.display()));
        }
    }
    if let Err(cause) = mount_data(system, parameters.data.as_deref()) {
        notice(system, format!("{cause} Cases and settings are kept in memory only, and lost when the device is switched off."));
        if let Err(error) = mount(system, "tmpfs", DATA, "mode=0700,size=50%", false) {
            notice(system, format!("Nor can they be kept in memory: {error}."));
        }
    }
    if let Err(error) = system.seal_root() {
        notice(system, format!("The root file system stays writable: {error}."));
    }
    Ok(Prepared { parameters, notices })
}

/// Mounts the data partition, or says why not, in a sentence for the person.
fn mount_data(system: &mut dyn System, device: Option<&Path>) -> Result<(), String> {
    let Some(device) = device else { return Err("No data partition is named (lentigo.data= on the kernel's command line).".to_owned()) };
    let shown = device.display();
    let mut waited = Duration::ZERO;
    while !system.exists(device) {
        if waited >= DATA_PATIENCE {
            return Err(format!("The data partition {shown} is not there."));
        }
        system.wait(DATA_LOOK);
        waited += DATA_LOOK;
    }
    let at = Path::new(DATA);
    // A folder that cannot be made is missed by the mount.
    let _ = system.make_folder(at);
    let data = Mount { source: device, at, kind: "ext4", options: "errors=remount-ro", devices: false };
    system
        .mount(&data)
        .map_err(|cause| format!("The data partition {shown} cannot be mounted ({cause}); check it with fsck.ext4 on another computer."))
}

fn mount(system: &mut dyn System, kind: &'static str, at: &str, options: &'static str, devices: bool) -> std::io::Result<()> {
    let at = Path::new(at);
    // A folder that cannot be made is missed by the mount, whose message says more.
    let _ = system.make_folder(at);
    system.mount(&Mount { source: Path::new(kind), at, kind, options, devices })
}
