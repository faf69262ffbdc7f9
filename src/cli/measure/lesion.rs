//! Where the lesion of a picture comes from, and measuring it.

use std::{fmt, path::PathBuf};

use anyhow::{Context as _, Error, Result, bail};

use crate::{
    capture::read_picture,
    evaluation::truth,
    explain::abc::{self, Abc, Settings},
    frame::{Frame, Heatmap, Region},
    patient::Context,
    pipeline::Analyser,
};

/// One picture that is to be measured.
pub(super) struct Asked {
    pub(super) picture: PathBuf,
    /// Its mask file, where there is one.
    pub(super) mask: Option<PathBuf>,
    /// What is known of the patient, for a network that takes it into account.
    pub(super) patient: Context,
}

/// Why a picture was not measured.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Picture or mask cannot be used.
    Unreadable(Error),
    /// There is nothing to measure.
    Nothing(&'static str),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "{error:#}"),
            Self::Nothing(why) => f.write_str(why),
        }
    }
}

impl<E: Into<Error>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Unreadable(error.into())
    }
}

/// Whose lesions are measured, and with which settings.
pub(super) struct Lesions {
    source: Source,
    settings: Settings,
}

enum Source {
    Files,
    Network(Box<Analyser>),
}

impl Lesions {
    /// Those of mask files, with the settings of a bundle where one is given.
    pub(super) fn of_files(bundle: Option<Analyser>) -> Self {
        Self { source: Source::Files, settings: settings(bundle.as_ref()) }
    }

    /// Those that a bundle's network draws.
    ///
    /// # Errors
    /// A bundle that draws none.
    pub(super) fn of_network(bundle: Analyser) -> Result<Self> {
        let manifest = bundle.manifest();
        if !manifest.graph.outputs.iter().any(|output| output.name == "mask") {
            bail!("the bundle {} does not draw the lesion (its graph has no output 'mask'): choose one that does", manifest.name);
        }
        Ok(Self { settings: settings(Some(&bundle)), source: Source::Network(Box::new(bundle)) })
    }

    /// Measures one picture.
    pub(super) fn measure(&mut self, asked: &Asked) -> Result<Abc, Trouble> {
        let frame = read_picture(&asked.picture)?;
        let (region, lesion) = match &mut self.source {
            Source::Files => {
                let Some(path) = &asked.mask else { return Err(Trouble::Nothing("the table names no mask for this picture")) };
                let region = Region::centre_square(frame.width(), frame.height());
                (region, drawn(path, &frame, region)?)
            }
            Source::Network(analyser) => {
                let evidence = analyser.score(&frame, &asked.patient).with_context(|| asked.picture.display().to_string())?.evidence;
                let Some(lesion) = evidence.lesion else { return Err(Trouble::Nothing("the network drew no lesion")) };
                (evidence.region, lesion)
            }
        };
        abc::measure_in(&frame, region, &lesion, &self.settings).ok_or(Trouble::Nothing("nothing in the picture is lesion"))
    }
}

/// How criteria are measured: as the bundle says, or as by default without one that says it.
fn settings(bundle: Option<&Analyser>) -> Settings {
    bundle.and_then(|bundle| bundle.manifest().criteria).unwrap_or_default()
}

/// The part of a mask file that shows `region`.
fn drawn(path: &std::path::Path, frame: &Frame, region: Region) -> Result<Heatmap> {
    let about = || format!("the mask {}", path.display());
    let mask = truth::mask(&read_picture(path)?).with_context(about)?;
    let (found, expected) = ([mask.width(), mask.height()], [frame.width(), frame.height()]);
    if found != expected {
        bail!(
            "the mask {} is {}x{}, its picture {}x{}: a mask must have its picture's size",
            path.display(),
            found[0],
            found[1],
            expected[0],
            expected[1]
        );
    }
    let seen = truth::seen(&mask, region, frame.width(), frame.height()).with_context(about)?;
    let membership = seen.inside().iter().map(|inside| f32::from(u8::from(*inside))).collect();
    Heatmap::new(seen.width(), seen.height(), membership).with_context(about)
}
