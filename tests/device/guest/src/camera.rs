//! The emulated camera seen from the other side: pictures are written to its output node and come out of its capture node.
//!
//! Two kernel modules can be the camera. `vivid` has an input and an output that are connected here, byte for byte; it gives raw
//! pixels and can be told to misbehave. `v4l2loopback` gives back whatever was written, so also JPEG.

use std::{
    fs, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle, sleep},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};
use v4l::{
    Device, FourCC,
    control::{Control, Description, Value},
};

use crate::{
    module::Module,
    output::{Output, Queue},
    timings,
};

/// Where the pictures are, one file each, as they are written: `NAME.yuyv` or `NAME.mjpg`.
const FRAMES: &str = "/bench/frames";
const SIZE: (u32, u32) = (1280, 720);
/// How often a camera that lentigo was quicker to open is pulled and plugged.
const TRIES: u32 = 5;
const BIND: &str = "/sys/bus/platform/drivers/vivid/bind";
const UNBIND: &str = "/sys/bus/platform/drivers/vivid/unbind";
/// vivid has its nodes before it has what its controls work with: whoever sets one in between makes the kernel fall.
const STATE: &str = "/sys/module/vivid/initstate";
const DEVICE: &str = "vivid.0";
/// Pause between two frames for `v4l2loopback`, which sets no pace of its own.
const PACE: Duration = Duration::from_millis(66);
/// How long a thing of the kernel may take to come or go.
const PATIENCE: Duration = Duration::from_secs(10);

/// Holds pictures before the camera.
pub struct Feeder {
    showing: Option<Arc<[u8]>>,
    running: Option<Running>,
}

/// A thread that writes the same picture over and over.
struct Running {
    next: Sender<Arc<[u8]>>,
    written: Arc<AtomicU64>,
    thread: JoinHandle<io::Result<()>>,
}

/// Which module is the camera, and its nodes.
struct Nodes {
    capture: String,
    output: String,
    paced: bool,
    fourcc: &'static [u8; 4],
    extension: &'static str,
}

impl Nodes {
    /// The nodes of the camera that is there now.
    fn find() -> Result<Self> {
        let mut named = Vec::new();
        for entry in fs::read_dir("/sys/class/video4linux").context("no camera")?.flatten() {
            let name = fs::read_to_string(entry.path().join("name"))?.trim().to_owned();
            named.push((name, format!("/dev/{}", entry.file_name().to_string_lossy())));
        }
        let node = |end: &str| named.iter().find(|(name, _)| name.ends_with(end)).map(|(_, node)| node.clone());
        if let (Some(capture), Some(output)) = (node("-vid-cap"), node("-vid-out"))
            && fs::read_to_string(STATE).is_ok_and(|state| state.trim() == "live")
        {
            return Ok(Self { capture, output, paced: true, fourcc: b"YUYV", extension: "yuyv" });
        }
        if named.iter().any(|(name, _)| name.starts_with("vivid")) {
            bail!("the camera is only half there");
        }
        // Everything else here is a loopback: one node for both ends.
        let (_, node) = named.first().context("no camera")?;
        Ok(Self { capture: node.clone(), output: node.clone(), paced: false, fourcc: b"MJPG", extension: "mjpg" })
    }

    fn wait() -> Result<Self> {
        patiently("the camera's nodes", || Self::find().ok().filter(|nodes| Path::new(&nodes.output).exists()))
    }

    /// Waits for the nodes, sets the pace of those that have one, and connects them.
    ///
    /// The pace can only be set while nobody streams. Where lentigo was quicker, the camera is pulled and plugged.
    fn ready() -> Result<Self> {
        for _ in 0..TRIES {
            let nodes = Self::wait()?;
            if !nodes.paced {
                return Ok(nodes);
            }
            timings::slowest(&Device::with_path(&nodes.output)?, SIZE).context("setting the output's pace")?;
            match timings::slowest(&Device::with_path(&nodes.capture)?, SIZE) {
                Ok(()) => {
                    connect(&nodes)?;
                    return Ok(nodes);
                }
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                    fs::write(UNBIND, DEVICE).context("unbinding the camera")?;
                    fs::write(BIND, DEVICE).context("binding the camera")?;
                }
                Err(error) => return Err(error).context("setting the camera's pace"),
            }
        }
        bail!("lentigo streams from the camera before its pace can be set")
    }
}

impl Feeder {
    /// A hand with nothing in it, before a camera that is ready.
    pub fn new() -> Result<Self> {
        Nodes::ready()?;
        Ok(Self { showing: None, running: None })
    }

    /// Holds the picture `name` before the camera from now on.
    pub fn show(&mut self, name: &str) -> Result<()> {
        let nodes = Nodes::wait()?;
        let path = Path::new(FRAMES).join(format!("{name}.{}", nodes.extension));
        let picture: Arc<[u8]> = fs::read(&path).with_context(|| format!("reading {}", path.display()))?.into();
        self.showing = Some(picture.clone());
        if let Some(running) = &self.running
            && running.next.send(picture.clone()).is_ok()
        {
            return Ok(());
        }
        self.start(&nodes, picture)
    }

