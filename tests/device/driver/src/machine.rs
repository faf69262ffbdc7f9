//! One emulated board: QEMU with the project's image, from power on to power off.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use lentigo::frame::Frame;
use serde_json::json;

use crate::{
    console::Console,
    disk::Disk,
    orders::Orders,
    qmp::Qmp,
    screen::{self, Difference},
    stream::Stream,
};

/// Name of the virtio port of the guest's orders.
const ORDERS: &str = "lentigo.bench";
/// Most seconds that one machine may live: a bench that hangs must end by itself.
const LONGEST_LIFE: Duration = Duration::from_secs(15 * 60);

/// The longest until the screen follows what the console says.
const SEEN: Duration = Duration::from_secs(10);

/// What a machine is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Kernel.
    pub kernel: PathBuf,
    /// Initramfs with the bench's own part.
    pub initramfs: PathBuf,
    /// Disk of the records.
    pub disk: Disk,
    /// Where logs and pictures go.
    pub out: PathBuf,
    /// Processors.
    pub cores: u32,
    /// Memory in MiB.
    pub memory: u32,
    /// More kernel parameters.
    pub append: String,
}

/// A running machine. Dropping it is a power cut.
pub struct Machine {
    child: Child,
    sockets: PathBuf,
    qmp: Qmp,
    out: PathBuf,
    /// When the machine was switched on.
    pub on_at: Instant,
    /// The kernel's console: only read, so that it never blocks.
    _kernel: Stream,
    /// The technician's serial port.
    pub console: Console,
    /// The bench's hand inside.
    pub hand: Orders,
}

impl Machine {
    /// Switches a machine on. `name` is for its logs.
    pub fn boot(parts: &Parts, name: &str) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // Not below the output folder: the path of a socket has at most 107 bytes.
        let sockets = std::env::temp_dir().join(format!("lentigo-bench-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&sockets)?;
        let socket = |name: &str| sockets.join(name);
        let log = |what: &str| parts.out.join(format!("{name}.{what}.log"));
        for what in ["qmp", "kernel", "serial", "orders", "qemu"] {
            let _absent = std::fs::remove_file(log(what));
        }
        let chardev = |id: &str| format!("socket,id={id},path={},server=on,wait=off", socket(id).display());
        let mut command = Command::new("qemu-system-aarch64");
        command
            .args(["-M", "virt,gic-version=3", "-cpu", "max,pauth-impdef=on", "-accel", "tcg,thread=multi"])
            .args(["-m", &parts.memory.to_string(), "-smp", &parts.cores.to_string()])
            .args(["-display", "none", "-vga", "none", "-nodefaults", "-no-reboot", "-S"])
            .args(["-device", "virtio-gpu-pci,xres=800,yres=480", "-device", "virtio-keyboard-pci", "-device", "i6300esb"])
            .args(["-qmp", &format!("unix:{},server=on,wait=off", socket("qmp").display())])
            .args(["-chardev", &chardev("kernel"), "-serial", "chardev:kernel"])
            .args(["-chardev", &chardev("serial"), "-device", "pci-serial,chardev=serial"])
            .args(["-chardev", &chardev("orders"), "-device", "virtio-serial-pci", "-device"])
            .arg(format!("virtserialport,chardev=orders,name={ORDERS}"))
            .args(parts.disk.arguments()?)
            .arg("-kernel")
            .arg(&parts.kernel)
            .arg("-initrd")
            .arg(&parts.initramfs)
            .args(["-append", &format!("console=ttyAMA0 panic=-1 quiet rdinit=/bench/guest lentigo.data=/dev/vda {}", parts.append)])
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(log("qemu"))?)
            .stderr(std::fs::File::options().append(true).open(log("qemu"))?);
        let child = command.spawn().context("starting qemu-system-aarch64")?;
        let mut started = Started(Some(child));
        guard(started.id());
        let connect = || -> Result<_> {
            let qmp = Qmp::connect(&socket("qmp"), &log("qmp"))?;
            let kernel = Stream::connect("kernel's console", &socket("kernel"), &log("kernel"))?;
            let serial = Stream::connect("serial port", &socket("serial"), &log("serial"))?;
            let orders = Stream::connect("line to the bench's hand", &socket("orders"), &log("orders"))?;
            Ok((qmp, kernel, serial, orders))
        };
        let (mut qmp, kernel, serial, orders) = connect().with_context(|| format!("QEMU did not start; see {}", log("qemu").display()))?;
        let on_at = Instant::now();
        qmp.ask("cont", json!({}))?;
        let child = started.0.take().context("QEMU was started")?;
        Ok(Self {
            child,
            sockets,
            qmp,
            out: parts.out.clone(),
            on_at,
            _kernel: kernel,
            console: Console::new(serial),
            hand: Orders::new(orders),
        })
    }

