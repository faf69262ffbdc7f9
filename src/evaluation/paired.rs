//! Two bundles on the same rows: how much their figures differ, with intervals that draw the same lesions for both.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    answer::{Answer, Question, picked},
    bootstrap::{Draws, Interval},
    metrics::{self, Confusion, Many, Ranked},
};

/// One figure of two bundles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// The bundle that is evaluated.
    pub here: f64,
    /// The bundle that it is compared with.
    pub there: f64,
    /// `here - there`, with the 95 % interval of the difference.
    #[serde(flatten)]
    pub difference: Interval,
}

/// How two bundles differ on the rows that both answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Images that both answered.
    pub n: usize,
    /// Differences by the name of the figure; those of several classes start with `classes.` or the class's name.
    pub differences: BTreeMap<String, Difference>,
    /// Mean distance of the two referral probabilities.
    pub mean_distance: Option<f64>,
    /// Largest distance of the two referral probabilities.
    pub largest_distance: Option<f64>,
    /// Share of images that both refer or both do not, each at its own operating point.
    pub same_decision: Option<f64>,
}

impl Comparison {
    /// Compares the answers of two bundles, each to its own question; rows are matched by file.
    ///
    /// Figures of classes are compared when the classes have the same names in the same order, those of the referral when the
    /// label is the same.
    #[must_use]
    pub fn new(here: (&Question, &[Answer]), there: (&Question, &[Answer])) -> Self {
        let others: BTreeMap<&str, &Answer> = there.1.iter().map(|answer| (answer.row.file.as_str(), answer)).collect();
        let (ours, theirs): (Vec<&Answer>, Vec<&Answer>) =
            here.1.iter().filter_map(|answer| Some((answer, *others.get(answer.row.file.as_str())?))).unzip();
        let mut pair = Pair { questions: [here.0, there.0], answers: [&ours, &theirs], differences: BTreeMap::new() };
        if here.0.label == there.0.label {
            pair.referral();
        }
        if here.0.names == there.0.names && here.0.exclusive == there.0.exclusive {
            pair.classes();
        }
        pair.lesions();
        let differences = pair.differences;
        let distances: Vec<f64> = ours.iter().zip(&theirs).map(|(a, b)| (a.probability - b.probability).abs()).collect();
        let refers = |question: &Question, answer: &Answer| answer.probability >= f64::from(question.chosen.threshold);
        let same = ours.iter().zip(&theirs).filter(|(a, b)| refers(here.0, a) == refers(there.0, b)).count();
        let n = ours.len();
        Self {
            n,
            differences,
            mean_distance: (n > 0).then(|| distances.iter().sum::<f64>() / n as f64),
            largest_distance: distances.iter().copied().reduce(f64::max),
            same_decision: (n > 0).then(|| same as f64 / n as f64),
        }
    }
}

/// Matched answers, and what was found out about them so far.
struct Pair<'a> {
    questions: [&'a Question; 2],
    answers: [&'a [&'a Answer]; 2],
    differences: BTreeMap<String, Difference>,
}