    fn start(&mut self, nodes: &Nodes, picture: Arc<[u8]>) -> Result<()> {
        self.stop();
        let output = Device::with_path(&nodes.output).with_context(|| format!("opening {}", nodes.output))?;
        let mut format = v4l::video::Output::format(&output).context("asking for the output's format")?;
        (format.width, format.height, format.fourcc) = (SIZE.0, SIZE.1, FourCC::new(nodes.fourcc));
        // Otherwise the numbers of the format before stay in force.
        (format.stride, format.size) = (0, 0);
        let found = v4l::video::Output::set_format(&output, &format).context("setting the output's format")?;
        if (found.width, found.height, found.fourcc) != (SIZE.0, SIZE.1, FourCC::new(nodes.fourcc)) {
            bail!("the output gives {}x{} {}", found.width, found.height, found.fourcc);
        }
        let output = if nodes.paced {
            Output::Queued(Queue::start(output, &picture).context("starting the output")?)
        } else {
            Output::Written(output, picture.to_vec())
        };
        let (next, pictures) = mpsc::channel();
        let pause = if nodes.paced { Duration::ZERO } else { PACE };
        let written = Arc::new(AtomicU64::new(0));
        let count = written.clone();
        let thread = thread::spawn(move || feed(output, &pictures, pause, &count));
        self.running = Some(Running { next, written, thread });
        Ok(())
    }

    /// How many frames were written since the picture was first held there; an error when that has come to an end.
    pub fn written(&mut self) -> Result<u64> {
        let running = self.running.take().context("no picture is before the camera")?;
        let written = running.written.load(Ordering::Relaxed);
        if running.thread.is_finished() {
            match running.thread.join() {
                Ok(Err(error)) => return Err(error).with_context(|| format!("writing frame {written}")),
                _ => bail!("writing ended after frame {written}"),
            }
        }
        self.running = Some(running);
        Ok(written)
    }

    /// Takes the picture away from the camera.
    fn stop(&mut self) {
        if let Some(Running { next, thread, .. }) = self.running.take() {
            drop(next);
            let _ended = thread.join();
        }
    }

    /// Whether the camera hands over the frames that it takes.
    pub fn give_frames(&mut self, give: bool) -> Result<()> {
        let nodes = Nodes::find()?;
        if nodes.paced {
            return set(&nodes.capture, "Percentage of Dropped Buffers", if give { 0 } else { 100 });
        }
        match (give, self.showing.clone()) {
            (true, Some(picture)) => self.start(&nodes, picture),
            (true, None) => Ok(()),
            (false, _) => {
                self.stop();
                Ok(())
            }
        }
    }

    /// The next frame is marked as damaged.
    pub fn corrupt(&mut self) -> Result<()> {
        set(&Nodes::find()?.capture, "Inject V4L2_BUF_FLAG_ERROR", 1)
    }

    /// Names of the controls of the camera.
    pub fn controls(&self) -> Result<String> {
        let nodes = Nodes::find()?;
        let list = |node: &str| -> Result<String> {
            let described = Device::with_path(node)?.query_controls()?;
            Ok(described.iter().map(|control| format!("{}={:#x}", control.name, control.id)).collect::<Vec<_>>().join("; "))
        };
        Ok(format!("{}: {} | {}: {}", nodes.capture, list(&nodes.capture)?, nodes.output, list(&nodes.output)?))
    }

    /// The camera goes away: first its device, as when a cable is pulled, then, once lentigo has let go of it, its module.
    pub fn unplug(&mut self) -> Result<()> {
        let module = Module::of_image("vivid").ok_or_else(|| anyhow!("only vivid can be unplugged"))?;
        fs::write(UNBIND, DEVICE).context("unbinding the camera")?;
        self.stop();
        module.unload(PATIENCE)
    }

    /// The camera comes back, with the picture that was before it.
    pub fn plug(&mut self) -> Result<()> {
        Module::of_image("vivid").ok_or_else(|| anyhow!("only vivid can be plugged in"))?.load()?;
        let nodes = Nodes::ready()?;
        match self.showing.clone() {
            Some(picture) => self.start(&nodes, picture),
            None => Ok(()),
        }
    }
}

/// Shows the picture until there is another one, or nobody who could send one.
fn feed(mut output: Output, pictures: &Receiver<Arc<[u8]>>, pause: Duration, written: &AtomicU64) -> io::Result<()> {
    // Another picture has to go into each of the buffers.
    let mut picture: Option<Arc<[u8]>> = None;
    let mut left = 0;
    loop {
        match pictures.recv_timeout(pause) {
            Ok(other) => (picture, left) = (Some(other), output.depth()),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        output.turn(picture.as_deref().filter(|_| left > 0))?;
        left = left.saturating_sub(1);
        written.fetch_add(1, Ordering::Relaxed);
    }
}

/// Connects the capture node with the output node: on 6.12 the capture side says with which, on 6.1 the output side that it does.
fn connect(nodes: &Nodes) -> Result<()> {
    // The menu's entries are: test pattern generator, none, then the outputs.
    set(&nodes.capture, "HDMI 000-0 Is Connected To", 2).or_else(|_| set(&nodes.output, "Loop Video", 1))?;
    // 0 all, 1 counters only, 2 nothing.
    set(&nodes.capture, "OSD Text Mode", 2)
}

fn set(node: &str, name: &str, value: i64) -> Result<()> {
    let device = Device::with_path(node).with_context(|| format!("opening {node}"))?;
    let all: Vec<Description> = device.query_controls().with_context(|| format!("listing the controls of {node}"))?;
    let id = all.iter().find(|control| control.name == name).with_context(|| format!("{node} has no control {name}"))?.id;
    device.set_control(Control { id, value: Value::Integer(value) }).with_context(|| format!("setting {name} of {node} to {value}"))
}

fn patiently<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        if Instant::now() >= deadline {
            bail!("{what} did not come within {} s", PATIENCE.as_secs());
        }
        sleep(Duration::from_millis(10));
    }
}
