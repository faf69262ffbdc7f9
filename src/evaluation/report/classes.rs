//! The figures of a choice among several classes that exclude each other.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::{
    answer::{Answer, Question, picked},
    bootstrap::{Draws, Interval},
    metrics::{self, Many},
};

/// Figures of the likeliest class against the column `dx`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassFigures {
    /// Images whose class is one of the bundle's.
    pub n: usize,
    /// Images with a class that the bundle does not have; they count in none of these figures.
    pub other_classes: usize,
    /// Share of images whose likeliest class is the true one.
    pub accuracy: Option<Interval>,
    /// Mean recall of the classes that occur.
    pub balanced_accuracy: Option<Interval>,
    /// Mean area under the ROC curve, each class against the rest, of the classes that occur.
    pub macro_auc: Option<Interval>,
    /// Expected calibration error of the likeliest class's probability, [`metrics::CALIBRATION_BINS`] bins.
    pub ece: Option<Interval>,
    /// Each class by itself.
    pub by_class: BTreeMap<String, OneClass>,
    /// Images by true class (outer) and likeliest class (inner).
    pub confusion: BTreeMap<String, BTreeMap<String, usize>>,
}

/// One class among several.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OneClass {
    /// Images of it.
    pub n: usize,
    /// Share of them for which it was the likeliest class.
    pub recall: Option<Interval>,
    /// Area under the ROC curve against all other classes.
    pub roc_auc: Option<Interval>,
    /// Average precision against all other classes.
    pub pr_auc: Option<Interval>,
}

impl ClassFigures {
    /// The figures on those answers whose `dx` is one of the bundle's classes.
    #[must_use]
    pub fn new(question: &Question, answers: &[&Answer]) -> Self {
        let (typed, lesions) = picked(answers, |answer| answer.typed(question));
        let named = answers.iter().filter(|answer| answer.row.dx.is_some()).count();
        let (many, draws) = (Many::new(&typed, question.names.len()), Draws::new(&lesions));
        let one = |class: usize| OneClass {
            n: many.against_rest(class).positives(),
            recall: draws.interval(|weights| many.recall(class, weights)),
            roc_auc: draws.interval(|weights| metrics::roc_auc(many.against_rest(class), weights)),
            pr_auc: draws.interval(|weights| metrics::pr_auc(many.against_rest(class), weights)),
        };
        let row = |counts: Vec<usize>| question.names.iter().cloned().zip(counts).collect();
        Self {
            n: many.len(),
            other_classes: named - many.len(),
            accuracy: draws.interval(|weights| many.accuracy(weights)),
            balanced_accuracy: draws.interval(|weights| many.balanced_accuracy(weights, 1)),
            macro_auc: draws.interval(|weights| many.macro_auc(weights)),
            ece: draws.interval(|weights| metrics::calibration_error(many.top(), weights)),
            by_class: question.names.iter().enumerate().map(|(class, name)| (name.clone(), one(class))).collect(),
            confusion: question.names.iter().cloned().zip(many.confusion().into_iter().map(row)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::answer::examples::*, *};

    fn typed(name: &str, probabilities: [f64; 3], dx: &str) -> Answer {
        let mut answer = answer(name, 0.5, None);
        answer.named = (0..3).fold(0, |best, class| if probabilities[class] > probabilities[best] { class } else { best });
        (answer.probabilities, answer.row.dx) = (probabilities.to_vec(), Some(dx.to_owned()));
        answer
    }

    #[test]
    fn classes_that_the_bundle_does_not_have_are_counted_and_judged_nowhere() {
        let question = question(&["nv", "mel", "df"], true);
        let answers = [
            typed("a", [0.8, 0.1, 0.1], "nv"),
            typed("b", [0.6, 0.3, 0.1], "mel"),
            typed("c", [0.2, 0.7, 0.1], "mel"),
            typed("d", [0.2, 0.7, 0.1], "scc"),
        ];
        let found = ClassFigures::new(&question, &answers.iter().collect::<Vec<_>>());
        assert_eq!((found.n, found.other_classes), (3, 1));
        let value = |figure: Option<Interval>| figure.map(|figure| figure.value);
        assert_eq!((value(found.accuracy), value(found.balanced_accuracy)), (Some(2.0 / 3.0), Some(0.75)));
        assert_eq!(value(found.macro_auc), Some(1.0));
        assert_eq!((found.by_class["df"].n, found.by_class["df"].recall, found.by_class["mel"].n), (0, None, 2));
        assert_eq!((found.confusion["mel"]["nv"], found.confusion["mel"]["mel"], found.confusion["nv"]["df"]), (1, 1, 0));
    }
}
