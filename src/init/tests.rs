//! The order of init's steps, on a system that only writes them down.

use std::{
    collections::{HashMap, VecDeque},
    io,
    path::Path,
    time::Duration,
};

use super::{
    Ending, InitError, device, ending,
    modules::Module,
    steps,
    system::{Mount, Occasion, Process, System},
};

/// The first process that is started; each further one has the next number.
const FIRST: i32 = 100;

#[derive(Default)]
struct Fake {
    done: Vec<String>,
    said: Vec<String>,
    files: HashMap<&'static str, &'static str>,
    devices: Vec<&'static str>,
    /// Steps that fail, by their beginning.
    broken: Vec<&'static str>,
    occasions: VecDeque<Occasion>,
    started: i32,
    now: Duration,
}

impl Fake {
    fn step(&mut self, step: String) -> io::Result<()> {
        let broken = self.broken.iter().any(|broken| step.starts_with(broken));
        self.done.push(step);
        if broken { Err(io::Error::other("broken")) } else { Ok(()) }
    }

    fn place(&self, step: &str) -> usize {
        self.done.iter().position(|done| done.starts_with(step)).unwrap_or_else(|| panic!("no step {step} in {:?}", self.done))
    }
}

impl System for Fake {
    fn say(&mut self, line: &str) {
        self.said.push(line.to_owned());
    }
    fn make_folder(&mut self, path: &Path) -> io::Result<()> {
        self.step(format!("folder {}", path.display()))
    }
    fn mount(&mut self, mount: &Mount<'_>) -> io::Result<()> {
        self.step(format!("mount {} {} {}", mount.at.display(), mount.kind, mount.source.display()))
    }
    fn open_console(&mut self) -> io::Result<()> {
        self.step("console".to_owned())
    }
    fn catch_ctrl_alt_del(&mut self) -> io::Result<()> {
        self.step("ctrl-alt-del".to_owned())
    }
    fn read(&mut self, path: &Path) -> io::Result<String> {
        self.step(format!("read {}", path.display()))?;
        let text = path.to_str().and_then(|path| self.files.get(path));
        text.map(|text| (*text).to_owned()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
    fn load(&mut self, module: &Module) -> io::Result<()> {
        self.step(format!("load {} {}", module.file.display(), module.parameters.to_string_lossy()))
    }
    fn exists(&mut self, path: &Path) -> bool {
        path.to_str().is_some_and(|path| self.devices.contains(&path))
    }
    fn seal_root(&mut self) -> io::Result<()> {
        self.step("seal root".to_owned())
    }
    fn wait(&mut self, duration: Duration) {
        self.now += duration;
    }
    fn listen(&mut self) -> io::Result<()> {
        self.step("listen".to_owned())
    }
    fn start(&mut self, board: &Path, notices: &str) -> io::Result<Process> {
        self.step(format!("start {} with {} notices", board.display(), notices.lines().count()))?;
        self.started += 1;
        Ok(Process(FIRST + self.started - 1))
    }
    fn terminate(&mut self, process: Process) {
        self.done.push(format!("terminate {}", process.0));
    }
    fn kill(&mut self, process: Process) {
        self.done.push(format!("kill {}", process.0));
    }
    fn next(&mut self, patience: Option<Duration>) -> Occasion {
        match self.occasions.pop_front().unwrap_or_else(|| panic!("it waits for ever: {:?}", self.done)) {
            Occasion::Nothing => {
                self.now += patience.expect("nothing can only happen in some time");
                Occasion::Nothing
            }
            other => other,
        }
    }
    fn end_all(&mut self) {
        self.done.push("end all".to_owned());
    }
    fn sync(&mut self) {
        self.done.push("sync".to_owned());
    }
    fn unmount(&mut self, path: &Path) -> io::Result<()> {
        self.step(format!("unmount {}", path.display()))
    }
    fn seal(&mut self, path: &Path) -> io::Result<()> {
        self.step(format!("seal {}", path.display()))
    }
    fn power_off(&mut self) -> io::Result<()> {
        self.step("power off".to_owned())
    }
    fn reboot(&mut self) -> io::Result<()> {
        self.step("reboot".to_owned())
    }
    fn now(&mut self) -> Duration {
        self.now
    }
}

fn image() -> Fake {
    Fake {
        files: HashMap::from([
            ("/proc/cmdline", "console=ttyAMA0 lentigo.data=/dev/vda lentigo.board=/etc/b.toml lentigo.reboot_s=7"),
            ("/etc/lentigo/modules", "virtio_blk\next4\nvivid n_devs=1\n"),
        ]),
        devices: vec!["/dev/vda"],
        ..Fake::default()
    }
}

#[test]
fn everything_is_there_before_it_is_needed_and_the_root_is_sealed_last() {
    let mut system = image();
    let prepared = steps::prepare(&mut system).unwrap();
    assert_eq!(prepared.notices, [""; 0]);
    let order = [
        "mount /proc proc",
        "mount /sys sysfs",
        "mount /dev devtmpfs",
        "console",
        "ctrl-alt-del",
        "mount /run tmpfs",
        "mount /tmp tmpfs",
        "read /proc/cmdline",
        "load /lib/modules/virtio_blk.ko",
        "load /lib/modules/ext4.ko",
        "load /lib/modules/vivid.ko n_devs=1",
        "mount /data ext4 /dev/vda",
        "seal root",
    ];
    assert!(order.map(|step| system.place(step)).is_sorted(), "{:?}", system.done);
    assert_eq!(system.done.last().unwrap(), "seal root");
    for folder in ["/proc", "/sys", "/dev", "/run", "/tmp", "/data"] {
        assert!(system.place(&format!("folder {folder}")) < system.place(&format!("mount {folder}")));
    }
    assert_eq!(prepared.parameters.board, Path::new("/etc/b.toml"));
}

#[test]
fn without_a_usable_data_partition_data_is_in_memory_and_the_person_is_told() {
    let unnamed = Fake { files: HashMap::new(), ..image() };
    let absent = Fake { devices: Vec::new(), ..image() };
    let damaged = Fake { broken: vec!["mount /data ext4"], ..image() };
    for (mut system, because) in [(unnamed, "lentigo.data="), (absent, "/dev/vda is not there"), (damaged, "fsck.ext4")] {
        let notices = steps::prepare(&mut system).unwrap().notices;
        assert!(matches!(notices.as_slice(), [told] if told.contains(because) && told.contains("lost when")), "{notices:?}");
        assert!(system.place("mount /data tmpfs") < system.place("seal root"));
        assert_eq!(system.said, notices);
    }
}

#[test]
fn what_the_device_can_do_without_does_not_stop_it() {
    let broken = vec!["console", "ctrl-alt-del", "mount /run", "mount /tmp", "load", "folder", "seal root", "read /etc"];
    let mut system = Fake { broken, ..image() };
    let prepared = steps::prepare(&mut system).unwrap();
    assert!(matches!(prepared.notices.as_slice(), [told] if told.contains("stays writable")), "{:?}", prepared.notices);
    for needed in ["mount /proc", "mount /sys", "mount /dev"] {
        let mut system = Fake { broken: vec![needed], ..image() };
        assert!(matches!(steps::prepare(&mut system), Err(InitError::Mount { .. })), "{needed}");
    }
}

fn run(occasions: impl IntoIterator<Item = Occasion>) -> (Ending, Fake) {
    let mut system = Fake { occasions: occasions.into_iter().collect(), ..image() };
    let prepared = steps::prepare(&mut system).unwrap();
    system.done.clear();
    let ending = device::watch_over(&mut system, &prepared).unwrap();
    (ending, system)
}

const DEVICE: Process = Process(FIRST);

#[test]
fn the_device_says_by_its_status_how_the_board_ends_and_orphans_are_reaped_meanwhile() {
    let orphan = Occasion::Ended(Process(55), Some(1));
    for (status, ending) in [(Ending::POWER_OFF, Ending::PowerOff), (Ending::REBOOT, Ending::Reboot)] {
        let (found, system) = run([orphan, Occasion::Ended(DEVICE, Some(status.into()))]);
        assert_eq!(found, ending);
        assert_eq!(system.done, ["listen", "start /etc/b.toml with 0 notices"]);
    }
}

#[test]
fn a_device_that_fails_is_started_anew_and_after_three_times_the_board_reboots() {
    let failures = (0..4).map(|number| Occasion::Ended(Process(FIRST + number), if number % 2 == 0 { Some(3) } else { None }));
    let (ending, system) = run(failures);
    assert_eq!((ending, system.started), (Ending::Reboot, 4));
    assert_eq!(system.now, Duration::from_secs(3 + 7), "a breath after each, and then what the command line asks for");
    let (ending, system) = run([Occasion::Ended(DEVICE, None), Occasion::Ended(Process(FIRST + 1), Some(0))]);
    assert_eq!((ending, system.started), (Ending::PowerOff, 2));
}

#[test]
fn signals_are_passed_on_and_a_device_that_does_not_end_is_killed() {
    let (ending, system) = run([Occasion::Terminate, Occasion::Ended(DEVICE, Some(0))]);
    assert_eq!((ending, system.done.last().unwrap().as_str()), (Ending::PowerOff, "terminate 100"));
    let killed = [Occasion::Interrupt, Occasion::Ended(Process(55), None), Occasion::Nothing, Occasion::Ended(DEVICE, None)];
    let (ending, system) = run(killed);
    assert_eq!((ending, system.done[2..].join(", ")), (Ending::Reboot, "terminate 100, kill 100".to_owned()));
    assert_eq!(system.now, Duration::from_secs(5));
    let (ending, system) = run([Occasion::Terminate, Occasion::Nothing, Occasion::Nothing]);
    assert_eq!((ending, system.now), (Ending::PowerOff, Duration::from_secs(10)), "a process that cannot even be killed holds up nothing");
}

#[test]
fn in_the_end_nothing_writes_any_more_before_the_power_goes() {
    let mut system = Fake::default();
    ending::finish(&mut system, Ending::PowerOff);
    assert_eq!(system.done, ["end all", "sync", "unmount /data", "sync", "power off"]);
    let mut busy = Fake { broken: vec!["unmount", "reboot"], ..Fake::default() };
    ending::finish(&mut busy, Ending::Reboot);
    assert_eq!(busy.done, ["end all", "sync", "unmount /data", "seal /data", "sync", "reboot"]);
    assert!(busy.said[0].contains("by hand"), "{:?}", busy.said);
}
