//! The classes of a bundle, as they stand in its manifest under `[classes]`.

use serde::{Deserialize, Serialize};

/// Class names in the order of the network's scores. They are data for tables and never shown to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

    /// The class whose evidence is shown, from one calibrated probability a class: behind a referral the likeliest positive class, else the
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
