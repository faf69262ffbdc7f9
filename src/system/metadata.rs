//! What a network is told of the patient, as it stands in a manifest under `[metadata]`.
//!
//! A vector of three blocks in this order: age, sex, site. Each block sums to 1 and has one entry more than the manifest lists, its last, which
//! is 1 when nothing is known (or nothing that the network knows): a missing age is an ordinary input, never a zero that means something else.

use serde::{Deserialize, Serialize};

use crate::patient::{Context, Sex, Site};

/// From what is known of a patient to a graph's input `metadata`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Ages in years, ascending. An age is shared linearly between its two neighbours; beyond the first and the last it is theirs.
    pub age: Vec<f32>,
    /// `female` and `male`, in the network's order.
    pub sex: Vec<String>,
    /// Parts of the body by the names of the labelled set that the network learnt from, in the network's order.
    pub site: Vec<String>,
}

impl Metadata {
    /// Name of the graph's input.
    pub const INPUT: &str = "metadata";

    /// Length of the vector: every entry, and one "unknown" a block.
    #[must_use]
    pub fn length(&self) -> usize {
        self.age.len() + self.sex.len() + self.site.len() + 3
    }

    /// Writes the vector for `patient` into `vector`, as far as that is long enough.
    pub fn encode(&self, patient: &Context, vector: &mut [f32]) {
        vector.fill(0.0);
        let (age, rest) = vector.split_at_mut((self.age.len() + 1).min(vector.len()));
        let (sex, site) = rest.split_at_mut((self.sex.len() + 1).min(rest.len()));
        share_age(age, &self.age, patient.age.map(f32::from));
        share_names(sex, &self.sex, patient.sex.map_or(&[], sex_names));
        share_names(site, &self.site, patient.site.map_or(&[], site_names));
    }
}

/// Linear interpolation over the knots.
fn share_age(block: &mut [f32], knots: &[f32], age: Option<f32>) {
    let Some((age, &last)) = age.zip(knots.last()) else { return tell_unknown(block) };
    if age >= last {
        block[knots.len() - 1] = 1.0;
        return;
    }
    match knots.iter().position(|knot| age < *knot) {
        Some(0) | None => block[0] = 1.0,
        Some(above) => {
            let (low, high) = (knots[above - 1], knots[above]);
            let share = (age - low) / (high - low);
            (block[above - 1], block[above]) = (1.0 - share, share);
        }
    }
}

/// Equal shares for those of `meant` that the network knows.
fn share_names(block: &mut [f32], names: &[String], meant: &[&str]) {
    let known = names.iter().filter(|name| meant.contains(&name.as_str())).count();
    if known == 0 {
        return tell_unknown(block);
    }
    for (entry, _) in block.iter_mut().zip(names).filter(|(_, name)| meant.contains(&name.as_str())) {
        *entry = 1.0 / known as f32;
    }
}

fn tell_unknown(block: &mut [f32]) {
    if let Some(unknown) = block.last_mut() {
        *unknown = 1.0;
    }
}

fn sex_names(sex: Sex) -> &'static [&'static str] {
    match sex {
        Sex::Female => &["female"],
        Sex::Male => &["male"],
    }
}

/// What a labelled set calls a part of the body: its own finer names (HAM10000), or the ISIC archive's. A coarse site stands for all the finer
/// ones that it holds, in equal shares. Hands and feet are not among them: palm and back of a hand are different sites here.
fn site_names(site: Site) -> &'static [&'static str] {
    match site {
        Site::HeadNeck => &["head-neck", "head/neck", "face", "neck", "scalp", "ear"],
        Site::AnteriorTorso => &["anterior-torso", "anterior torso", "chest", "abdomen"],
        Site::PosteriorTorso => &["posterior-torso", "posterior torso", "back"],
        Site::LateralTorso => &["lateral-torso", "lateral torso", "trunk"],
        Site::UpperExtremity => &["upper-extremity", "upper extremity"],
        Site::LowerExtremity => &["lower-extremity", "lower extremity"],
        Site::PalmsSoles => &["palms-soles", "palms/soles", "acral"],
        Site::OralGenital => &["oral-genital", "oral/genital", "genital"],
    }
}
