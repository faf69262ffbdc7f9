//! What each state of the device looks like, on every supported screen.
//!
//! One file a scene. A scene takes plain values and draws them: it measures nothing, decides nothing and keeps nothing.
//! [`draw`] gives the picture; [`compose`] gives also the words on it; an [`Easel`] draws one scene after the other without
//! beginning anew for each frame of a live picture.

mod analysing;
mod bar;
mod cannot_assess;
mod captured;
mod closed;
mod details;
mod easel;
mod evidence;
mod explanation;
mod facts;
mod fault;
mod form;
mod grid;
mod live;
mod pattern;
mod percent;
mod preview;
mod retake;
mod scanning;
mod sleep;
mod start;
mod verdict;
mod waiting;
mod words;

pub use bar::{Action, StatusBar, bar_action_at};
pub use easel::{Drawn, Easel};
pub use facts::{Circumstances, Row, Section, facts};

use super::{
    Area, Canvas, DisplayError,
    layout::Layout,
    painter::{Painter, PlacedText},
};
use crate::{
    case::{BundleId, Case, Evidence, Explanation},
    explain::{
        lesion::{Millimetres, Scale, measure},
        report::Report,
    },
    frame::Frame,
    quality::Reason,
    verdict::{Label, Verdict},
};

/// One picture for the person holding the device.
#[derive(Debug, Clone, Copy)]
pub enum Scene<'a> {
    /// The device starts and tests itself.
    Start {
        /// Version of this program: `0.1.0`.
        version: &'a str,
        /// What is tested, in that order; the last ones are shown where not all have room.
        steps: &'a [Step<'a>],
    },
    /// Live picture with the gate's hints.
    Preview {
        /// The newest frame.
        frame: &'a Frame,
        /// What the gate would refuse it for; empty when it is ready.
        hints: &'a [Reason],
        /// What to do when there are no hints, a sentence: `Press Capture.` Empty where the picture is taken by itself then.
        ready: &'a str,
        /// What stands around it.
        bar: StatusBar<'a>,
    },
    /// The camera is gone or stalled, and is tried again by itself. No picture: it would be a stale one.
    Waiting {
        /// What happened, a sentence.
        cause: &'a str,
        /// What the person can do meanwhile, a sentence.
        next_step: &'a str,
        /// What stands around it.
        bar: StatusBar<'a>,
    },
    /// The picture that was just taken, as it will be assessed.
    Captured {
        /// The captured frame.
        frame: &'a Frame,
        /// What stands around it.
        bar: StatusBar<'a>,
    },
    /// The frame is being assessed.
    Analysing {
        /// The captured frame.
        frame: &'a Frame,
        /// What stands around it.
        bar: StatusBar<'a>,
    },
    /// A frame was assessed.
    Verdict(VerdictView<'a>),
    /// The criteria behind a verdict: where they were measured, how marked they are, and what was written of them, on pages.
    Explanation(ExplanationView<'a>),
    /// Everything behind a verdict, on pages.
    Details(DetailsView<'a>),
    /// There is no answer, or no usable frame could be had.
    CannotAssess {
        /// The frame, when there is one.
        frame: Option<&'a Frame>,
        /// Why, in a sentence for the person holding the device.
        cause: &'a str,
        /// The bundle in use.
        bundle: &'a BundleId,
        /// What stands around it.
        bar: StatusBar<'a>,
    },
    /// The gate refused the frame.
    Retake {
        /// The refused frame.
        frame: &'a Frame,
        /// Why, the most useful to act on first.
        reasons: &'a [Reason],
        /// What stands around it.
        bar: StatusBar<'a>,
    },
    /// A case was accepted or given up, and that is recorded: shown for a moment.
    Closed {
        /// What happened, a sentence: `Case 12 is accepted and recorded.`
        words: &'a str,
        /// What stands around it.
        bar: StatusBar<'a>,
    },
    /// The case form.
    Form {
        /// What is filled in: `Case 12`.
        title: &'a str,
        /// From the top.
        fields: &'a [FormField<'a>],
        /// One line below them; empty for none.
        hint: &'a str,
        /// What stands around it; its case and chips are not shown, the fields are the same facts.
        bar: StatusBar<'a>,
    },
    /// Live picture while the device looks for a code with the patient's data.
    Scanning {
        /// The newest frame.
        frame: &'a Frame,
        /// What stands around it.
        bar: StatusBar<'a>,
    },
    /// Something is broken.
    Fault {
        /// What happened.
        cause: &'a str,
        /// What the person can do.
        next_step: &'a str,
        /// How to get out of the fault then: `Press Accept to try again.` Empty when there is no way but to restart.
        way_back: &'a str,
        /// What stands around it.
        bar: StatusBar<'a>,
    },
    /// The device sleeps: dark.
    Sleep,
    /// The test pattern: colours, greys, lines, edges and the size of the screen.
    Pattern,
}

/// One thing that is tested at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'a> {
    /// What: `Camera`.
    pub name: &'a str,
    /// Whether it works; `None` while it is not known.
    pub passed: Option<bool>,
    /// What was found, in a few words; may be empty.
    pub detail: &'a str,
}

