//! The few figures that are worth asking of a part of a set, where there are rows enough to say anything.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::super::{
    answer::{Answer, Question, picked},
    bootstrap::{Draws, Interval},
    metrics::{self, Confusion, Many, Ranked},
};

/// Fewer rows than this of a class say nothing about it.
pub const FEWEST: usize = 10;

/// A figure of a part of a set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    /// With its interval.
    Known(Interval),
    /// Fewer than [`FEWEST`] rows of a class that it is about; `"too few"` in JSON.
    TooFew,
}

impl Figure {
    /// The interval, where there is one.
    #[must_use]
    pub fn known(&self) -> Option<Interval> {
        match self {
            Self::Known(interval) => Some(*interval),
            Self::TooFew => None,
        }
    }

    fn when(enough: bool, interval: impl FnOnce() -> Option<Interval>) -> Self {
        enough.then(interval).flatten().map_or(Self::TooFew, Self::Known)
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(interval) => interval.serialize(serializer),
            Self::TooFew => serializer.serialize_str("too few"),
        }
    }
}

/// The headline figures of a part of a set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Headline {
    /// Images.
    pub n: usize,
    /// Images whose label is known.
    pub labelled: usize,
    /// Images for which a referral is right.
    pub positives: usize,
    /// Accuracy of the referral's likelier side.
    pub accuracy: Figure,
    /// Area under the referral's ROC curve.
    pub roc_auc: Figure,
    /// Sensitivity at the operating point.
    pub sensitivity: Figure,
    /// Specificity at the operating point.
    pub specificity: Figure,
    /// Of a choice among several classes: share of images whose likeliest class is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_accuracy: Option<Figure>,
    /// Of a choice among several classes: mean recall of the classes with at least [`FEWEST`] images here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_balanced_accuracy: Option<Figure>,
    /// Of classes that are questions of their own: area under the ROC curve of each.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub class_roc_auc: BTreeMap<String, Figure>,
}

impl Headline {
    /// The figures of `answers`.
    #[must_use]
    pub fn new(question: &Question, answers: &[&Answer]) -> Self {
        let (scored, lesions) = picked(answers, |answer| answer.referral(question));
        let (ranked, draws) = (Ranked::new(&scored), Draws::new(&lesions));
        let positives = ranked.positives();
        let (yes, no) = (positives >= FEWEST, ranked.len() - positives >= FEWEST);
        let at = |weights: &[u32], threshold: f32| Confusion::at(&ranked, weights, f64::from(threshold));
        let threshold = question.chosen.threshold;
        let types = question.has_types().then(|| Types::new(question, answers, &lesions, &draws));
        let apart = question.names.iter().enumerate().filter(|_| !question.exclusive);
        Self {
            n: answers.len(),
            labelled: ranked.len(),
            positives,
            accuracy: Figure::when(ranked.len() >= FEWEST, || draws.interval(|weights| at(weights, 0.5).accuracy())),
            roc_auc: Figure::when(yes && no, || draws.interval(|weights| metrics::roc_auc(&ranked, weights))),
            sensitivity: Figure::when(yes, || draws.interval(|weights| at(weights, threshold).sensitivity())),
            specificity: Figure::when(no, || draws.interval(|weights| at(weights, threshold).specificity())),
            class_accuracy: types.as_ref().map(|types| types.accuracy),
            class_balanced_accuracy: types.as_ref().map(|types| types.balanced_accuracy),
            class_roc_auc: apart.map(|(class, name)| (name.clone(), area(question, answers, class))).collect(),
        }
    }
}

struct Types {
    accuracy: Figure,
    balanced_accuracy: Figure,
}

