//! Which sentences of a report stand on a small screen.

use super::{Sentence, keys::Message};

/// How many sentences a small screen has room for.
const SENTENCES: usize = 3;

/// Marks the most important sentences. They keep their order.
pub(super) fn mark(messages: &[Message], sentences: &mut [Sentence]) {
    let mut ranked: Vec<(u8, usize)> =
        messages.iter().enumerate().filter_map(|(at, message)| Some((rank(*message, messages)?, at))).collect();
    ranked.sort_unstable();
    ranked.iter().take(SENTENCES).for_each(|(_, at)| sentences[*at].brief = true);
}

/// How early a sentence finds room, 0 first, among the `messages` of its report; `None` for one that is for the record alone.
fn rank(message: Message, messages: &[Message]) -> Option<u8> {
    use Message as M;
    Some(match message {
        M::Advice | M::AdviceWithoutNumber => 0,
        M::ContradictionLowRefer | M::ContradictionHighNoReferral => 1,
        // Such a contradiction names the level already.
        M::OverallLevel if messages.iter().any(|said| matches!(said, M::ContradictionLowRefer | M::ContradictionHighNoReferral)) => {
            return None;
        }
        M::OverallLevel | M::NotMeasuredOutline | M::NotMeasuredLesion | M::NotMeasuredCriteria => 2,
        M::ReasonTooFewPixels
        | M::ReasonTooDark
        | M::ReasonTooBright
        | M::ReasonGlare
        | M::ReasonBlurred
        | M::ReasonNoLesion
        | M::ReasonLesionCutOff
        | M::ReasonLesionTooSmall
        | M::CauseNovelty
        | M::CauseDisagreement
        | M::CauseUnknown => 2,
        M::ContradictionAgreement => 3,
        M::NotMeasuredCutOff => 4,
        M::ContradictionPrototype | M::ContradictionAsymmetry | M::ContradictionBorder | M::ContradictionColours => 5,
        M::NextRefer | M::NextNoReferralIndicated | M::NextRetake | M::NextCannotAssess => 6,
        _ => return None,
    })
}