/// One line of the case form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormField<'a> {
    /// What is asked: `Age`.
    pub label: &'a str,
    /// What is known: `54 years`, or `unknown`.
    pub value: &'a str,
    /// The field that the buttons change now.
    pub chosen: bool,
}

/// What the verdict scene shows of an assessed case.
///
/// Plain values, so that drawing does not hang on the pipeline. The device gets one only from a [`Case`]
/// ([`Scene::of`]), and a case has a number only for a frame that passed the gate.
#[derive(Debug, Clone, Copy)]
pub struct VerdictView<'a> {
    /// The frame that was assessed.
    pub frame: &'a Frame,
    /// [`Label::Refer`] or [`Label::NoReferralIndicated`].
    pub label: Label,
    /// Calibrated probability of the bundle's positive class, in [0, 1].
    pub probability: f32,
    /// Name of that class in the bundle's manifest, shown in quotation marks; empty where it is not known.
    pub positive: &'a str,
    /// The operating point: refer at or above this probability, in [0, 1].
    pub threshold: f32,
    /// Sensitivity that the operating point was chosen for, in (0, 1].
    pub sensitivity: f32,
    /// Evidence for the class that was chosen, the lesion, and the part of the frame that was assessed.
    pub evidence: Option<&'a Evidence>,
    /// How large the lesion is on the skin, where that is known.
    pub size: Option<Millimetres>,
    /// The bundle that spoke.
    pub bundle: &'a BundleId,
    /// What stands around it.
    pub bar: StatusBar<'a>,
}

/// The criteria behind a verdict.
#[derive(Debug, Clone, Copy)]
pub struct ExplanationView<'a> {
    /// The frame that was assessed.
    pub frame: &'a Frame,
    /// The label of the verdict.
    pub label: Label,
    /// The lesion that was measured, and the part of the frame that was assessed.
    pub evidence: Option<&'a Evidence>,
    /// What was measured; points in pixels of `frame`.
    pub explanation: &'a Explanation,
    /// What was written of the case. All words of the scene are in its language.
    pub report: &'a Report,
    /// Which page, from 0; one beyond the last shows the last. [`explanation_pages`] tells how many there are.
    pub page: usize,
    /// How many pages of details come after them.
    pub after: usize,
    /// What stands around it.
    pub bar: StatusBar<'a>,
}

impl<'a> ExplanationView<'a> {
    /// The first page of the explanation of `case`, in the words of `report`; `None` when there is no answer that could be explained.
    #[must_use]
    pub fn of(case: &'a Case, report: &'a Report, bar: StatusBar<'a>) -> Option<Self> {
        let Verdict::Assessed(assessment) = &case.verdict else { return None };
        let explanation = case.explanation.as_ref()?;
        let evidence = case.evidence.as_ref();
        Some(Self { frame: &case.frame, label: assessment.label(), evidence, explanation, report, page: 0, after: 0, bar })
    }
}

/// Everything behind a verdict.
#[derive(Debug, Clone, Copy)]
pub struct DetailsView<'a> {
    /// The label of the verdict, for shape and colour.
    pub label: Label,
    /// What is told (see [`facts`]).
    pub sections: &'a [Section],
    /// Which page, from 0; one beyond the last shows the last. [`details_pages`] tells how many there are.
    pub page: usize,
    /// How many pages of an explanation come before them.
    pub ahead: usize,
    /// What stands around it.
    pub bar: StatusBar<'a>,
}

