//! The figures of one yes/no question.

use serde::Serialize;

use super::super::{
    answer::{Answer, Question, picked},
    bootstrap::{Draws, Interval},
    metrics::{self, Confusion, Ranked, Scored},
};

/// Figures of one yes/no question that need no operating point.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct YesNoFigures {
    /// Images whose truth is known.
    pub n: usize,
    /// Images for which it is yes.
    pub positives: usize,
    /// Accuracy when the likelier side is taken (probability of at least 0.5).
    pub accuracy: Option<Interval>,
    /// Balanced accuracy when the likelier side is taken.
    pub balanced_accuracy: Option<Interval>,
    /// Area under the ROC curve.
    pub roc_auc: Option<Interval>,
    /// Average precision.
    pub pr_auc: Option<Interval>,
    /// Expected calibration error, [`metrics::CALIBRATION_BINS`] bins.
    pub ece: Option<Interval>,
    /// Brier score.
    pub brier: Option<Interval>,
}

impl YesNoFigures {
    /// Works out every figure, with intervals from `draws` over the rows that `ranked` was made of.
    #[must_use]
    pub fn new(ranked: &Ranked, draws: &Draws) -> Self {
        let likelier = |weights: &[u32]| Confusion::at(ranked, weights, 0.5);
        Self {
            n: ranked.len(),
            positives: ranked.positives(),
            accuracy: draws.interval(|weights| likelier(weights).accuracy()),
            balanced_accuracy: draws.interval(|weights| likelier(weights).balanced_accuracy()),
            roc_auc: draws.interval(|weights| metrics::roc_auc(ranked, weights)),
            pr_auc: draws.interval(|weights| metrics::pr_auc(ranked, weights)),
            ece: draws.interval(|weights| metrics::calibration_error(ranked, weights)),
            brier: draws.interval(|weights| metrics::brier(ranked, weights)),
        }
    }

    /// From probabilities and the lesions that they are of.
    #[must_use]
    pub(super) fn of(scored: &[Scored], lesions: &[&str]) -> Self {
        Self::new(&Ranked::new(scored), &Draws::new(lesions))
    }
}

/// The figures of class `class` against the column of its name.
pub(super) fn class(question: &Question, answers: &[&Answer], class: usize) -> YesNoFigures {
    let (scored, lesions) = picked(answers, |answer| answer.class(question, class));
    YesNoFigures::of(&scored, &lesions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_classifier_has_perfect_figures_and_tight_intervals() {
        let rows: Vec<Scored> = (0..60).map(|i| Scored { probability: f64::from(u8::from(i % 3 == 0)), positive: i % 3 == 0 }).collect();
        let lesions: Vec<String> = (0..60).map(|i| (i / 2).to_string()).collect();
        let found = YesNoFigures::of(&rows, &lesions.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!((found.n, found.positives), (60, 20));
        let at = |value| Some(Interval { value, low: value, high: value });
        assert_eq!((found.roc_auc, found.pr_auc, found.accuracy, found.balanced_accuracy), (at(1.0), at(1.0), at(1.0), at(1.0)));
        assert_eq!((found.ece, found.brier), (at(0.0), at(0.0)));
    }

    #[test]
    fn guessing_has_an_area_near_a_half_inside_its_interval() {
        let guess = |i: u32| f64::from(i.wrapping_mul(2_654_435_761) >> 16) / 65_536.0;
        let rows: Vec<Scored> = (0..400).map(|i| Scored { probability: guess(i), positive: i % 2 == 0 }).collect();
        let lesions: Vec<String> = (0..400).map(|i| i.to_string()).collect();
        let area = YesNoFigures::of(&rows, &lesions.iter().map(String::as_str).collect::<Vec<_>>()).roc_auc.unwrap();
        assert!(area.low < 0.5 && 0.5 < area.high && area.high - area.low < 0.15, "{area:?}");
    }
}
