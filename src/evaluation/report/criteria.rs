//! What is measured and read of A, B and C beside what people said: raters of the same image, and experts (PH2).

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::{
    answer::Answer,
    bootstrap::{Draws, Interval},
    criteria::{Criterion, Value},
    metrics::{self, Ranked, Ranks, Raters, Scored, spearman},
};

/// Figures of criteria.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CriteriaFigures {
    /// Images whose criteria were measured.
    pub n: usize,
    /// Images without a lesion to measure; they count in none of these figures.
    pub unmeasured: usize,
    /// Beside raters, by criterion; those that no image is rated for are not there.
    pub raters: BTreeMap<&'static str, AgainstRaters>,
    /// Beside experts, where there are any.
    pub experts: Option<AgainstExperts>,
}

/// One criterion beside its raters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgainstRaters {
    /// Images that were rated by all raters and measured.
    pub n: usize,
    /// How far raters agree: Spearman's correlation of each with the mean of the others, averaged.
    pub agreement: Option<Interval>,
    /// The most that anything can be expected to correlate with their mean (root of its Spearman-Brown reliability).
    pub ceiling: Option<Interval>,
    /// Correlation with the raters' mean, by value; the network's reading only where every image has one.
    pub values: BTreeMap<Value, AgainstMean>,
}

/// One value beside the raters' mean.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgainstMean {
    /// Spearman's correlation with the raters' mean; `None` where either is the same everywhere.
    pub spearman: Option<Interval>,
    /// That by the raters' agreement, from the same draws. Only where the agreement's interval lies above 0: there is no share of nothing.
    pub share: Option<Interval>,
}

/// Criteria beside experts' (PH2).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgainstExperts {
    /// Images with an expert's asymmetry.
    pub n: usize,
    /// Of these, symmetric about both axes (0).
    pub symmetric: usize,
    /// Of these, asymmetric about both axes (2).
    pub asymmetric: usize,
    /// Area under the ROC curve of A for 2 against 0, by value.
    pub asymmetry_roc_auc: BTreeMap<Value, Option<Interval>>,
    /// Spearman's correlation of A with 0, 1 and 2, by value.
    pub asymmetry_spearman: BTreeMap<Value, Option<Interval>>,
    /// Spearman's correlation of C with the number of colours that experts saw, by value.
    pub colour_spearman: BTreeMap<Value, Option<Interval>>,
}

impl CriteriaFigures {
    /// The figures on those answers whose criteria were measured; `None` when none were.
    #[must_use]
    pub fn new(answers: &[&Answer]) -> Option<Self> {
        let measured: Vec<&Answer> = answers.iter().copied().filter(|answer| answer.criteria.is_some()).collect();
        let raters = Criterion::ALL.into_iter().filter_map(|of| Some((of.name(), AgainstRaters::new(&measured, of)?)));
        (!measured.is_empty()).then(|| Self {
            n: measured.len(),
            unmeasured: answers.len() - measured.len(),
            raters: raters.collect(),
            experts: AgainstExperts::new(&measured),
        })
    }
}

impl AgainstRaters {
    fn new(measured: &[&Answer], of: Criterion) -> Option<Self> {
        let ratings = |answer: &&Answer| of.ratings(&answer.row.ratings).len();
        // The number of raters that most images have: who rated fewer or more images is not the same crowd.
        let raters = measured.iter().map(ratings).max()?;
        let rated: Vec<&Answer> = measured.iter().copied().filter(|answer| ratings(answer) == raters).collect();
        let all: Vec<&[f64]> = rated.iter().map(|answer| of.ratings(&answer.row.ratings)).collect();
        let people = Raters::new(&all)?;
        let sums = Ranks::new(&all.iter().map(|ratings| ratings.iter().sum()).collect::<Vec<_>>());
        let draws = draws(&rated);
        let agreement = draws.interval(|weights| people.agreement(weights));
        let can_be_shared = agreement.is_some_and(|agreement| agreement.low > 0.0);
        let value = |value: Value| {
            let ranks = ranks(&rated, of, value)?;
            let share = |weights: &[u32]| {
                let agreement = people.agreement(weights).filter(|agreement| *agreement > 0.0)?;
                Some(spearman(&ranks, &sums, weights)? / agreement)
            };
            Some(AgainstMean {
                spearman: draws.interval(|weights| spearman(&ranks, &sums, weights)),
                share: can_be_shared.then(|| draws.interval(share)).flatten(),
            })
        };
        Some(Self {
            n: rated.len(),
            ceiling: draws.interval(|weights| people.ceiling(weights)),
            agreement,
            values: Value::ALL.into_iter().filter_map(|of| Some((of, value(of)?))).collect(),
        })
    }
}