    /// What is on the screen now.
    pub fn screen(&mut self) -> Result<Frame> {
        let path = self.sockets.join("screen.png");
        self.qmp.ask("screendump", json!({ "filename": path, "format": "png" }))?;
        screen::read(&path)
    }

    /// Keeps a picture of the screen under `name` and returns it.
    pub fn keep_screen(&mut self, name: &str) -> Result<Frame> {
        let frame = self.screen()?;
        screen::save(&frame, &self.out.join(format!("{name}.png")))?;
        Ok(frame)
    }

    /// Looks at the screen until `wanted` likes it; returns it and when it was first seen.
    pub fn wait_for_screen(&mut self, limit: Duration, what: &str, mut wanted: impl FnMut(&Frame) -> bool) -> Result<(Frame, Instant)> {
        let deadline = Instant::now() + limit;
        loop {
            let frame = self.screen()?;
            let at = Instant::now();
            if wanted(&frame) {
                return Ok((frame, at));
            }
            crate::interrupted()?;
            if at >= deadline {
                let path = self.out.join("not-expected.png");
                screen::save(&frame, &path)?;
                bail!("the screen did not show {what} within {} s; it shows {}", limit.as_secs(), path.display());
            }
            sleep(Duration::from_millis(100));
        }
    }

    /// Waits until the screen shows `expected`, keeps the picture under `name`, and says how it differs: the same thing may be drawn
    /// differently. An answer can come before the glass follows.
    pub fn compare_screen(&mut self, name: &str, expected: &Frame) -> Result<Difference> {
        self.wait_for_screen(SEEN, name, |found| screen::alike(found, expected))?;
        let shown = self.keep_screen(name)?;
        Ok(screen::compare(&shown, expected, screen::whole(expected)))
    }

    /// Presses and releases a key of the keyboard, by QEMU's name for it: `ret`.
    pub fn press_key(&mut self, key: &str) -> Result<()> {
        self.qmp.ask("send-key", json!({ "keys": [{ "type": "qcode", "data": key }] })).map(drop)
    }

    /// Whether QEMU still runs.
    pub fn is_on(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Where the machine's sockets are, for a person who wants to look around.
    pub fn sockets(&self) -> &Path {
        &self.sockets
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
        let _left = std::fs::remove_dir_all(&self.sockets);
    }
}

/// QEMU between its start and the first connection: must not stay behind when that fails.
struct Started(Option<Child>);

impl Started {
    fn id(&self) -> u32 {
        self.0.as_ref().map_or(0, Child::id)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ended = child.kill();
            let _reaped = child.wait();
        }
    }
}

/// Ends the QEMU with this id when it has lived too long, from a process of its own: nothing that hangs here can stop it.
fn guard(id: u32) {
    let seconds = LONGEST_LIFE.as_secs();
    let ours = std::process::id();
    // Ends QEMU also when the bench itself was killed.
    let script = format!(
        "i=0; while [ $i -lt {seconds} ]; do sleep 1; i=$((i + 1)); kill -0 {id} 2>/dev/null || exit 0; kill -0 {ours} 2>/dev/null || break; done; kill -9 {id}"
    );
    let _best_effort = Command::new("sh").args(["-c", &script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}
