//! The figures of the referral: the one decision that every bundle makes.

use serde::Serialize;

use super::{
    super::{
        answer::{Answer, Question, picked},
        bootstrap::{Draws, Interval},
        metrics::{Confusion, Ranked},
    },
    yes_no::YesNoFigures,
};
use crate::verdict::OperatingPoint;

/// Figures of the referral; those at an operating point count as referred what is at or above its threshold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReferralFigures {
    /// What needs no operating point.
    #[serde(flatten)]
    pub likelier: YesNoFigures,
    /// Sensitivity at the operating point that was chosen.
    pub sensitivity: Option<Interval>,
    /// Specificity at the operating point that was chosen.
    pub specificity: Option<Interval>,
    /// Accuracy at the operating point that was chosen.
    pub accuracy_at_operating_point: Option<Interval>,
    /// Each of the bundle's operating points.
    pub operating_points: Vec<AtPoint>,
}

/// What one operating point does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AtPoint {
    /// Its name: `sensitivity-95`.
    pub name: String,
    /// Refer at or above this probability.
    pub threshold: f32,
    /// Share of positives that are referred.
    pub sensitivity: Option<Interval>,
    /// Share of negatives that are not.
    pub specificity: Option<Interval>,
    /// Share of decisions that are right.
    pub accuracy: Option<Interval>,
    /// Share of all images that are referred.
    pub referred: Option<Interval>,
}

impl AtPoint {
    fn new(point: &OperatingPoint, ranked: &Ranked, draws: &Draws) -> Self {
        let figure =
            |of: fn(&Confusion) -> Option<f64>| draws.interval(|weights| of(&Confusion::at(ranked, weights, f64::from(point.threshold))));
        Self {
            name: point.name.clone(),
            threshold: point.threshold,
            sensitivity: figure(Confusion::sensitivity),
            specificity: figure(Confusion::specificity),
            accuracy: figure(Confusion::accuracy),
            referred: figure(Confusion::referred),
        }
    }
}

impl ReferralFigures {
    /// The figures on those answers whose label is known.
    #[must_use]
    pub fn new(question: &Question, answers: &[&Answer]) -> Self {
        let (scored, lesions) = picked(answers, |answer| answer.referral(question));
        let (ranked, draws) = (Ranked::new(&scored), Draws::new(&lesions));
        let chosen = AtPoint::new(&question.chosen, &ranked, &draws);
        Self {
            likelier: YesNoFigures::new(&ranked, &draws),
            sensitivity: chosen.sensitivity,
            specificity: chosen.specificity,
            accuracy_at_operating_point: chosen.accuracy,
            operating_points: question.points.iter().map(|point| AtPoint::new(point, &ranked, &draws)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::answer::examples::*, *};

    #[test]
    fn every_operating_point_is_judged_at_its_own_threshold() {
        let question = question(&["benign", "malignant"], true);
        let answers = [("a", 0.1, Some(false)), ("b", 0.3, Some(true)), ("c", 0.5, Some(false)), ("d", 0.9, Some(true)), ("e", 0.9, None)];
        let answers = answers.map(|(name, probability, label)| answer(name, probability, label));
        let found = ReferralFigures::new(&question, &answers.iter().collect::<Vec<_>>());
        assert_eq!((found.likelier.n, found.likelier.positives), (4, 2));
        let value = |figure: Option<Interval>| figure.unwrap().value;
        assert_eq!((value(found.sensitivity), value(found.specificity), value(found.accuracy_at_operating_point)), (1.0, 0.5, 0.75));
        let [low, high] = &found.operating_points[..] else { panic!("two operating points") };
        assert_eq!((value(low.sensitivity), value(low.specificity), value(low.referred)), (1.0, 0.5, 0.75));
        assert_eq!((value(high.sensitivity), value(high.specificity), value(high.referred)), (0.5, 1.0, 0.25));
    }
}