impl AgainstExperts {
    fn new(measured: &[&Answer]) -> Option<Self> {
        let axes = |answer: &&&Answer| answer.row.ratings.expert_asymmetry.is_some();
        let seen: Vec<&Answer> = measured.iter().filter(axes).copied().collect();
        let with = |number: u8| seen.iter().filter(|answer| answer.row.ratings.expert_asymmetry == Some(number)).count();
        (!seen.is_empty()).then(|| Self {
            n: seen.len(),
            symmetric: with(0),
            asymmetric: with(2),
            asymmetry_roc_auc: each(&seen, Criterion::Asymmetry, |value| roc_auc(&seen, value)),
            asymmetry_spearman: each(&seen, Criterion::Asymmetry, |value| {
                correlation(&seen, Criterion::Asymmetry, value, |answer| answer.row.ratings.expert_asymmetry)
            }),
            colour_spearman: each(&seen, Criterion::Colour, |value| {
                correlation(&seen, Criterion::Colour, value, |answer| answer.row.ratings.expert_colours)
            }),
        })
    }
}

/// A figure for each value that all of `answers` have.
fn each(answers: &[&Answer], of: Criterion, figure: impl Fn(Value) -> Option<Interval>) -> BTreeMap<Value, Option<Interval>> {
    Value::ALL.into_iter().filter(|value| ranks(answers, of, *value).is_some()).map(|value| (value, figure(value))).collect()
}

/// Area under the ROC curve of A for lesions that experts call asymmetric about both axes against symmetric ones.
fn roc_auc(answers: &[&Answer], value: Value) -> Option<Interval> {
    let sides: Vec<&Answer> = answers.iter().copied().filter(|answer| matches!(answer.row.ratings.expert_asymmetry, Some(0 | 2))).collect();
    let scored = |answer: &&Answer| {
        let probability = value.of(answer.criteria.as_ref()?, Criterion::Asymmetry)?;
        Some(Scored { probability, positive: answer.row.ratings.expert_asymmetry == Some(2) })
    };
    let ranked = Ranked::new(&sides.iter().map(scored).collect::<Option<Vec<_>>>()?);
    draws(&sides).interval(|weights| metrics::roc_auc(&ranked, weights))
}

/// Spearman's correlation with what experts said, of those answers for which they said something.
fn correlation(answers: &[&Answer], of: Criterion, value: Value, said: impl Fn(&Answer) -> Option<u8>) -> Option<Interval> {
    let known: Vec<&Answer> = answers.iter().copied().filter(|answer| said(answer).is_some()).collect();
    let truth = Ranks::new(&known.iter().filter_map(|answer| Some(f64::from(said(answer)?))).collect::<Vec<_>>());
    let ranks = ranks(&known, of, value)?;
    draws(&known).interval(|weights| spearman(&ranks, &truth, weights))
}

/// The order that a value gives; `None` unless all have it.
fn ranks(answers: &[&Answer], of: Criterion, value: Value) -> Option<Ranks> {
    let values = answers.iter().map(|answer| value.of(answer.criteria.as_ref()?, of));
    Some(Ranks::new(&values.collect::<Option<Vec<f64>>>()?))
}