impl Types {
    /// `drawn` are `draws` of the rows of `of`: mostly those that are needed here too, and drawing takes longest.
    fn new(question: &Question, answers: &[&Answer], of: &[&str], drawn: &Draws) -> Self {
        let (mut typed, mut lesions) = picked(answers, |answer| answer.typed(question));
        let all = Many::new(&typed, question.names.len());
        let fresh = (lesions != of).then(|| Draws::new(&lesions));
        let draws = fresh.as_ref().unwrap_or(drawn);
        let accuracy = Figure::when(typed.len() >= FEWEST, || draws.interval(|weights| all.accuracy(weights)));
        // Classes are kept or left out once, for all draws: a class that comes and goes would widen the interval.
        let known: Vec<bool> = (0..question.names.len()).map(|class| all.against_rest(class).positives() >= FEWEST).collect();
        let kept: Vec<bool> = typed.iter().map(|row| known[row.truth]).collect();
        let complete = kept.iter().all(|kept| *kept);
        retain(&mut typed, &kept);
        retain(&mut lesions, &kept);
        let enough = known.iter().filter(|known| **known).count() > 1;
        let balanced_accuracy = Figure::when(enough, || {
            if complete {
                return draws.interval(|weights| all.balanced_accuracy(weights, 1));
            }
            let common = Many::new(&typed, question.names.len());
            Draws::new(&lesions).interval(|weights| common.balanced_accuracy(weights, 1))
        });
        Self { accuracy, balanced_accuracy }
    }
}

fn retain<T>(rows: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    rows.retain(|_| kept.next().copied().unwrap_or_default());
}

fn area(question: &Question, answers: &[&Answer], class: usize) -> Figure {
    let (scored, lesions) = picked(answers, |answer| answer.class(question, class));
    let ranked = Ranked::new(&scored);
    let enough = ranked.positives() >= FEWEST && ranked.len() - ranked.positives() >= FEWEST;
    Figure::when(enough, || Draws::new(&lesions).interval(|weights| metrics::roc_auc(&ranked, weights)))
}

#[cfg(test)]
mod tests {
    use super::{super::super::answer::examples::*, *};

    #[test]
    fn what_there_are_too_few_rows_for_is_not_said() {
        let question = question(&["benign", "malignant"], true);
        let answers: Vec<Answer> = (0..30).map(|i| answer(&i.to_string(), f64::from(i) / 30.0, Some(i > 20))).collect();
        let found = Headline::new(&question, &answers.iter().collect::<Vec<_>>());
        assert_eq!((found.n, found.labelled, found.positives), (30, 30, 9));
        assert_eq!((found.roc_auc, found.sensitivity), (Figure::TooFew, Figure::TooFew));
        assert!(found.specificity.known().is_some() && found.accuracy.known().is_some());
        assert_eq!(serde_json::to_value(found.roc_auc).unwrap(), "too few");

        let more: Vec<Answer> = (0..30).map(|i| answer(&i.to_string(), f64::from(i) / 30.0, Some(i > 19))).collect();
        let found = Headline::new(&question, &more.iter().collect::<Vec<_>>());
        assert_eq!(found.roc_auc.known().unwrap().value, 1.0);
        assert_eq!(serde_json::to_value(found.roc_auc).unwrap()["value"], 1.0);
    }

    #[test]
    fn balanced_accuracy_is_over_the_classes_with_rows_enough() {
        let question = question(&["nv", "mel", "df"], true);
        let typed = |i: usize| {
            let mut answer = answer(&i.to_string(), 0.5, None);
            // 12 nevi of which 9 are called so, 10 melanomas of which 5 are, one dermatofibroma that is not.
            let (dx, chosen) = match i {
                0..9 => ("nv", 0),
                9..12 => ("nv", 1),
                12..17 => ("mel", 1),
                17..22 => ("mel", 0),
                _ => ("df", 0),
            };
            answer.row.dx = Some(dx.to_owned());
            answer.probabilities = (0..3).map(|class| if class == chosen { 0.8 } else { 0.1 }).collect();
            answer.named = chosen;
            answer
        };
        let answers: Vec<Answer> = (0..23).map(typed).collect();
        let found = Headline::new(&question, &answers.iter().collect::<Vec<_>>());
        assert_eq!(found.class_balanced_accuracy.unwrap().known().unwrap().value, 0.625);
        assert_eq!(found.class_accuracy.unwrap().known().unwrap().value, 14.0 / 23.0);
        let nevi = Headline::new(&question, &answers[..12].iter().collect::<Vec<_>>());
        assert_eq!(nevi.class_balanced_accuracy, Some(Figure::TooFew));
    }
}
