//! Fixed inputs: a drawn lesion, its evidence, and a scene for every state of the device.

use lentigo::{
    case::{BundleId, Evidence},
    display::scene::{Action, DetailsView, FormField, Row, Scene, Section, StatusBar, Step, VerdictView},
    explain::report::Language,
    frame::{Frame, Heatmap, Region},
    quality::Reason,
    verdict::{Abstention, Label},
};

use crate::{explained::Explained, outlined::Outlined};

/// Every screen that must be legible.
pub(crate) const SIZES: [(u32, u32); 5] = [(320, 240), (480, 320), (800, 480), (1280, 720), (1920, 1080)];

/// The screens of which pictures are kept: the smallest and a wide one. Every size is a share of the screen, so the others show nothing else.
pub(crate) const PICTURES: [(u32, u32); 2] = [(320, 240), (800, 480)];

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
    Evidence {
        region: Region::centre_square(320, 240),
        heatmap: Some(Heatmap::new(side, side, values).expect("a small map")),
        lesion: None,
    }
}

pub(crate) fn bundle(name: &str, version: &str) -> BundleId {
    BundleId { name: name.to_owned(), version: version.to_owned(), digest: "0123456789ab".to_owned() }
}

/// Scenes of which only the words are checked: their looks are those of others, and pictures weigh.
pub(crate) const WITHOUT_PICTURE: [&str; 7] =
    ["start-first", "details-after-explanation", "preview-hint", "preview-bare", "captured", "cannot-assess-no-picture", "fault-bare"];

const PREVIEW: [Action; 4] = [
    Action { button: "Capture", what: "Picture" },
    Action { button: "Details", what: "Patient" },
    Action { button: "Scan", what: "Code" },
    Action { button: "Sleep", what: "" },
];
const VERDICT: [Action; 3] = [
    Action { button: "Accept", what: "Keep" },
    Action { button: "Retake", what: "Once more" },
    Action { button: "Details", what: "Figures" },
];
const FORM: [Action; 4] = [
    Action { button: "Capture", what: "Next" },
    Action { button: "Up, Down", what: "Change" },
    Action { button: "Retake", what: "Unknown" },
    Action { button: "Accept", what: "Keep" },
];
const BACK: [Action; 1] = [Action { button: "Details", what: "Back" }];
pub(crate) const PAGES: [Action; 4] = [
    Action { button: "Accept", what: "" },
    Action { button: "Up", what: "" },
    Action { button: "Down", what: "" },
    Action { button: "Details", what: "Back" },
];
const FAULT: [Action; 2] = [Action { button: "Accept", what: "Try again" }, Action { button: "Sleep", what: "" }];

/// What stands around a scene with these actions on an ordinary day.
pub(crate) fn around(actions: &'static [Action<'static>]) -> StatusBar<'static> {
    StatusBar { case: "Case 12", chips: &["54 years", "back"], notice: None, actions }
}

const STEPS: [Step; 7] = [
    Step { name: "Display", passed: Some(true), detail: "800x480" },
    Step { name: "Records", passed: Some(true), detail: "11 cases" },
    Step { name: "Storage", passed: Some(true), detail: "5.1 GB free" },
    Step { name: "Model", passed: Some(true), detail: "asff-edge 1.0.0" },
    Step { name: "Golden case", passed: None, detail: "" },
    Step { name: "Camera", passed: Some(false), detail: "no frame in 2 s" },
    Step { name: "Clock", passed: None, detail: "" },
];

const FIELDS: [FormField; 6] = [
    FormField { label: "Age", value: "54 years", chosen: false },
    FormField { label: "Sex", value: "female", chosen: false },
    FormField { label: "Body site", value: "lower extremity", chosen: true },
    FormField { label: "Phototype", value: "unknown", chosen: false },
    FormField { label: "Operator", value: "AB", chosen: false },
    FormField { label: "Case number", value: "2026-1107", chosen: false },
];

