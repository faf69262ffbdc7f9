//! What the device advises, why it has no answer where it has none, and what to do next.

use super::draft::{Drafts, Filling};
use crate::{
    explain::report::{
        Facts, Number, Topic,
        keys::Message,
        numerals::{Share, exact},
        words::{self, Key},
    },
    quality::Reason,
    verdict::{Abstention, Label},
};

/// The label, with the number behind it or with the reasons why there is none.
pub(super) fn advice(drafts: &mut Drafts, facts: &Facts) {
    let label = label(drafts, facts.label);
    if let Some(decision) = facts.decision {
        let shares = Share::decided(decision.probability, decision.threshold);
        let number = |name, value, share| Filling::Figure(Number { name, value: exact(value), written: drafts.text.share(share) });
        let probability = number("probability", decision.probability, shares.0);
        let threshold = number("threshold", decision.threshold, shares.1);
        drafts.say(Topic::Advice, Message::Advice, [label, probability, threshold]);
    } else {
        drafts.say(Topic::Advice, Message::AdviceWithoutNumber, [label]);
    }
    for reason in &facts.reasons {
        drafts.say(Topic::Advice, refused(*reason), []);
    }
    if facts.label == Label::CannotAssess {
        drafts.say(Topic::Advice, uncounted(facts.abstention), []);
    }
}

/// What to do next, and what the device is for.
pub(super) fn next_step(drafts: &mut Drafts, label: Label) {
    let next = match label {
        Label::Refer => Message::NextRefer,
        Label::NoReferralIndicated => Message::NextNoReferralIndicated,
        Label::Retake => Message::NextRetake,
        Label::CannotAssess => Message::NextCannotAssess,
    };
    drafts.say(Topic::NextStep, next, []);
    drafts.say(Topic::NextStep, Message::Adjunct, []);
}

/// The label in the language's fixed words.
pub(super) fn label(drafts: &Drafts, label: Label) -> Filling {
    Filling::Words("label", words::label(drafts.text.language(), Key::Label(label)).to_owned())
}

fn refused(reason: Reason) -> Message {
    match reason {
        Reason::TooFewPixels => Message::ReasonTooFewPixels,
        Reason::TooDark => Message::ReasonTooDark,
        Reason::TooBright => Message::ReasonTooBright,
        Reason::Glare => Message::ReasonGlare,
        Reason::Blurred => Message::ReasonBlurred,
        Reason::NoLesion => Message::ReasonNoLesion,
        Reason::LesionCutOff => Message::ReasonLesionCutOff,
        Reason::LesionTooSmall => Message::ReasonLesionTooSmall,
    }
}

/// Without its numbers: a number that does not count must not be read.
fn uncounted(abstention: Option<Abstention>) -> Message {
    match abstention {
        Some(Abstention::Novelty { .. }) => Message::CauseNovelty,
        Some(Abstention::Disagreement { .. }) => Message::CauseDisagreement,
        None => Message::CauseUnknown,
    }
}
