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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ham10000() -> Metadata {
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        Metadata {
            age: (0..=9).map(|decade| decade as f32 * 10.0).collect(),
            sex: names(&["female", "male"]),
            site: names(&[
                "abdomen",
                "acral",
                "back",
                "chest",
                "ear",
                "face",
                "foot",
                "genital",
                "hand",
                "lower extremity",
                "neck",
                "scalp",
                "trunk",
                "upper extremity",
            ]),
        }
    }

    fn encoded(metadata: &Metadata, patient: &Context) -> [Vec<f32>; 3] {
        let mut vector = vec![f32::NAN; metadata.length()];
        metadata.encode(patient, &mut vector);
        let (age, rest) = vector.split_at(metadata.age.len() + 1);
        let (sex, site) = rest.split_at(metadata.sex.len() + 1);
        [age.to_vec(), sex.to_vec(), site.to_vec()]
    }

    #[test]
    fn an_age_is_shared_between_its_neighbours_and_clamped_at_the_ends() {
        let metadata = Metadata { age: vec![20.0, 40.0, 80.0], ..ham10000() };
        let of = |age| encoded(&metadata, &Context { age, ..Context::default() })[0].clone();
        assert_eq!(of(Some(25)), [0.75, 0.25, 0.0, 0.0]);
        assert_eq!(of(Some(40)), [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(of(Some(70)), [0.0, 0.25, 0.75, 0.0]);
        assert_eq!((of(Some(3)), of(Some(120))), (vec![1.0, 0.0, 0.0, 0.0], vec![0.0, 0.0, 1.0, 0.0]));
        assert_eq!(of(None), [0.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn every_site_but_those_that_the_network_does_not_know_has_a_place() {
        for site in Site::ALL {
            let [_, _, block] = encoded(&ham10000(), &Context { site: Some(site), ..Context::default() });
            assert_eq!(block.last(), Some(&0.0), "{site:?}");
        }
        let few = Metadata { site: vec!["back".to_owned(), "scalp".to_owned()], ..ham10000() };
        let of = |site| encoded(&few, &Context { site: Some(site), ..Context::default() })[2].clone();
        assert_eq!(of(Site::PosteriorTorso), [1.0, 0.0, 0.0]);
        assert_eq!(of(Site::HeadNeck), [0.0, 1.0, 0.0]);
        assert_eq!(of(Site::PalmsSoles), [0.0, 0.0, 1.0]);
    }

    #[test]
    fn a_coarse_site_is_shared_among_the_finer_ones_that_it_holds() {
        let metadata = ham10000();
        let [_, _, block] = encoded(&metadata, &Context { site: Some(Site::HeadNeck), ..Context::default() });
        let held: Vec<&str> =
            metadata.site.iter().zip(&block).filter(|(_, share)| **share == 0.25).map(|(name, _)| name.as_str()).collect();
        assert_eq!(held, ["ear", "face", "neck", "scalp"]);
    }

    proptest! {
        #[test]
        fn every_block_sums_to_one_and_unknown_is_all_or_nothing(
            age in prop::option::of(0_u8..=120), sex in prop::option::of(prop::sample::select(&Sex::ALL[..])),
            site in prop::option::of(prop::sample::select(&Site::ALL[..])), knots in prop::collection::btree_set(0_u8..=120, 1..12)
        ) {
            let metadata = Metadata { age: knots.into_iter().map(f32::from).collect(), ..ham10000() };
            let blocks = encoded(&metadata, &Context { age, sex, site, ..Context::default() });
            for (block, known) in blocks.iter().zip([age.is_some(), sex.is_some(), site.is_some()]) {
                prop_assert!((block.iter().sum::<f32>() - 1.0).abs() < 1e-6);
                prop_assert!(block.iter().all(|share| (0.0..=1.0).contains(share)));
                prop_assert_eq!(block[block.len() - 1], if known { 0.0 } else { 1.0 });
            }
        }
    }
}