fn sections() -> Vec<Section> {
    let section = |title: &str, rows: &[(&str, &str)]| Section {
        title: title.to_owned(),
        rows: rows.iter().map(|(name, value)| Row::new(*name, *value)).collect(),
    };
    vec![
        section(
            "Calibrated probability",
            &[
                ("Class “malignant”", "87\u{a0}%"),
                ("Refer at or above", "12\u{a0}%"),
                ("Sensitivity set to", "95\u{a0}%"),
                ("Operating point", "sensitivity-95"),
            ],
        ),
        section(
            "Lesion",
            &[
                ("Area", "at least 78\u{a0}mm²"),
                ("Greatest diameter", "at least 12.4\u{a0}mm"),
                ("Width across it", "at least 8.1\u{a0}mm"),
            ],
        ),
        section("Reliability", &[("Novelty", "9.31 ≤ 12.30"), ("Disagreement", "0.04 ≤ 0.25")]),
        section(
            "Model classes, as data",
            &[("Class “nv”", "9\u{a0}%"), ("Class “mel”", "81\u{a0}%"), ("Class “bkl”", "3\u{a0}%"), ("Class “bcc”", "4\u{a0}%")],
        ),
        section(
            "Picture check",
            &[
                ("Shorter side", "720 ≥ 150"),
                ("Light", "-0.61 ≥ -2.48"),
                ("Black part", "0.00 ≤ 0.13"),
                ("Brightness", "0.61 ≤ 0.87"),
                ("Clipped part", "0.01 ≤ 0.61"),
                ("Reflections", "0.00 ≤ 0.08"),
                ("Sharpness", "0.61 ≥ 0.43"),
                ("Contrast", "31.20 ≥ 2.83"),
                ("Lesion cut off", "0.00 ≤ 0.79"),
                ("Lesion size", "0.21 ≥ 0.01"),
            ],
        ),
        section("Patient", &[("Age", "54 years"), ("Sex", "female"), ("Body site", "lower extremity"), ("Phototype", "unknown")]),
        section("Model", &[("Bundle", "asff-edge 1.0.0"), ("Digest", "0123456789ab")]),
        section("Camera", &[("Source", "/dev/video0, 1280x720 MJPG at 30 frames/s")]),
        section("Processor time", &[("Check", "1.2\u{a0}ms"), ("Network", "11.9\u{a0}ms"), ("In all", "13.6\u{a0}ms")]),
    ]
}

/// What scenes borrow from.
pub(crate) struct Inputs {
    frame: Frame,
    evidence: Evidence,
    flat: Evidence,
    bundle: BundleId,
    long_bundle: BundleId,
    sections: Vec<Section>,
    abstention: String,
}

impl Inputs {
    pub(crate) fn new() -> Self {
        let evidence = evidence();
        let flat =
            Evidence { region: evidence.region, heatmap: Some(Heatmap::new(2, 2, vec![0.0; 4]).expect("a small map")), lesion: None };
        Self {
            frame: lesion(),
            evidence,
            flat,
            bundle: bundle("asff-edge", "1.0.0"),
            long_bundle: bundle("multitask-edge", "12.10.13"),
            sections: sections(),
            abstention: Abstention::Novelty { found: 14.2, limit: 12.3 }.to_string(),
        }
    }

