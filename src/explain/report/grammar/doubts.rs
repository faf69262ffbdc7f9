//! How far the answer can be relied on: what the model is unsure of, what does not fit together, and what could not be measured.

use super::{
    advice::label,
    draft::{Drafts, Filling},
};
use crate::{
    case::Explanation,
    explain::report::{
        Facts, Number, Outline, Topic,
        keys::Message,
        numerals::{apart, exact},
    },
    verdict::Label,
};

/// Up to this overall level the criteria are little marked: a referral then has other grounds.
const LITTLE_MARKED: u8 = 2;
/// From this overall level on the criteria are strongly marked: advice against a referral then passes them over.
const STRONGLY_MARKED: u8 = 4;
/// From this distance on between the measured overall level and the nearest prototype's, of at most 4, one says low and the other high or middle.
const LEVELS_APART: u8 = 3;
/// What was measured and what the network reads are apart by more than half of the raters' scale: A from 0 to 2, B from 0 to 8, C from 1 to 6.
/// Nearer than that both can be in the same half.
const READING_APART: [f64; 3] = [1.0, 4.0, 2.5];

/// How far the model agrees with itself over the views of the picture.
pub(super) fn uncertainty(drafts: &mut Drafts, facts: &Facts) {
    if let Some(disagreement) = facts.disagreement {
        let share = drafts.share("disagreement", exact(disagreement));
        drafts.say(Topic::Uncertainty, Message::Uncertainty, [share]);
    }
}

/// What does not fit together, the gravest first.
pub(super) fn contradictions(drafts: &mut Drafts, facts: &Facts) {
    let Some(explanation) = &facts.explanation else { return };
    let topic = Topic::Contradiction;
    let overall = explanation.severity.overall.number();
    let against = match facts.label {
        Label::Refer if overall <= LITTLE_MARKED => Some(Message::ContradictionLowRefer),
        Label::NoReferralIndicated if overall >= STRONGLY_MARKED => Some(Message::ContradictionHighNoReferral),
        _ => None,
    };
    if let Some(message) = against {
        let label = label(drafts, facts.label);
        drafts.say(topic, message, [label, Filling::Count("severity_overall", overall)]);
    }
    // What cannot be compared does not agree.
    let agrees = explanation.agreement >= explanation.agreement_min;
    if !agrees {
        let agreement = exact(explanation.agreement);
        let (written, _) = apart(drafts.text.language(), agreement, exact(explanation.agreement_min));
        let number = Number { name: "agreement", value: agreement, written };
        drafts.say(topic, Message::ContradictionAgreement, [Filling::Figure(number)]);
    }
    if let Some(nearest) = explanation.prototypes.first().map(|nearest| nearest.level.number())
        && nearest.abs_diff(overall) >= LEVELS_APART
    {
        let levels = [Filling::Count("severity_overall", overall), Filling::Count("prototype_level", nearest)];
        drafts.say(topic, Message::ContradictionPrototype, levels);
    }
    readings(drafts, explanation);
}

/// Criteria that the network reads otherwise than they were measured.
fn readings(drafts: &mut Drafts, explanation: &Explanation) {
    let Some(read) = explanation.read else { return };
    let abc = &explanation.abc;
    let criteria = [
        (Message::ContradictionAsymmetry, "asymmetry_points", abc.asymmetry.points, "read_asymmetry"),
        (Message::ContradictionBorder, "border_points", abc.border.points, "read_border"),
        (Message::ContradictionColours, "colour_points", abc.colour.points, "read_colour"),
    ];
    for (((message, points_name, points, read_name), read), apart) in criteria.into_iter().zip(read).zip(READING_APART) {
        let read = exact(read);
        let is_near = (read - f64::from(points)).abs() <= apart;
        if !is_near {
            let read = drafts.decimal(read_name, read, 1);
            drafts.say(Topic::Contradiction, message, [Filling::Count(points_name, points), read]);
        }
    }
}

/// What could not be measured, and why.
pub(super) fn not_measured(drafts: &mut Drafts, facts: &Facts) {
    let mut say = |message| drafts.say(Topic::NotMeasured, message, []);
    if facts.decision.is_none() {
        return say(Message::NotMeasuredPicture);
    }
    match facts.outline {
        Outline::Unknown if facts.explanation.is_none() => say(Message::NotMeasuredOutline),
        Outline::NotFound if facts.explanation.is_none() => say(Message::NotMeasuredLesion),
        Outline::Unknown | Outline::NotFound => {}
        Outline::Found(extent) => {
            if facts.explanation.is_none() {
                say(Message::NotMeasuredCriteria);
            }
            if extent.millimetres.is_none() {
                say(Message::NotMeasuredScale);
            }
        }
    }
    let is_cut_off = matches!(facts.outline, Outline::Found(extent) if extent.cut_off);
    if is_cut_off || facts.explanation.as_ref().is_some_and(|explanation| explanation.abc.size.cut_off) {
        say(Message::NotMeasuredCutOff);
    }
    if facts.explanation.is_some() {
        say(Message::NotMeasuredStructures);
    }
    if facts.disagreement.is_none() {
        say(Message::NotMeasuredViews);
    }
}