impl Pair<'_> {
    /// Notes `figure`, which is asked with 0 for here and 1 for there.
    fn note(&mut self, name: impl Into<String>, draws: &Draws, figure: impl Fn(usize, &[u32]) -> Option<f64>) {
        let ones = vec![1; draws.rows()];
        let (Some(here), Some(there)) = (figure(0, &ones), figure(1, &ones)) else { return };
        if let Some(difference) = draws.interval(|weights| Some(figure(0, weights)? - figure(1, weights)?)) {
            self.differences.insert(name.into(), Difference { here, there, difference });
        }
    }

    fn referral(&mut self) {
        let [here, there] = [0, 1].map(|of| picked(self.answers[of], |answer| answer.referral(self.questions[of])));
        let (ranked, draws) = ([Ranked::new(&here.0), Ranked::new(&there.0)], Draws::new(&here.1));
        let thresholds = self.questions.map(|question| f64::from(question.chosen.threshold));
        self.note("roc_auc", &draws, |of, weights| metrics::roc_auc(&ranked[of], weights));
        self.note("pr_auc", &draws, |of, weights| metrics::pr_auc(&ranked[of], weights));
        self.note("ece", &draws, |of, weights| metrics::calibration_error(&ranked[of], weights));
        self.note("brier", &draws, |of, weights| metrics::brier(&ranked[of], weights));
        self.note("accuracy", &draws, |of, weights| Confusion::at(&ranked[of], weights, 0.5).accuracy());
        self.note("balanced_accuracy", &draws, |of, weights| Confusion::at(&ranked[of], weights, 0.5).balanced_accuracy());
        self.note("sensitivity", &draws, |of, weights| Confusion::at(&ranked[of], weights, thresholds[of]).sensitivity());
        self.note("specificity", &draws, |of, weights| Confusion::at(&ranked[of], weights, thresholds[of]).specificity());
    }

    fn classes(&mut self) {
        let question = self.questions[0];
        if question.has_types() {
            let [here, there] = self.answers.map(|answers| picked(answers, |answer| answer.typed(question)));
            let (many, draws) = ([&here.0, &there.0].map(|typed| Many::new(typed, question.names.len())), Draws::new(&here.1));
            self.note("classes.accuracy", &draws, |of, weights| many[of].accuracy(weights));
            self.note("classes.balanced_accuracy", &draws, |of, weights| many[of].balanced_accuracy(weights, 1));
            self.note("classes.macro_auc", &draws, |of, weights| many[of].macro_auc(weights));
            self.note("classes.ece", &draws, |of, weights| metrics::calibration_error(many[of].top(), weights));
        }
        for (class, name) in question.names.iter().enumerate().filter(|_| !question.exclusive) {
            let [here, there] = self.answers.map(|answers| picked(answers, |answer| answer.class(question, class)));
            let (ranked, draws) = ([&here.0, &there.0].map(|scored| Ranked::new(scored)), Draws::new(&here.1));
            self.note(format!("{name}.roc_auc"), &draws, |of, weights| metrics::roc_auc(&ranked[of], weights));
        }
    }

    fn lesions(&mut self) {
        self.means("mask.jaccard", |answer| Some(answer.outline?.jaccard()));
        self.means("cam_in_lesion", |answer| answer.attention?.inside);
    }

    /// Notes the mean of what `pick` finds, over the rows where it finds it for both.
    fn means(&mut self, name: &str, pick: impl Fn(&Answer) -> Option<f64>) {
        let rows = self.answers[0].iter().zip(self.answers[1]);
        let both = rows.filter_map(|(here, there)| Some((pick(here)?, pick(there)?, here.row.lesion.as_str())));
        let (mut values, mut lesions) = ([vec![], vec![]], vec![]);
        for (here, there, lesion) in both {
            values[0].push(here);
            values[1].push(there);
            lesions.push(lesion);
        }
        self.note(name, &Draws::new(&lesions), |of, weights| super::bootstrap::weighted_mean(&values[of], weights));
    }
}

#[cfg(test)]
mod tests {
    use super::{super::answer::examples::*, *};

    fn answers(shift: f64) -> Vec<Answer> {
        // Overlapping classes, so that the area is neither 0.5 nor 1.
        let probability = |i: u32| f64::from((i * 37 + 11) % 101) / 150.0 + f64::from(u8::from(i.is_multiple_of(2))) * 0.2;
        (0..120).map(|i| answer(&i.to_string(), probability(i) + shift * f64::from(i % 7) / 7.0, Some(i % 2 == 0))).collect()
    }

    #[test]
    fn a_bundle_does_not_differ_from_itself() {
        let (question, answers) = (question(&["benign", "malignant"], true), answers(0.0));
        let found = Comparison::new((&question, &answers), (&question, &answers));
        assert_eq!((found.n, found.largest_distance, found.same_decision), (120, Some(0.0), Some(1.0)));
        assert!(found.differences.contains_key("roc_auc"));
        for (name, difference) in &found.differences {
            assert_eq!(difference.difference, Interval { value: 0.0, low: 0.0, high: 0.0 }, "{name}");
        }
    }

    #[test]
    fn an_interval_of_paired_differences_is_narrower_than_that_of_either_figure() {
        let question = question(&["benign", "malignant"], true);
        let (plain, shifted) = (answers(0.0), answers(0.05));
        let found = Comparison::new((&question, &shifted), (&question, &plain));
        let area = found.differences["roc_auc"];
        assert!((area.here - area.there - area.difference.value).abs() < 1e-12);
        let (scored, lesions) = picked(&plain.iter().collect::<Vec<_>>(), |answer| answer.referral(&question));
        let ranked = Ranked::new(&scored);
        let alone = Draws::new(&lesions).interval(|weights| metrics::roc_auc(&ranked, weights)).unwrap();
        assert!(area.difference.high - area.difference.low < 0.5 * (alone.high - alone.low), "{area:?} {alone:?}");
    }

    #[test]
    fn rows_are_matched_by_file_and_what_only_one_answered_does_not_count() {
        let question = question(&["benign", "malignant"], true);
        let all = answers(0.0);
        let mut some: Vec<Answer> = all[10..].to_vec();
        some.reverse();
        let found = Comparison::new((&question, &all), (&question, &some));
        assert_eq!((found.n, found.differences["roc_auc"].difference.value, found.largest_distance), (110, 0.0, Some(0.0)));
    }

    #[test]
    fn bundles_for_other_labels_share_no_figures_of_the_referral() {
        let (here, mut there) = (question(&["a", "b"], true), question(&["c", "d"], true));
        there.label = "melanoma".to_owned();
        let found = Comparison::new((&here, &answers(0.0)), (&there, &answers(0.0)));
        assert_eq!((found.n, found.differences.len()), (120, 0));
    }
}