    fn verdict(&self, label: Label, probability: f32, threshold: f32) -> VerdictView<'_> {
        VerdictView {
            frame: &self.frame,
            label,
            probability,
            positive: "malignant",
            threshold,
            sensitivity: 0.95,
            evidence: Some(&self.evidence),
            size: None,
            bundle: &self.bundle,
            bar: around(&VERDICT),
        }
    }

    /// A verdict over a lesion whose outline and size are known.
    fn outlined<'a>(&'a self, found: &'static Outlined, label: Label) -> VerdictView<'a> {
        let probability = if label == Label::Refer { 0.874 } else { 0.034 };
        VerdictView {
            frame: &found.frame,
            evidence: Some(&found.evidence),
            size: Some(found.size),
            ..self.verdict(label, probability, 0.12)
        }
    }

    fn explanation(&self, found: &'static Explained, language: Language, page: usize) -> Scene<'_> {
        Scene::Explanation(found.view(language, page, around(&PAGES)))
    }

    fn details(&self, page: usize) -> Scene<'_> {
        Scene::Details(DetailsView { label: Label::Refer, sections: &self.sections, page, ahead: 0, bar: around(&BACK) })
    }

    /// Scenes as they are met every day, and those with the longest words that the device itself can say.
    pub(crate) fn scenes(&self) -> Vec<(&'static str, Scene<'_>)> {
        let frame = &self.frame;
        let bundle = &self.bundle;
        let bare = StatusBar::default();
        let warm = StatusBar { notice: Some("Warm: preview slowed"), ..around(&PREVIEW) };
        let answered = StatusBar { actions: &VERDICT[..2], ..around(&[]) };
        vec![
            ("start", Scene::Start { version: "0.1.0", steps: &STEPS }),
            ("start-first", Scene::Start { version: "0.1.0", steps: &STEPS[4..5] }),
            ("preview-ready", Scene::Preview { frame, hints: &[], ready: "Hold still and press Capture.", bar: around(&PREVIEW) }),
            ("preview-hint", Scene::Preview { frame, hints: &[Reason::Blurred], ready: "", bar: around(&PREVIEW) }),
            ("preview-bare", Scene::Preview { frame, hints: &[Reason::Blurred], ready: "", bar: bare }),
            (
                "preview-hints-longest",
                Scene::Preview {
                    frame,
                    hints: &[Reason::Glare, Reason::TooDark, Reason::LesionCutOff, Reason::Blurred],
                    ready: "",
                    bar: warm,
                },
            ),
            (
                "waiting",
                Scene::Waiting {
                    cause: "The camera gives no picture.",
                    next_step: "It is tried again. If this stays, check the cable of the camera.",
                    bar: around(&[]),
                },
            ),
            ("captured", Scene::Captured { frame, bar: around(&[]) }),
            ("analysing", Scene::Analysing { frame, bar: around(&[]) }),
            ("verdict-refer", Scene::Verdict(self.verdict(Label::Refer, 0.874, 0.12))),
            ("verdict-no-referral", Scene::Verdict(self.verdict(Label::NoReferralIndicated, 0.034, 0.12))),
            ("verdict-bare", Scene::Verdict(VerdictView { bar: bare, ..self.verdict(Label::Refer, 0.874, 0.12) })),
            (
                "verdict-longest",
                Scene::Verdict(VerdictView {
                    evidence: Some(&self.flat),
                    bundle: &self.long_bundle,
                    ..self.verdict(Label::NoReferralIndicated, 0.119_96, 0.12)
                }),
            ),
            ("verdict-outline-light", Scene::Verdict(self.outlined(Outlined::on_light_skin(), Label::Refer))),
            (
                "verdict-outline-dark",
                Scene::Verdict(VerdictView { bar: bare, ..self.outlined(Outlined::on_dark_skin(), Label::NoReferralIndicated) }),
            ),
            (
                "verdict-outline-cut-off",
                Scene::Verdict(VerdictView { bundle: &self.long_bundle, ..self.outlined(Outlined::cut_off(), Label::NoReferralIndicated) }),
            ),
            ("details-first", self.details(0)),
            ("details-last", self.details(usize::MAX)),
            ("explanation-marked", self.explanation(Explained::marked(), Language::English, 0)),
            ("explanation-marked-last", self.explanation(Explained::marked(), Language::English, usize::MAX)),
            ("explanation-doubtful", self.explanation(Explained::doubtful(), Language::Swahili, 0)),
            ("explanation-doubtful-last", self.explanation(Explained::doubtful(), Language::Swahili, usize::MAX)),
            ("explanation-cut-off", Scene::Explanation(Explained::cut_off().view(Language::French, 0, bare))),
            ("explanation-spanish", self.explanation(Explained::doubtful(), Language::Spanish, 1)),
            ("explanation-portuguese", self.explanation(Explained::marked(), Language::Portuguese, 1)),
            (
                "details-after-explanation",
                Scene::Details(DetailsView { label: Label::Refer, sections: &self.sections, page: 0, ahead: 2, bar: around(&BACK) }),
            ),
            ("cannot-assess", Scene::CannotAssess { frame: Some(frame), cause: &self.abstention, bundle, bar: answered }),
            (
                "cannot-assess-no-picture",
                Scene::CannotAssess {
                    frame: None,
                    cause: "No usable picture could be taken in five attempts.",
                    bundle: &self.long_bundle,
                    bar: bare,
                },
            ),
            ("retake", Scene::Retake { frame, reasons: &[Reason::TooDark, Reason::Blurred], bar: answered }),
            ("retake-all-reasons", Scene::Retake { frame, reasons: &REASONS, bar: bare }),
            ("closed", Scene::Closed { words: "Case 12 is accepted and recorded.", bar: bare }),
            ("form", Scene::Form { title: "Case 12", fields: &FIELDS, hint: "All of it may stay unknown.", bar: around(&FORM) }),
            ("scanning", Scene::Scanning { frame, bar: around(&BACK) }),
            (
                "fault",
                Scene::Fault {
                    cause: "/dev/video0 gave no frame for 2 seconds.",
                    next_step: "Check the cable of the camera.",
                    way_back: "Then press Accept to try again.",
                    bar: StatusBar { actions: &FAULT, ..bare },
                },
            ),
            (
                "fault-bare",
                Scene::Fault {
                    cause: "/dev/video0 gave no frame for 2 seconds.",
                    next_step: "Check the cable of the camera, then start again.",
                    way_back: "",
                    bar: bare,
                },
            ),
            ("sleep", Scene::Sleep),
            ("pattern", Scene::Pattern),
        ]
    }
}
