//! The classes of a bundle, as they stand in its manifest under `[classes]`.

use serde::{Deserialize, Serialize};

/// Class names in the order of the network's scores. They are data for tables and the page of details, never an outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classes {
    /// At least two names, each once.
    pub names: Vec<String>,
    /// Whether the classes exclude each other.
    #[serde(default)]
    pub relation: Relation,
    /// The classes that ask for a referral: at least one of `names`, and not all of them where they exclude each other.
    pub positive: Vec<String>,
    /// What the positive classes are together, which is also the name of the column that tells their truth in a labelled set.
    pub label: String,
    /// How often each class is among the images that the calibration was fitted on, above 0; nothing where classes are named as likely as they are.
    ///
    /// Classes of a labelled set differ in number by a factor of fifty, and a clinic's do otherwise. With frequencies a picture is of the class
    /// that it would most likely be if all were equally common (Bayes' rule for the mean recall over classes); the probability of a referral
    /// stays calibrated at the frequencies as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frequencies: Vec<f32>,
}

/// What the scores of several classes have to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// A picture is of exactly one class: softmax over the scores.
    #[default]
    Exclusive,
    /// Each class has a yes or no of its own, and all can be no: a logistic function of each score.
    Independent,
}

impl Relation {
    /// Its name in manifests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exclusive => "exclusive",
            Self::Independent => "independent",
        }
    }
}

impl Classes {
    /// Whether the class at `class` asks for a referral.
    #[must_use]
    pub fn is_positive(&self, class: usize) -> bool {
        self.names.get(class).is_some_and(|name| self.positive.contains(name))
    }

    /// The probability that a referral is asked for, from one calibrated probability a class (in the order of the names): their sum over the
    /// positive classes where classes exclude each other, else the largest of them. In [0, 1]; no number when one of them is none.
    #[must_use]
    pub fn referral(&self, probabilities: &[f32]) -> f32 {
        let positive = || probabilities.iter().enumerate().filter(|(class, _)| self.is_positive(*class)).map(|(_, p)| *p);
        match self.relation {
            Relation::Exclusive => match positive().sum::<f32>() {
                // A sum of shares can be above 1 by its last bits.
                above if above > 1.0 => 1.0,
                sum => sum,
            },
            // f32::max would drop what is no number.
            Relation::Independent => positive().fold(0.0, |largest: f32, p| if largest.is_nan() || p <= largest { largest } else { p }),
        }
    }

    /// The probability of each class if all were equally common: `p_k / f_k`, made to sum to 1. As it is where the manifest gives no frequencies.
    #[must_use]
    pub fn at_equal_frequencies(&self, probabilities: &[f32]) -> Vec<f32> {
        if self.frequencies.len() != probabilities.len() {
            return probabilities.to_vec();
        }
        let weighed: Vec<f32> = probabilities.iter().zip(&self.frequencies).map(|(p, frequency)| p / frequency).collect();
        let total: f32 = weighed.iter().sum();
        weighed.into_iter().map(|weight| weight / total).collect()
    }

    /// The class that a picture is named after, from one calibrated probability a class: the likeliest, if all were equally common where the
    /// manifest says how common they are.
    #[must_use]
    pub fn named(&self, probabilities: &[f32]) -> usize {
        let told = self.at_equal_frequencies(probabilities);
        told.iter().enumerate().max_by(|(_, one), (_, other)| one.total_cmp(other)).map_or(0, |(class, _)| class)
    }

    /// The class whose evidence is shown, from one probability a class: behind a referral the likeliest positive class, else the
    /// likeliest of the others. `None` where classes are independent, no referral is asked for and no other class is likelier than not: then
    /// the picture shows none of them.
    #[must_use]
    pub fn chosen(&self, probabilities: &[f32], refer: bool) -> Option<usize> {
        let same_side = probabilities.iter().enumerate().filter(|(class, _)| self.is_positive(*class) == refer);
        let (class, &likeliest) = same_side.max_by(|(_, one), (_, other)| one.total_cmp(other))?;
        let is_shown = refer || self.relation == Relation::Exclusive || likeliest >= 0.5;
        is_shown.then_some(class)
    }
}
