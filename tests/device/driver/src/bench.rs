//! What every case works with: pictures, disk, and the machine that is on.

use std::{
    path::PathBuf,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use lentigo::{capture::PixelFormat, frame::Frame};

use crate::{
    Arguments,
    disk::Disk,
    machine::{Machine, Parts},
    overlay,
    pictures::{Pictures, REGULAR},
    screen,
};

/// The longest that a boot may take until the bench's hand is there, emulated on a busy computer.
const BOOT: Duration = Duration::from_secs(120);

/// Everything that cases share.
pub struct Bench {
    /// Raw pictures.
    pub pictures: Pictures,
    /// The disk of the records that the running machine has.
    pub disk: Disk,
    /// Where logs and pictures go.
    pub out: PathBuf,
    parts: Parts,
    running: Option<Machine>,
    boots: u32,
    arguments: BundleAndGuest,
}

/// What another kind of machine is made of.
struct BundleAndGuest {
    jpeg_image: Option<PathBuf>,
    guest: PathBuf,
    bundle: PathBuf,
}

impl Bench {
    /// Draws the pictures, makes the disk, puts the initramfs together.
    pub fn new(arguments: &Arguments) -> Result<Self> {
        println!("drawing and assessing the pictures");
        let pictures = Pictures::draw(PixelFormat::Yuyv, &arguments.bundle)?;
        let disk = Disk::make(arguments.out.join("records.disk"))?;
        let initramfs = arguments.out.join("initramfs.cpio");
        overlay::write(&arguments.image.join("initramfs.cpio"), &arguments.guest, &pictures, &[], &initramfs)?;
        let parts = Parts {
            kernel: arguments.image.join("vmlinuz"),
            initramfs,
            disk: disk.path().to_owned(),
            out: arguments.out.clone(),
            cores: 2,
            memory: 512,
            append: String::new(),
        };
        Ok(Self {
            pictures,
            disk,
            out: arguments.out.clone(),
            parts,
            running: None,
            boots: 0,
            arguments: BundleAndGuest {
                jpeg_image: arguments.jpeg_image.clone(),
                guest: arguments.guest.clone(),
                bundle: arguments.bundle.clone(),
            },
        })
    }

    /// Switches a machine on, whatever was on before.
    pub fn boot(&mut self) -> Result<&mut Machine> {
        self.running = None;
        self.boots += 1;
        let machine = Machine::boot(&self.parts, &format!("boot-{:02}", self.boots))?;
        Ok(self.running.insert(machine))
    }

    /// The machine that is on, with a live picture; switches one on when none is.
    pub fn machine(&mut self) -> Result<&mut Machine> {
        if !self.running.as_mut().is_some_and(Machine::is_on) {
            self.boot()?.hand.wait_until_ready(BOOT)?;
            let machine = self.running.as_mut().context("a machine was switched on")?;
            machine.hand.give(&format!("show {REGULAR}"))?;
        }
        self.running.as_mut().context("a machine was switched on")
    }

    /// Boots and leaves the machine to the person until Ctrl-C.
    pub fn keep(&mut self) -> Result<()> {
        let out = self.out.clone();
        let machine = self.machine()?;
        println!("the machine runs; Ctrl-C ends it");
        println!("  serial console: socat -,raw,echo=0,escape=0x1d UNIX-CONNECT:{}/serial (after closing the bench's own session)", machine.sockets().display());
        println!("  screen:         {}, twice a second", out.join("screen.png").display());
        let began = Instant::now();
        while machine.is_on() && crate::interrupted().is_ok() {
            screen::save(&machine.screen()?, &out.join("screen.png"))?;
            println!("{:?} {:?}", machine.hand.give("written"), machine.hand.give("uptime"));
            sleep(Duration::from_millis(2000));
        }
        println!("it ran for {} s", began.elapsed().as_secs());
        Ok(())
    }
}
