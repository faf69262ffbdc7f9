//! Health as it is read from the kernel's files: of boards that are made up here, and of this computer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helper functions too")]

use std::{fs, path::Path};

use lentigo::health::{Reading, Sampler, Slowing};
use tempfile::TempDir;

/// A folder that holds these files.
fn board(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    files.iter().for_each(|(path, text)| write(folder.path(), path, text));
    folder
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn sampler(board: &TempDir) -> Sampler {
    Sampler::rooted(board.path(), &board.path().join("records/not/made/yet"))
}

const THROTTLED: &str = "sys/devices/platform/soc/soc:firmware/get_throttled";

#[test]
fn a_board_that_tells_nothing_is_no_error() {
    let board = board(&[]);
    let mut sampler = sampler(&board);
    let reading = sampler.sample();
    assert!(reading.storage_free_bytes.is_some_and(|free| free > 0), "the folder's own file system has space");
    assert_eq!(Reading { storage_free_bytes: None, ..reading }, Reading::default());
    assert!(sampler.slowed_by().is_empty());
}

#[test]
fn the_hottest_plausible_zone_counts() {
    let board = board(&[
        ("sys/class/thermal/thermal_zone0/temp", "48312\n"),
        ("sys/class/thermal/thermal_zone1/temp", "61500\n"),
        ("sys/class/thermal/thermal_zone2/temp", "-256000\n"),
        ("sys/class/thermal/thermal_zone3/temp", "not now\n"),
        ("sys/class/thermal/thermal_zone4/temp", "3000000\n"),
    ]);
    assert_eq!(sampler(&board).sample().temperature_c, Some(61.5));
}

#[test]
fn a_raspberry_pi_tells_heat_from_low_voltage() {
    for (bits, signs) in [
        ("0\n", vec![]),
        ("50000\n", vec![]),
        ("0x50005\n", vec![Slowing::LowVoltage]),
        ("1\n", vec![Slowing::LowVoltage]),
        ("4\n", vec![Slowing::Heat]),
        ("80008\n", vec![Slowing::Heat]),
        ("9\n", vec![Slowing::LowVoltage, Slowing::Heat]),
    ] {
        let board = board(&[(THROTTLED, bits)]);
        let mut sampler = sampler(&board);
        assert_eq!(sampler.sample().throttled, Some(!signs.is_empty()), "{bits}");
        assert_eq!(sampler.slowed_by(), signs, "{bits}");
    }
    let odd = board(&[(THROTTLED, "what?\n")]);
    assert_eq!(sampler(&odd).sample().throttled, None);
}

#[test]
fn voltage_alarms_and_cooling_by_slowing_down_count_but_a_fan_does_not() {
    let board = board(&[
        ("sys/class/hwmon/hwmon0/in0_lcrit_alarm", "0\n"),
        ("sys/class/thermal/cooling_device0/type", "pwm-fan\n"),
        ("sys/class/thermal/cooling_device0/cur_state", "4\n"),
        ("sys/class/thermal/cooling_device1/type", "thermal-cpufreq-0\n"),
        ("sys/class/thermal/cooling_device1/cur_state", "0\n"),
    ]);
    let mut sampler = sampler(&board);
    assert_eq!(sampler.sample().throttled, Some(false));
    write(board.path(), "sys/class/thermal/cooling_device1/cur_state", "2\n");
    assert_eq!(sampler.sample().throttled, Some(true));
    assert_eq!(sampler.slowed_by(), [Slowing::Heat]);
    write(board.path(), "sys/class/hwmon/hwmon0/in0_lcrit_alarm", "1\n");
    sampler.sample();
    assert_eq!(sampler.slowed_by(), [Slowing::LowVoltage, Slowing::Heat]);
}

#[test]
fn a_clock_limit_counts_only_when_it_falls_while_the_device_runs() {
    let limit = "sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq";
    let board = board(&[(limit, "1500000\n"), ("sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq", "1800000\n")]);
    let mut sampler = sampler(&board);
    assert_eq!(sampler.sample().throttled, Some(false), "a person may have chosen it");
    write(board.path(), limit, "900000\n");
    assert_eq!(sampler.sample().throttled, Some(true));
    assert_eq!(sampler.slowed_by(), [Slowing::ClockLimit]);
    write(board.path(), limit, "1500000\n");
    assert_eq!(sampler.sample().throttled, Some(false));
}

/// Of a Raspberry Pi Zero 2 W, without what nobody asks for.
const MEMINFO: &str = "MemTotal: 426352 kB\nMemFree: 20000 kB\nMemAvailable: 101000 kB\nBuffers: 100 kB\nCached: 90000 kB\nSwapCached: 0 kB\n\
    Active: 1 kB\nInactive: 1 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\nDirty: 0 kB\nWriteback: 0 kB\nMapped: 1 kB\nSlab: 1 kB\n\
    Committed_AS: 1 kB\nVmallocTotal: 1 kB\nVmallocUsed: 1 kB\nVmallocChunk: 0 kB\n";

#[test]
fn memory_is_read_as_procfs_has_it() {
    let board = board(&[
        ("proc/meminfo", MEMINFO),
        ("proc/self/statm", "9000 2500 1200 900 0 3000 0\n"),
        ("proc/self/fd/0", ""),
        ("proc/self/fd/7", ""),
    ]);
    let reading = sampler(&board).sample();
    assert_eq!(reading.memory_free_bytes, Some(101_000 * 1024));
    assert_eq!(reading.resident_bytes, Some(2500 * procfs::page_size()));
    assert_eq!(reading.descriptors, Some(2));
}

#[test]
fn this_computer_tells_what_every_linux_tells() {
    let folder = tempfile::tempdir().unwrap();
    let mut sampler = Sampler::new(folder.path());
    let before = sampler.sample();
    assert!(before.resident_bytes.unwrap() > 1_000_000 && before.memory_free_bytes.unwrap() > 1_000_000, "{before:?}");
    assert!(before.threads.unwrap() >= 2, "the test runner has a thread beside this one: {before:?}");
    let files: Vec<_> = (0..50).map(|_| tempfile::tempfile().unwrap()).collect();
    let more = sampler.sample().descriptors.unwrap();
    // Other tests of this file open and close files meanwhile, but not as many.
    assert!(more >= before.descriptors.unwrap() + 30, "{more} after {before:?}");
    drop(files);
}
