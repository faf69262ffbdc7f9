//! What each state of the device looks like, on every supported screen.
//!
//! One file a scene. A scene takes plain values and draws them: it measures nothing, decides nothing and keeps nothing.
//! [`draw`] gives the picture; [`compose`] gives also the words on it.

mod analysing;
mod cannot_assess;
mod evidence;
mod fault;
mod grid;
mod percent;
mod preview;
mod retake;
mod verdict;
mod words;

use super::{
    Canvas, DisplayError,
    layout::Layout,
    painter::{Painter, PlacedText},
};
use crate::{
    case::{BundleId, Case, Evidence},
    frame::Frame,
    quality::Reason,
    verdict::{Label, Verdict},
};

/// One picture for the person holding the device.
#[derive(Debug, Clone, Copy)]
pub enum Scene<'a> {
    /// Live picture with the gate's hints.
    Preview {
        /// The newest frame.
        frame: &'a Frame,
        /// What the gate would refuse it for; empty when it is ready.
        hints: &'a [Reason],
    },
    /// The frame is being assessed.
    Analysing {
        /// The captured frame.
        frame: &'a Frame,
    },
    /// A frame was assessed.
    Verdict(VerdictView<'a>),
    /// There is no answer, or no usable frame could be had.
    CannotAssess {
        /// The frame, when there is one.
        frame: Option<&'a Frame>,
        /// Why, in a sentence for the person holding the device.
        cause: &'a str,
        /// The bundle in use.
        bundle: &'a BundleId,
    },
    /// The gate refused the frame.
    Retake {
        /// The refused frame.
        frame: &'a Frame,
        /// Why, the most useful to act on first.
        reasons: &'a [Reason],
    },
    /// Something is broken.
    Fault {
        /// What happened.
        cause: &'a str,
        /// What the person can do.
        next_step: &'a str,
    },
}

/// What the verdict scene shows of an assessed case.
///
/// Plain values, so that drawing does not hang on the pipeline. The device gets one only from a [`Case`]
/// (`Scene::from(&case)`), and a case has a number only for a frame that passed the gate.
#[derive(Debug, Clone, Copy)]
pub struct VerdictView<'a> {
    /// The frame that was assessed.
    pub frame: &'a Frame,
    /// [`Label::Refer`] or [`Label::NoReferralIndicated`].
    pub label: Label,
    /// Calibrated probability of the bundle's positive class, in [0, 1].
    pub probability: f32,
    /// The operating point: refer at or above this probability, in [0, 1].
    pub threshold: f32,
    /// Sensitivity that the operating point was chosen for, in (0, 1].
    pub sensitivity: f32,
    /// Evidence for the positive class and the part of the frame that was assessed.
    pub evidence: Option<&'a Evidence>,
    /// The bundle that spoke.
    pub bundle: &'a BundleId,
}

impl<'a> From<&'a Case> for Scene<'a> {
    /// The scene that shows this case: assessed, to be retaken, or not to be assessed.
    fn from(case: &'a Case) -> Self {
        match &case.verdict {
            Verdict::Assessed(assessment) => Self::Verdict(VerdictView {
                frame: &case.frame,
                label: assessment.label(),
                probability: assessment.probability(),
                threshold: assessment.operating_point().threshold,
                sensitivity: assessment.operating_point().sensitivity,
                evidence: case.evidence.as_ref(),
                bundle: &case.bundle,
            }),
            Verdict::Retake { reasons } => Self::Retake { frame: &case.frame, reasons },
            Verdict::CannotAssess { cause } => Self::CannotAssess { frame: Some(&case.frame), cause, bundle: &case.bundle },
        }
    }
}

/// A finished picture and the words on it, in the order in which they were written.
#[derive(Debug)]
pub struct Composition {
    /// The picture.
    pub canvas: Canvas,
    /// Every text on it.
    pub texts: Vec<PlacedText>,
}

/// Draws `scene` for a screen of `width` x `height` pixels.
///
/// # Errors
/// [`DisplayError::Unsuitable`] for a screen under 320x240 or higher than wide, [`DisplayError::Size`] for one that is too large.
pub fn draw(scene: &Scene, width: u32, height: u32) -> Result<Canvas, DisplayError> {
    Ok(compose(scene, width, height)?.canvas)
}

/// Draws `scene` as [`draw`] does and tells also what is written where.
///
/// # Errors
/// As [`draw`].
pub fn compose(scene: &Scene, width: u32, height: u32) -> Result<Composition, DisplayError> {
    let layout = Layout::new(width, height)?;
    let mut painter = Painter::new(layout.screen)?;
    match *scene {
        Scene::Preview { frame, hints } => preview::paint(&mut painter, &layout, frame, hints)?,
        Scene::Analysing { frame } => analysing::paint(&mut painter, &layout, frame)?,
        Scene::Verdict(view) => verdict::paint(&mut painter, &layout, &view)?,
        Scene::CannotAssess { frame, cause, bundle } => cannot_assess::paint(&mut painter, &layout, frame, cause, bundle)?,
        Scene::Retake { frame, reasons } => retake::paint(&mut painter, &layout, frame, reasons)?,
        Scene::Fault { cause, next_step } => fault::paint(&mut painter, &layout, cause, next_step),
    }
    Ok(Composition { canvas: painter.canvas, texts: painter.texts })
}
