//! Fixed inputs: a drawn lesion, its evidence, and a scene for every state of the device.

use lentigo::{
    case::{BundleId, Evidence},
    display::scene::{Scene, VerdictView},
    frame::{Frame, Heatmap, Region},
    quality::Reason,
    verdict::Label,
};

/// Every screen that must be legible.
pub(crate) const SIZES: [(u32, u32); 4] = [(320, 240), (480, 320), (800, 480), (1280, 720)];

/// Every reason that the gate can give.
pub(crate) const REASONS: [Reason; 8] = [
    Reason::TooDark,
    Reason::TooBright,
    Reason::Blurred,
    Reason::Glare,
    Reason::NoLesion,
    Reason::LesionCutOff,
    Reason::LesionTooSmall,
    Reason::TooFewPixels,
];

/// Skin that is lighter in the middle, with a dark, uneven ellipse.
pub(crate) fn lesion() -> Frame {
    let (width, height) = (320, 240);
    Frame::from_fn(width, height, |x, y| {
        let (dx, dy) = (x as f32 / width as f32 - 0.5, y as f32 / height as f32 - 0.5);
        let light = 1.0 - 0.9 * (dx * dx + dy * dy);
        let (u, v) = ((dx + 0.03) / 0.20, (dy - 0.02) / 0.25);
        let edge = 1.0 + 0.12 * (5.0 * v.atan2(u)).sin();
        let inside = ((edge - u.hypot(v)) * 9.0).clamp(0.0, 1.0);
        let patch = (1.0 - ((dx - 0.06) / 0.07).hypot((dy + 0.03) / 0.09)).clamp(0.0, 1.0) * inside;
        [(228.0, 104.0, 48.0), (176.0, 66.0, 38.0), (154.0, 48.0, 46.0)].map(|(skin, mole, dark): (f32, f32, f32)| {
            let mixed = skin + inside * (mole - skin);
            ((mixed + patch * (dark - mixed)) * light) as u8
        })
    })
    .expect("a small frame")
}

/// Evidence that is greatest on the dark patch of [`lesion`], over its middle square.
pub(crate) fn evidence() -> Evidence {
    let side = 14;
    let hill = |x: f32, y: f32, wide: f32| (-(x * x + y * y) / (2.0 * wide * wide)).exp();
    let values = (0..side * side)
        .map(|at| {
            let (x, y) = ((at % side) as f32, (at / side) as f32);
            (hill(x - 7.7, y - 5.8, 1.7) + 0.45 * hill(x - 4.2, y - 8.2, 1.5) - 0.04).max(0.0)
        })
        .collect();
    Evidence { region: Region::centre_square(320, 240), heatmap: Some(Heatmap::new(side, side, values).expect("a small map")) }
}

pub(crate) fn bundle(name: &str, version: &str) -> BundleId {
    BundleId { name: name.to_owned(), version: version.to_owned(), digest: "0123456789ab".to_owned() }
}

/// Scenes of which only the words are checked: their looks are those of others, and pictures weigh.
pub(crate) const WITHOUT_PICTURE: [&str; 2] = ["preview-hint", "cannot-assess-no-picture"];

/// What scenes borrow from.
pub(crate) struct Inputs {
    frame: Frame,
    evidence: Evidence,
    flat: Evidence,
    bundle: BundleId,
    long_bundle: BundleId,
}

impl Inputs {
    pub(crate) fn new() -> Self {
        let evidence = evidence();
        let flat = Evidence { region: evidence.region, heatmap: Some(Heatmap::new(2, 2, vec![0.0; 4]).expect("a small map")) };
        Self { frame: lesion(), evidence, flat, bundle: bundle("asff-edge", "1.0.0"), long_bundle: bundle("multitask-edge", "12.10.13") }
    }

    fn verdict(&self, label: Label, probability: f32, threshold: f32) -> VerdictView<'_> {
        VerdictView {
            frame: &self.frame,
            label,
            probability,
            threshold,
            sensitivity: 0.95,
            evidence: Some(&self.evidence),
            bundle: &self.bundle,
        }
    }

    /// Scenes as they are met every day, and those with the longest words that the device itself can say.
    pub(crate) fn scenes(&self) -> Vec<(&'static str, Scene<'_>)> {
        let frame = &self.frame;
        let bundle = &self.bundle;
        vec![
            ("preview-ready", Scene::Preview { frame, hints: &[] }),
            ("preview-hint", Scene::Preview { frame, hints: &[Reason::Blurred] }),
            (
                "preview-hints-longest",
                Scene::Preview { frame, hints: &[Reason::Glare, Reason::TooDark, Reason::LesionCutOff, Reason::Blurred] },
            ),
            ("analysing", Scene::Analysing { frame }),
            ("verdict-refer", Scene::Verdict(self.verdict(Label::Refer, 0.874, 0.12))),
            ("verdict-no-referral", Scene::Verdict(self.verdict(Label::NoReferralIndicated, 0.034, 0.12))),
            (
                "verdict-longest",
                Scene::Verdict(VerdictView {
                    evidence: Some(&self.flat),
                    bundle: &self.long_bundle,
                    ..self.verdict(Label::NoReferralIndicated, 0.119_96, 0.12)
                }),
            ),
            (
                "cannot-assess",
                Scene::CannotAssess { frame: Some(frame), cause: "The lesion looks unlike any that the model has learned.", bundle },
            ),
            (
                "cannot-assess-no-picture",
                Scene::CannotAssess { frame: None, cause: "No usable picture could be taken in five attempts.", bundle: &self.long_bundle },
            ),
            ("retake", Scene::Retake { frame, reasons: &[Reason::TooDark, Reason::Blurred] }),
            ("retake-all-reasons", Scene::Retake { frame, reasons: &REASONS }),
            (
                "fault",
                Scene::Fault {
                    cause: "/dev/video0 gave no frame for 2 seconds.",
                    next_step: "Check the cable of the camera, then start again.",
                },
            ),
        ]
    }
}
