//! Every word that a scene says by itself, in one place for translation. Labels and advice come from their own rooms.

use std::borrow::Cow;

use crate::{explain::lesion::Millimetres, quality::Reason};

pub(super) const READY: &str = "Ready";
pub(super) const READY_NEXT: &str = "Hold still: the picture is taken now.";
pub(super) const ANALYSING: &str = "Analysing…";
pub(super) const ANALYSING_NEXT: &str = "The picture is taken. You may lift the device.";
pub(super) const CAPTURED: &str = "Taken";
pub(super) const CAPTURED_NEXT: &str = "This picture will be assessed.";
pub(super) const SCANNING: &str = "Scan code";
pub(super) const SCANNING_NEXT: &str = "Hold the code before the lens until it is read.";
pub(super) const WAITING: &str = "One moment";
pub(super) const WAITING_FOOTER: &str = "Tried again by itself";
pub(super) const START: &str = "Self-test";
pub(super) const ASLEEP: &str = "Asleep. Press any button.";
pub(super) const NEXT_STEP: &str = "What to do next";
pub(super) const NOT_A_DIAGNOSIS: &str = "Not a diagnosis";
pub(super) const NO_RESULT: &str = "No result for this picture";
pub(super) const PICTURE: &str = "Picture";
pub(super) const NO_MAP: &str = "No clear area";
pub(super) const EVIDENCE: &str = "evidence";
/// Less evidence, and more: signs, because beside a picture of a small screen there is no room for three words.
pub(super) const LESS: &str = "−";
pub(super) const MORE: &str = "+";
pub(super) const WHY: &str = "Why";
pub(super) const FAULT: &str = "Device fault";
pub(super) const FAULT_FOOTER: &str = "No result can be given now";

pub(super) const DETAILS: &str = "Details";
pub(super) const RESULT: &str = "Calibrated probability";
pub(super) const REFER_AT: &str = "Refer at or above";
pub(super) const SENSITIVITY: &str = "Sensitivity set to";
pub(super) const OPERATING_POINT: &str = "Operating point";
pub(super) const LESION: &str = "Lesion";
pub(super) const AREA: &str = "Area";
pub(super) const DIAMETER: &str = "Greatest diameter";
pub(super) const WIDTH: &str = "Width across it";
pub(super) const HOLES: &str = "Gaps inside";
pub(super) const OTHERS: &str = "Other parts, not counted";
pub(super) const RELIABILITY: &str = "Reliability";
pub(super) const NOVELTY: &str = "Novelty";
pub(super) const DISAGREEMENT: &str = "Disagreement";
pub(super) const CLASSES: &str = "Model classes, as data";
pub(super) const GATE: &str = "Picture check";
pub(super) const PATIENT: &str = "Patient";
pub(super) const MODEL: &str = "Model";
pub(super) const BUNDLE: &str = "Bundle";
pub(super) const DIGEST: &str = "Digest";
pub(super) const CAMERA: &str = "Camera";
pub(super) const SOURCE: &str = "Source";
pub(super) const TIMES: &str = "Processor time";
pub(super) const TIME_GATE: &str = "Check";
pub(super) const TIME_PREPARE: &str = "Preparation";
pub(super) const TIME_INFER: &str = "Network";
pub(super) const TIME_EXPLAIN: &str = "Evidence";
pub(super) const TIME_CRITERIA: &str = "Criteria";
pub(super) const TIME_TOTAL: &str = "In all";

/// What a rule of the gate measures, in a word or two, by the rule's key; the key itself for one that has no words yet.
pub(super) fn measured(key: &'static str) -> &'static str {
    match key {
        "shorter_side_min" => "Shorter side",
        "exposure_min" => "Light",
        "dark_share_max" => "Black part",
        "mean_max" => "Brightness",
        "bright_share_max" => "Clipped part",
        "glare_share_max" => "Reflections",
        "focus_min" => "Sharpness",
        "lesion_presence_min" => "Contrast",
        "lesion_cut_off_max" => "Lesion cut off",
        "lesion_share_min" => "Lesion size",
        other => other,
    }
}

/// "800x480"
pub(super) fn size(width: u32, height: u32) -> String {
    format!("{width}x{height}")
}

/// "lentigo 0.1.0"
pub(super) fn version(version: &str) -> String {
    format!("lentigo {version}")
}

/// What the number is a probability of, the fullest wording first. `positive` is the name of the class in the bundle's manifest: in
/// quotation marks, because it names what the model was taught to tell apart and not what the lesion is.
pub(super) fn probability_of(positive: &str) -> [String; 3] {
    if positive.is_empty() {
        return ["Calibrated probability", "Calibrated probability", "Probability"].map(str::to_owned);
    }
    [format!("Calibrated probability of class “{positive}”"), format!("Probability of “{positive}”"), format!("Probability “{positive}”")]
}

/// "Class “malignant”"
pub(super) fn class(positive: &str) -> String {
    if positive.is_empty() { "Positive class".to_owned() } else { format!("Class “{positive}”") }
}

/// "Page 1 of 3"
pub(super) fn page(page: usize, pages: usize) -> String {
    format!("Page {page} of {pages}")
}

/// "Refer at 12 % or above"
pub(super) fn operating_point(threshold: &str) -> String {
    format!("Refer at {threshold} or above")
}

/// "Sensitivity set to 95 %"
pub(super) fn sensitivity(share: &str) -> String {
    format!("Sensitivity set to {share}")
}

/// How large the lesion is on one line, the fullest wording first: "Lesion 45 mm², 9.1 × 6.2 mm".
pub(super) fn lesion_size(size: &Millimetres) -> [String; 2] {
    let Millimetres { area_mm2, diameter_mm, width_mm, at_least } = *size;
    let figures = format!("{}, {}\u{a0}×\u{a0}{}\u{a0}mm", area(area_mm2), decimal(diameter_mm), decimal(width_mm));
    if at_least { [format!("Lesion at least {figures}"), format!("≥ {figures}")] } else { [format!("Lesion {figures}"), figures] }
}

/// "45 mm²"
pub(super) fn area(mm2: f64) -> String {
    format!("{}\u{a0}mm²", if mm2 < 10.0 { decimal(mm2) } else { format!("{mm2:.0}") })
}

/// "9.1 mm"
pub(super) fn millimetres(mm: f64) -> String {
    format!("{}\u{a0}mm", decimal(mm))
}

/// "12 % of the field": where nothing is known of the scale.
pub(super) fn share_of_field(share: &str) -> String {
    format!("{share} of the field")
}

/// "at least 45 mm²", for a lesion that goes on beyond what was assessed.
pub(super) fn at_least(is: bool, value: String) -> String {
    if is { format!("at least {value}") } else { value }
}

fn decimal(value: f64) -> String {
    format!("{value:.1}")
}

/// "Also: not sharp, reflections"
pub(super) fn also(reasons: &[Reason]) -> String {
    let names: Vec<String> = reasons.iter().map(|reason| problem_and_action(*reason).0.to_lowercase()).collect();
    format!("Also: {}", names.join(", "))
}

/// `refer` as it stands on a screen: `Refer`.
pub(super) fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A reason as what is wrong ("Too dark") and what to do ("Press the dermatoscope closer."); the second may be empty.
pub(super) fn problem_and_action(reason: Reason) -> (String, String) {
    let (problem, action) = reason.advice().split_once(": ").unwrap_or((reason.advice(), ""));
    let action = if action.is_empty() { Cow::Borrowed("") } else { Cow::Owned(format!("{}.", capitalised(action))) };
    (capitalised(problem), action.into_owned())
}