impl<'a> Scene<'a> {
    /// What stands around it; nothing around a scene that fills the screen.
    #[must_use]
    pub fn bar(&self) -> StatusBar<'a> {
        match *self {
            Self::Preview { bar, .. }
            | Self::Waiting { bar, .. }
            | Self::Captured { bar, .. }
            | Self::Analysing { bar, .. }
            | Self::Verdict(VerdictView { bar, .. })
            | Self::Explanation(ExplanationView { bar, .. })
            | Self::Details(DetailsView { bar, .. })
            | Self::CannotAssess { bar, .. }
            | Self::Retake { bar, .. }
            | Self::Closed { bar, .. }
            | Self::Form { bar, .. }
            | Self::Scanning { bar, .. }
            | Self::Fault { bar, .. } => bar,
            Self::Start { .. } | Self::Sleep | Self::Pattern => StatusBar::default(),
        }
    }

    /// Whether the bar keeps its place when nothing can be done, so that the large picture does not jump between two scenes.
    fn keeps_bar(&self) -> bool {
        matches!(self, Self::Preview { .. } | Self::Captured { .. } | Self::Analysing { .. } | Self::Scanning { .. })
    }

    /// The scene that shows `case`: assessed, to be retaken, or not to be assessed. `positive` is what the manifest of the bundle calls the
    /// positive classes; empty where it is not known. `scale` is that of the camera that took the picture, where it is known.
    #[must_use]
    pub fn of(case: &'a Case, positive: &'a str, scale: Option<Scale>, bar: StatusBar<'a>) -> Self {
        match &case.verdict {
            Verdict::Assessed(assessment) => Self::Verdict(VerdictView {
                frame: &case.frame,
                label: assessment.label(),
                probability: assessment.probability(),
                positive,
                threshold: assessment.operating_point().threshold,
                sensitivity: assessment.operating_point().sensitivity,
                evidence: case.evidence.as_ref(),
                size: scale.and_then(|scale| {
                    let evidence = case.evidence.as_ref()?;
                    let measures = measure(evidence.lesion.as_ref()?, evidence.region)?;
                    Some(scale.apply(&measures, case.frame.width(), case.frame.height()))
                }),
                bundle: &case.bundle,
                bar,
            }),
            Verdict::Retake { reasons } => Self::Retake { frame: &case.frame, reasons, bar },
            Verdict::CannotAssess { cause } => Self::CannotAssess { frame: Some(&case.frame), cause, bundle: &case.bundle, bar },
        }
    }
}

impl<'a> From<&'a Case> for Scene<'a> {
    /// [`Scene::of`] with nothing around it, and nothing known of scale or bundle.
    fn from(case: &'a Case) -> Self {
        Self::of(case, "", None, StatusBar::default())
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
    paint(&mut painter, &layout, scene)?;
    Ok(Composition { canvas: painter.canvas, texts: painter.texts })
}

/// How many pages the details of a verdict need on a screen of `width` x `height` pixels, with or without actions below; at least 1.
///
/// # Errors
/// As [`draw`].
pub fn details_pages(sections: &[Section], has_actions: bool, width: u32, height: u32) -> Result<usize, DisplayError> {
    let layout = Layout::new(width, height)?;
    Ok(details::pages(&if has_actions { layout.above_bar() } else { layout }, sections))
}

/// How many pages the explanation of a verdict needs on a screen of `width` x `height` pixels, with or without actions below; at least 1.
///
/// # Errors
/// As [`draw`].
pub fn explanation_pages(view: &ExplanationView, has_actions: bool, width: u32, height: u32) -> Result<usize, DisplayError> {
    let layout = Layout::new(width, height)?;
    Ok(explanation::pages(&if has_actions { layout.above_bar() } else { layout }, view))
}

/// Draws `scene` on an empty canvas; gives back where its live picture is, if it has one.
fn paint(painter: &mut Painter, layout: &Layout, scene: &Scene) -> Result<Option<Area>, DisplayError> {
    let bar = scene.bar();
    let has_bar = scene.keeps_bar() || !bar.actions.is_empty();
    let layout = &if has_bar { layout.above_bar() } else { *layout };
    let mut live = None;
    match *scene {
        Scene::Start { version, steps } => start::paint(painter, layout, version, steps),
        Scene::Preview { frame, hints, ready, .. } => {
            let picture = preview::paint(painter, layout, hints, ready, &bar);
            live::show(painter, layout, frame, picture)?;
            live = Some(picture);
        }
        Scene::Waiting { cause, next_step, .. } => waiting::paint(painter, layout, cause, next_step, &bar),
        Scene::Captured { frame, .. } => captured::paint(painter, layout, frame, &bar)?,
        Scene::Analysing { frame, .. } => analysing::paint(painter, layout, frame, &bar)?,
        Scene::Verdict(ref view) => verdict::paint(painter, layout, view)?,
        Scene::Explanation(ref view) => explanation::paint(painter, layout, view)?,
        Scene::Details(ref view) => details::paint(painter, layout, view),
        Scene::CannotAssess { frame, cause, bundle, .. } => cannot_assess::paint(painter, layout, frame, cause, bundle, &bar)?,
        Scene::Retake { frame, reasons, .. } => retake::paint(painter, layout, frame, reasons, &bar)?,
        Scene::Closed { words, .. } => closed::paint(painter, layout, words),
        Scene::Form { title, fields, hint, .. } => form::paint(painter, layout, title, fields, hint),
        Scene::Scanning { frame, .. } => {
            let picture = scanning::paint(painter, layout, &bar);
            live::show(painter, layout, frame, picture)?;
            live = Some(picture);
        }
        Scene::Fault { cause, next_step, way_back, .. } => fault::paint(painter, layout, cause, next_step, way_back, &bar),
        Scene::Sleep => sleep::paint(painter, layout),
        Scene::Pattern => pattern::paint(painter, layout),
    }
    if has_bar {
        bar::paint(painter, layout, bar.actions);
    }
    Ok(live)
}
