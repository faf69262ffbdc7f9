//! Is the processor being slowed down, and what for? Each board tells in its own way; each source here may be absent.

use std::{collections::HashMap, path::Path};

use super::files::{entries, value};

/// Why the processor is slowed down, or soon will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slowing {
    /// The power supply does not hold its voltage. A stronger one, or a shorter cable, helps.
    LowVoltage,
    /// It is too hot.
    Heat,
    /// The kernel lowered the highest clock rate since this program started, without saying why.
    ClockLimit,
}

/// What was found: `None` when the board tells nothing.
pub(super) type Found = Option<Vec<Slowing>>;

/// Looks for every sign there is. `highest` keeps the highest clock limit seen of each policy between two looks: on some boards a person
/// has chosen one below the processor's own, which is no sign of anything.
pub(super) fn look(root: &Path, highest: &mut HashMap<std::path::PathBuf, u64>) -> Found {
    let found = [firmware(root), under_voltage(root), cooling(root), clock_limit(root, highest)];
    let mut signs: Vec<Slowing> = Vec::new();
    for sign in found.iter().flatten().flatten() {
        if !signs.contains(sign) {
            signs.push(*sign);
        }
    }
    found.iter().any(Option::is_some).then_some(signs)
}

/// The Raspberry Pi's firmware: bits of <https://www.raspberrypi.com/documentation/computers/os.html#get_throttled>; the upper half
/// tells what has been, the lower what is.
fn firmware(root: &Path) -> Found {
    const UNDER_VOLTAGE: u32 = 1;
    const CAPPED: u32 = 1 << 1;
    const THROTTLED: u32 = 1 << 2;
    const SOFT_LIMIT: u32 = 1 << 3;
    let text: String = value(root.join("sys/devices/platform/soc/soc:firmware/get_throttled"))?;
    let bits = u32::from_str_radix(text.strip_prefix("0x").unwrap_or(&text), 16).ok()?;
    let mut signs = Vec::new();
    if bits & UNDER_VOLTAGE != 0 {
        signs.push(Slowing::LowVoltage);
    }
    // Low voltage caps the clock too.
    if bits & SOFT_LIMIT != 0 || (bits & (CAPPED | THROTTLED) != 0 && bits & UNDER_VOLTAGE == 0) {
        signs.push(Slowing::Heat);
    }
    Some(signs)
}

/// The voltage alarm of any hardware monitor (`rpi_volt` on a Raspberry Pi).
fn under_voltage(root: &Path) -> Found {
    let monitors = entries(root.join("sys/class/hwmon"), "hwmon");
    let alarms: Vec<u8> = monitors.iter().filter_map(|monitor| value(monitor.join("in0_lcrit_alarm"))).collect();
    (!alarms.is_empty()).then(|| alarms.iter().filter(|alarm| **alarm != 0).map(|_| Slowing::LowVoltage).collect())
}

/// The kernel's cooling devices that cool by slowing down. A fan is one that does not.
fn cooling(root: &Path) -> Found {
    const SLOWING: [&str; 5] = ["thermal-cpufreq", "cpufreq", "Processor", "thermal-devfreq", "devfreq"];
    let slows = |device: &Path| value(device.join("type")).is_some_and(|kind: String| SLOWING.iter().any(|name| kind.starts_with(name)));
    let devices = entries(root.join("sys/class/thermal"), "cooling_device");
    let states: Vec<i64> = devices.iter().filter(|device| slows(device)).filter_map(|device| value(device.join("cur_state"))).collect();
    (!states.is_empty()).then(|| states.iter().filter(|state| **state > 0).map(|_| Slowing::Heat).collect())
}

fn clock_limit(root: &Path, highest: &mut HashMap<std::path::PathBuf, u64>) -> Found {
    let mut found = None;
    for policy in entries(root.join("sys/devices/system/cpu/cpufreq"), "policy") {
        if let Some(limit) = value::<u64>(policy.join("scaling_max_freq")) {
            let signs = found.get_or_insert_with(Vec::new);
            let highest = highest.entry(policy).or_insert(limit);
            *highest = limit.max(*highest);
            if limit < *highest {
                signs.push(Slowing::ClockLimit);
            }
        }
    }
    found
}
