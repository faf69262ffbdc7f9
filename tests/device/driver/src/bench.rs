//! What every case works with: pictures, disk, and the machine that is on.

use std::{
    path::PathBuf,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use lentigo::capture::PixelFormat;

use crate::{
    Arguments,
    disk::Disk,
    expected,
    machine::{Machine, Parts},
    overlay,
    pictures::{Pictures, REGULAR},
    screen,
};

/// The longest that a boot may take until the bench's hand is there, emulated on a busy computer.
const BOOT: Duration = Duration::from_secs(180);
/// The longest until the console answers, and from then to the live picture.
const READY: Duration = Duration::from_secs(120);

/// Everything that cases share.
pub struct Bench {
    /// The pictures, in the camera's pixel format.
    pub pictures: Arc<Pictures>,
    /// The disk of the records that the running machine has.
    pub disk: Disk,
    /// Where logs and pictures go.
    pub out: PathBuf,
    parts: Parts,
    running: Option<Machine>,
    boots: u32,
    name: &'static str,
    arguments: Arguments,
}

impl Bench {
    /// Draws the pictures, makes the disk, puts the initramfs together.
    pub fn new(arguments: &Arguments) -> Result<Self> {
        Self::of_kind(arguments, "boot", &arguments.image, PixelFormat::Yuyv)
    }

    /// The same with the kernel whose camera sends JPEG, when there is one.
    pub fn with_jpeg(&mut self) -> Result<Option<Self>> {
        self.switch_off();
        let arguments = &self.arguments;
        arguments.jpeg_image.as_ref().map(|image| Self::of_kind(arguments, "jpeg", image, PixelFormat::Mjpg)).transpose()
    }

    fn of_kind(arguments: &Arguments, name: &'static str, image: &std::path::Path, format: PixelFormat) -> Result<Self> {
        println!("drawing and assessing the pictures ({format})");
        let pictures = Pictures::draw(format, &arguments.bundle)?;
        let disk = Disk::make(arguments.out.join(format!("{name}.disk")))?;
        let initramfs = arguments.out.join(format!("{name}.initramfs"));
        overlay::write(&image.join("initramfs.cpio"), &arguments.guest, &pictures, &initramfs)?;
        let parts = Parts {
            kernel: image.join("vmlinuz"),
            initramfs,
            disk: disk.clone(),
            out: arguments.out.clone(),
            cores: 2,
            memory: 512,
            append: String::new(),
        };
        let pictures = Arc::new(pictures);
        Ok(Self { pictures, disk, out: arguments.out.clone(), parts, running: None, boots: 0, name, arguments: arguments.clone() })
    }

    /// Switches a machine on, whatever was on before, and waits for nothing.
    pub fn boot(&mut self) -> Result<&mut Machine> {
        self.running = None;
        self.boots += 1;
        self.parts.disk = self.disk.clone();
        let machine = Machine::boot(&self.parts, &format!("{}-{:02}", self.name, self.boots))?;
        Ok(self.running.insert(machine))
    }

    /// The machine that is on, with its console in machine mode; switches one on when none is.
    pub fn machine(&mut self) -> Result<&mut Machine> {
        if !self.running.as_mut().is_some_and(Machine::is_on) {
            let machine = self.boot()?;
            machine.hand.wait_until_ready(BOOT)?;
            machine.hand.give(&format!("show {REGULAR}"))?;
            machine.console.begin(READY)?;
        }
        self.running.as_mut().context("a machine was switched on")
    }

    /// Brings the machine to the live picture, with the picture `name` before its camera.
    pub fn hold(&mut self, name: &str) -> Result<()> {
        let expected = expected::preview(self.pictures.get(name)?)?;
        let machine = self.machine()?;
        machine.hand.give(&format!("show {name}"))?;
        to_preview(machine)?;
        machine.wait_for_screen(READY, &format!("the live picture of {name}"), |found| screen::alike(found, &expected))?;
        Ok(())
    }

    /// The power goes.
    pub fn switch_off(&mut self) {
        self.running = None;
    }

    /// Begins with a disk without records.
    pub fn fresh_disk(&mut self) -> Result<()> {
        self.switch_off();
        self.disk = Disk::make(self.disk.path().to_owned())?;
        Ok(())
    }

    /// Keeps what can be seen of a case that failed.
    pub fn keep_traces(&mut self, case: &str) {
        if let Some(machine) = &mut self.running {
            // What cannot be had any more is not worth another error.
            let _screen = machine.keep_screen(&format!("failed-{case}"));
        }
    }

    /// Boots and leaves the machine to the person until Ctrl-C.
    pub fn keep(&mut self) -> Result<()> {
        let (out, name, orders) = (self.out.clone(), self.name, self.arguments.orders.clone());
        let machine = self.boot()?;
        machine.hand.wait_until_ready(BOOT)?;
        machine.hand.give(&format!("show {REGULAR}"))?;
        machine.console.let_go()?;
        for order in &orders {
            let began = Instant::now();
            println!("  {order}: {} ({} ms)", machine.hand.give(order)?, began.elapsed().as_millis());
            sleep(Duration::from_secs(2));
        }
        println!("the machine runs; Ctrl-C ends it");
        println!("  serial console: socat -,raw,echo=0,escape=0x1d UNIX-CONNECT:{}/serial", machine.sockets().display());
        println!("  screen:         {}, written anew twice a second", out.join("screen.png").display());
        println!("  kernel's log:   {}/{}-01.kernel.log", out.display(), name);
        let began = Instant::now();
        while machine.is_on() && crate::interrupted().is_ok() {
            screen::save(&machine.screen()?, &out.join("screen.png"))?;
            sleep(Duration::from_millis(500));
        }
        println!("it ran for {} s", began.elapsed().as_secs());
        Ok(())
    }
}

/// From any state to the live picture, by what a person would press.
fn to_preview(machine: &mut Machine) -> Result<()> {
    let deadline = Instant::now() + READY;
    loop {
        let state = machine.console.status()?["state"].as_str().unwrap_or_default().to_owned();
        let command = match state.as_str() {
            "preview" => return Ok(()),
            "verdict" | "form" => "accept",
            "retake" => "retake",
            "details" => "details",
            "sleep" | "scanning" => &state,
            // The others pass by themselves.
            _ => "",
        };
        if command == "scanning" {
            machine.console.ask_timed("scan")?;
        } else if !command.is_empty() {
            machine.console.ask_timed(command)?;
        }
        if Instant::now() >= deadline {
            bail!("the device stays in the state {state}");
        }
        sleep(Duration::from_millis(200));
    }
}
