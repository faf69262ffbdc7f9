//! What is gained by not answering: the figures on what a bundle does answer, and when the least certain rows are withheld.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    super::answer::{Abstained, Answer, Question},
    headline::Headline,
};

/// Shares of the set that are answered, in the steps of a [coverage curve](Abstention::coverage).
const COVERAGES: [f64; 8] = [1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4];

/// Coverage against what is right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Abstention {
    /// Images that the bundle would not answer, by cause.
    pub abstained: BTreeMap<&'static str, usize>,
    /// Share of images that it would answer.
    pub coverage: Option<f64>,
    /// Figures on what it would answer.
    pub answered: Headline,
    /// Figures on what it would not.
    pub withheld: Headline,
    /// Figures when the share `coverage` of the set is answered and the rest withheld, by what decides which:
    /// `referral` (nearest to one half first), `confidence` (least likely likeliest class first), `novelty`, `disagreement` (largest first).
    pub curves: BTreeMap<&'static str, Vec<Step>>,
}

/// One point of a coverage curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Share of the set that is answered.
    pub coverage: f64,
    /// Figures on it.
    #[serde(flatten)]
    pub figures: Headline,
}

/// Answers in the order in which they would be withheld last: the most certain first.
pub type Kept<'a> = Vec<&'a Answer>;

impl Abstention {
    /// Works out both.
    #[must_use]
    pub fn new(question: &Question, answers: &[&Answer]) -> Self {
        let (answered, withheld): (Kept, Kept) = answers.iter().copied().partition(|answer| answer.abstained.is_none());
        let count = |cause: Abstained| (cause.name(), withheld.iter().filter(|answer| answer.abstained == Some(cause)).count());
        let mut curves = BTreeMap::from([("referral", order_by_certainty(answers))]);
        if question.has_types() {
            curves.insert("confidence", order_by_confidence(answers));
        }
        if !answers.is_empty() && answers.iter().all(|answer| answer.novelty.is_some()) {
            curves.insert("novelty", order(answers, |answer| -answer.novelty.unwrap_or_default()));
        }
        if answers.iter().any(|answer| answer.disagreement > 0.0) {
            curves.insert("disagreement", order(answers, |answer| -answer.disagreement));
        }
        Self {
            abstained: [Abstained::Novelty, Abstained::Disagreement].map(count).into(),
            coverage: (!answers.is_empty()).then(|| answered.len() as f64 / answers.len() as f64),
            answered: Headline::new(question, &answered),
            withheld: Headline::new(question, &withheld),
            curves: curves.into_iter().map(|(by, kept)| (by, steps(question, &kept))).collect(),
        }
    }
}

/// The answers whose referral is least in doubt first.
#[must_use]
pub fn order_by_certainty<'a>(answers: &[&'a Answer]) -> Kept<'a> {
    order(answers, Answer::referral_certainty)
}

/// The answers whose named class is likeliest first.
#[must_use]
pub fn order_by_confidence<'a>(answers: &[&'a Answer]) -> Kept<'a> {
    order(answers, |answer| answer.probabilities.get(answer.named).copied().unwrap_or_default())
}

fn order<'a>(answers: &[&'a Answer], certainty: impl Fn(&Answer) -> f64) -> Kept<'a> {
    let mut kept = answers.to_vec();
    kept.sort_by(|one, other| certainty(other).total_cmp(&certainty(one)));
    kept
}

fn steps(question: &Question, kept: &[&Answer]) -> Vec<Step> {
    let step = |coverage: f64| {
        let answered = (coverage * kept.len() as f64).round() as usize;
        Step { coverage, figures: Headline::new(question, &kept[..answered]) }
    };
    COVERAGES.iter().map(|coverage| step(*coverage)).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::super::answer::examples::*, *};

    /// Right when sure, no better than chance near one half.
    fn answers() -> Vec<Answer> {
        (0..80)
            .map(|i| {
                let (yes, sure) = (i % 2 == 0, i % 4 < 2);
                let probability = match (sure, yes) {
                    (true, true) => 0.95,
                    (true, false) => 0.05,
                    (false, _) => {
                        if i % 8 < 4 {
                            0.55
                        } else {
                            0.45
                        }
                    }
                };
                let mut answer = answer(&i.to_string(), probability, Some(yes));
                answer.abstained = (!sure).then_some(if i % 3 == 0 { Abstained::Novelty } else { Abstained::Disagreement });
                answer.disagreement = if sure { 0.0 } else { 0.3 };
                answer
            })
            .collect()
    }

    #[test]
    fn withholding_what_is_uncertain_raises_the_figures_on_the_rest() {
        let question = question(&["benign", "malignant"], true);
        let answers = answers();
        let found = Abstention::new(&question, &answers.iter().collect::<Vec<_>>());
        assert_eq!(found.coverage, Some(0.5));
        assert_eq!(found.abstained.values().sum::<usize>(), 40);
        let accuracy = |headline: &Headline| headline.accuracy.known().unwrap().value;
        assert_eq!((accuracy(&found.answered), accuracy(&found.withheld)), (1.0, 0.5));
        for by in ["referral", "disagreement"] {
            let steps = &found.curves[by];
            assert_eq!((steps[0].coverage, accuracy(&steps[0].figures)), (1.0, 0.75));
            let half = steps.iter().find(|step| step.coverage == 0.5).unwrap();
            assert_eq!((half.figures.n, accuracy(&half.figures)), (40, 1.0));
        }
        assert!(!found.curves.contains_key("novelty") && !found.curves.contains_key("confidence"));
    }

    #[test]
    fn an_empty_set_has_no_coverage() {
        let found = Abstention::new(&question(&["benign", "malignant"], true), &[]);
        assert_eq!((found.coverage, found.answered.n), (None, 0));
    }
}