fn draws(answers: &[&Answer]) -> Draws {
    Draws::new(&answers.iter().map(|answer| answer.row.lesion.as_str()).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::{super::super::answer::examples::*, *};

    /// Numbers without an order of their own.
    fn scrambled(at: usize, times: u32) -> f64 {
        f64::from((at as u32 + 1).wrapping_mul(times) >> 16) / 65_536.0
    }

    /// `n` measured answers whose raters say roughly what is measured of A, say anything of B, and all the same of C.
    fn answers(n: usize) -> Vec<Answer> {
        (0..n)
            .map(|at| {
                let mut answer = answer(&at.to_string(), 0.5, None);
                let truth = at as f64;
                let near = |times| truth + 12.0 * scrambled(at, times);
                answer.criteria = Some(criteria([truth, truth, truth]));
                answer.row.ratings.asymmetry = vec![near(2_654_435_761), near(1_597_334_677), near(3_266_489_917)];
                answer.row.ratings.border = [2_654_435_761, 1_597_334_677, 3_266_489_917].map(|times| scrambled(at, times)).to_vec();
                answer.row.ratings.colour = vec![3.0; 3];
                answer
            })
            .collect()
    }

    fn figures(answers: &[Answer]) -> CriteriaFigures {
        CriteriaFigures::new(&answers.iter().collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn what_raters_agree_on_is_found_and_shared_and_what_they_do_not_has_no_share() {
        let found = figures(&answers(80));
        let asymmetry = &found.raters["asymmetry"];
        let measured = &asymmetry.values[&Value::Measured];
        let (rho, agreement) = (measured.spearman.unwrap(), asymmetry.agreement.unwrap());
        assert!(rho.value > 0.95 && rho.low <= rho.value && rho.value <= rho.high, "{rho:?}");
        // What is measured is the very thing that raters see through noise: it is nearer to their mean than one of them is.
        let share = measured.share.unwrap();
        assert!((share.value - rho.value / agreement.value).abs() < 1e-12 && share.low > 1.0, "{share:?}");
        assert!(asymmetry.ceiling.unwrap().value > agreement.value);
        let border = &found.raters["border"];
        assert!(border.agreement.unwrap().low < 0.0 && border.values[&Value::Measured].share.is_none(), "{border:?}");
        let colour = &found.raters["colour"];
        assert_eq!((colour.agreement, colour.values[&Value::Measured].spearman), (None, None));
    }

    #[test]
    fn images_that_are_not_rated_or_not_measured_count_nowhere() {
        let mut answers = answers(30);
        answers[0].criteria = None;
        answers[1].row.ratings.asymmetry.clear();
        answers[2].row.ratings.asymmetry.pop();
        let found = figures(&answers);
        assert_eq!((found.n, found.unmeasured, found.raters["asymmetry"].n, found.raters["border"].n), (29, 1, 27, 29));
        assert_eq!(found.experts, None);
        answers.iter_mut().for_each(|answer| answer.criteria = None);
        assert_eq!(CriteriaFigures::new(&answers.iter().collect::<Vec<_>>()), None);
    }

    #[test]
    fn experts_are_met_by_what_puts_their_sides_apart() {
        let mut answers = answers(30);
        for (at, answer) in answers.iter_mut().enumerate() {
            // Points know nothing; the reading is turned round.
            let criteria = answer.criteria.as_mut().unwrap();
            (criteria.points, criteria.read) = ([1.0; 3], Some([-(at as f64), 0.0, 30.0 - at as f64]));
            answer.row.ratings.expert_asymmetry = Some((at / 10) as u8);
            answer.row.ratings.expert_colours = (at > 3).then_some((at / 5) as u8);
        }
        let found = figures(&answers).experts.unwrap();
        assert_eq!((found.n, found.symmetric, found.asymmetric), (30, 10, 10));
        let area = |value| found.asymmetry_roc_auc[&value].unwrap().value;
        assert_eq!((area(Value::Measured), area(Value::Points), area(Value::Read)), (1.0, 0.5, 0.0));
        assert_eq!(found.asymmetry_spearman[&Value::Points], None);
        assert!(found.asymmetry_spearman[&Value::Measured].unwrap().value > 0.9);
        assert!(found.colour_spearman[&Value::Measured].unwrap().value > 0.9);
        assert!(found.colour_spearman[&Value::Read].unwrap().value < -0.9);
    }

    #[test]
    fn a_reading_that_some_images_lack_is_left_out() {
        let mut answers = answers(12);
        answers[3].criteria.as_mut().unwrap().read = None;
        let found = figures(&answers);
        assert_eq!(found.raters["asymmetry"].values.keys().copied().collect::<Vec<_>>(), [Value::Measured, Value::Points]);
    }
}
