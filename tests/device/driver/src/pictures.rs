//! The pictures that are held before the camera, and what lentigo must make of them.
//!
//! All are phantoms: synthetic, the same bytes on every machine. The host runs them through the very library that runs inside
//! the machine, so what must be on the screen is known to the pixel.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use lentigo::{
    bundle::{Bundle, Trust},
    capture::{PixelFormat, phantom::Phantom},
    case::Case,
    frame::Frame,
    patient,
    pipeline::Analyser,
};

/// Size of the camera's frames, as in `boards/qemu-virt/board.toml`.
pub const SIZE: (u32, u32) = (1280, 720);
/// A lesion that is not referred.
pub const REGULAR: &str = "regular";
/// A lesion that is referred.
pub const IRREGULAR: &str = "irregular";
/// A picture that the gate refuses.
pub const BLURRED: &str = "blurred";

/// What is known of one picture.
pub struct Picture {
    /// As the camera sends it.
    pub bytes: Vec<u8>,
    /// As lentigo gets it.
    pub frame: Frame,
    /// What lentigo must find.
    pub case: Case,
    /// Name of the class that the probability is of.
    pub positive: String,
}

/// Every picture by name, in one pixel format.
pub struct Pictures {
    /// The pixel format.
    pub format: PixelFormat,
    all: BTreeMap<&'static str, Picture>,
}

impl Pictures {
    /// Draws and assesses all of them.
    pub fn draw(format: PixelFormat, bundle: &std::path::Path) -> Result<Self> {
        let bundle = Bundle::open(bundle, &Trust::release()?)?;
        let mut analyser = Analyser::load(&bundle)?;
        let positive = analyser.manifest().classes.label.clone();
        let mut all = BTreeMap::new();
        let phantoms = [(REGULAR, Phantom::patient(1)), (IRREGULAR, Phantom::patient(2)), (BLURRED, Phantom::patient(1).out_of_focus())];
        for (name, phantom) in phantoms {
            let drawn = phantom.render(SIZE.0, SIZE.1)?.frame;
            let bytes = format.encode(&drawn, 0)?;
            let frame = format.decode(&bytes, SIZE.0, SIZE.1, 0)?;
            let case = analyser.assess(frame.clone(), &patient::Context::default())?;
            all.insert(name, Picture { bytes, frame, case, positive: positive.clone() });
        }
        Ok(Self { format, all })
    }

    /// The picture called `name`.
    pub fn get(&self, name: &str) -> Result<&Picture> {
        self.all.get(name).with_context(|| format!("there is no picture called {name}"))
    }

    /// Name and bytes of every picture, as files for the machine.
    pub fn files(&self) -> impl Iterator<Item = (String, &[u8])> {
        let extension = self.format.name().to_lowercase();
        self.all.iter().map(move |(name, picture)| (format!("{name}.{extension}"), picture.bytes.as_slice()))
    }
}
