//! Calibration: from a network's scores to probabilities.

use serde::{Deserialize, Serialize};

use crate::system::{Classes, Relation};

/// How one score a class becomes one probability a class, by vector scaling (Guo et al., "On Calibration of Modern Neural Networks", 2017,
/// section 4.2), fitted on validation images with the model that ships:
///
/// `z_k = s_k / temperature_k + bias_k`; classes that exclude each other get `p_k = exp(z_k) / sum_j exp(z_j)`, independent ones
/// `p_k = 1 / (1 + exp(-z_k))`.
///
/// The probability of a referral is then [`Classes::referral`]. With equal temperatures and no bias this is temperature scaling (eq. 9 there).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Divides the score of each class; above 0.
    pub temperature: Vec<f32>,
    /// Added to each of what is left.
    pub bias: Vec<f32>,
}

impl Calibration {
    /// The calibrated probability of every class, in [0, 1], from one score a class. Of classes that exclude each other they sum to 1.
    #[must_use]
    pub fn probabilities(&self, scores: &[f32], relation: Relation) -> Vec<f32> {
        let mut z: Vec<f32> =
            scores.iter().zip(&self.temperature).zip(&self.bias).map(|((score, temperature), bias)| score / temperature + bias).collect();
        match relation {
            Relation::Exclusive => softmax(&mut z),
            Relation::Independent => z.iter_mut().for_each(|z| *z = logistic(*z)),
        }
        z
    }

    /// The calibrated probability of a referral, in [0, 1], from one score a class.
    #[must_use]
    pub fn referral(&self, scores: &[f32], classes: &Classes) -> f32 {
        classes.referral(&self.probabilities(scores, classes.relation))
    }
}

/// `1 / (1 + exp(-z))`.
pub(crate) fn logistic(z: f32) -> f32 {
    1.0 / (1.0 + (-z).exp())
}

fn softmax(z: &mut [f32]) {
    let largest = z.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    z.iter_mut().for_each(|z| *z = (*z - largest).exp());
    let sum: f32 = z.iter().sum();
    z.iter_mut().for_each(|share| *share /= sum);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn classes(count: usize, positive: &[usize], relation: Relation) -> Classes {
        let name = |class: &usize| format!("class-{class}");
        Classes {
            names: (0..count).map(|class| name(&class)).collect(),
            relation,
            positive: positive.iter().map(name).collect(),
            label: "x".to_owned(),
        }
    }

    #[test]
    fn two_exclusive_classes_are_the_logistic_of_their_shifted_and_cooled_difference() {
        let calibration = Calibration { temperature: vec![2.0; 2], bias: vec![0.0, 0.5] };
        let classes = classes(2, &[1], Relation::Exclusive);
        let of = |difference: f32| calibration.referral(&[-difference / 2.0, difference / 2.0], &classes);
        assert_eq!(of(-1.0), 0.5);
        assert!((of(1.0) - 0.731_058_6).abs() < 1e-6);
        assert_eq!((of(-1e6), of(1e6)), (0.0, 1.0));
    }

    #[test]
    fn a_referral_is_the_sum_of_exclusive_classes_and_the_largest_of_independent_ones() {
        let calibration = Calibration { temperature: vec![1.0; 3], bias: vec![0.0; 3] };
        let scores = [0.2_f32.ln(), 0.5_f32.ln(), 0.3_f32.ln()];
        assert!((calibration.referral(&scores, &classes(3, &[0, 2], Relation::Exclusive)) - 0.5).abs() < 1e-6);
        let odds = |odds: f32| odds / (1.0 + odds);
        assert!((calibration.referral(&scores, &classes(3, &[0, 2], Relation::Independent)) - odds(0.3)).abs() < 1e-6);
    }

    #[test]
    fn scores_too_large_to_calibrate_give_no_number_and_never_a_sure_one() {
        let calibration = Calibration { temperature: vec![0.5; 2], bias: vec![0.0; 2] };
        assert!(calibration.referral(&[f32::MAX, f32::MIN], &classes(2, &[1], Relation::Exclusive)).is_nan());
        let independent = classes(2, &[0, 1], Relation::Independent);
        assert!(independent.referral(&[f32::NAN, 0.5]).is_nan() && independent.referral(&[0.5, f32::NAN]).is_nan());
    }

    fn vectors() -> impl Strategy<Value = (Vec<f32>, Calibration)> {
        (2_usize..9).prop_flat_map(|count| {
            let each = |range: std::ops::Range<f32>| prop::collection::vec(range, count);
            (each(-60.0..60.0), each(0.05..10.0), each(-5.0..5.0))
                .prop_map(|(scores, temperature, bias)| (scores, Calibration { temperature, bias }))
        })
    }

    proptest! {
        #[test]
        fn exclusive_probabilities_sum_to_one_and_all_lie_between_zero_and_one((scores, calibration) in vectors()) {
            let shares = calibration.probabilities(&scores, Relation::Exclusive);
            prop_assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            let each = calibration.probabilities(&scores, Relation::Independent);
            prop_assert!(shares.iter().chain(&each).all(|p| (0.0..=1.0).contains(p)));
            prop_assert_eq!((shares.len(), each.len()), (scores.len(), scores.len()));
        }

        #[test]
        fn a_higher_score_of_a_positive_class_never_lowers_the_referral_and_of_another_never_raises_it(
            (scores, calibration) in vectors(), more in 0.0_f32..20.0, at in any::<prop::sample::Index>()
        ) {
            let at = at.index(scores.len());
            let mut higher = scores.clone();
            higher[at] += more;
            for relation in [Relation::Exclusive, Relation::Independent] {
                let classes = classes(scores.len(), &[0], relation);
                let (before, after) = (calibration.referral(&scores, &classes), calibration.referral(&higher, &classes));
                // Rounding of the sum may move the last bits the wrong way.
                if at == 0 {
                    prop_assert!(after >= before - 1e-6, "{} {}", before, after);
                } else {
                    prop_assert!(after <= before + 1e-6, "{} {}", before, after);
                }
            }
        }
    }
}
