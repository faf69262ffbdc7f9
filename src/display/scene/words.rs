//! Every word that a scene says by itself, in one place for translation. Labels and advice come from their own rooms.

use std::borrow::Cow;

use crate::quality::Reason;

pub(super) const READY: &str = "Ready";
pub(super) const READY_NEXT: &str = "Hold still: the picture is taken now.";
pub(super) const ANALYSING: &str = "Analysing…";
pub(super) const ANALYSING_NEXT: &str = "The picture is taken. You may lift the device.";
pub(super) const PROBABILITY: &str = "Calibrated probability";
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

/// "Refer at 12 % or above"
pub(super) fn operating_point(threshold: &str) -> String {
    format!("Refer at {threshold} or above")
}

/// "Sensitivity set to 95 %"
pub(super) fn sensitivity(share: &str) -> String {
    format!("Sensitivity set to {share}")
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
