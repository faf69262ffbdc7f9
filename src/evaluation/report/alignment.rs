//! How far a picture and its measured criteria agree in the space that they share.

use serde::Serialize;

use super::super::{
    answer::{Answer, picked},
    bootstrap::{Draws, Interval},
    criteria::Criteria,
    metrics::Alignment,
};

/// Figures of alignment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlignmentFigures {
    /// Images with both embeddings.
    pub n: usize,
    /// Mean cosine of an image with its own criteria.
    pub positive: Option<Interval>,
    /// Mean cosine of an image with the criteria of another image, over all pairs.
    pub negative: Option<Interval>,
    /// Retrieval of an image's own criteria among those of all images.
    pub retrieval: Vec<Recall>,
    /// The nearest prototype, where the bundle has any.
    pub prototypes: Option<PrototypeFigures>,
}

/// How often an image's own criteria are among the nearest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recall {
    /// How many of the nearest are looked at.
    pub at: usize,
    /// Share of images whose own criteria are among them; those that lie as near count as nearer.
    pub recall: Option<Interval>,
    /// The share that guessing would reach.
    pub chance: f64,
}

/// The level of the nearest prototype beside the measured level of all criteria together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PrototypeFigures {
    /// Images that have both.
    pub n: usize,
    /// Share with the same level.
    pub same: Option<Interval>,
    /// Share at most one level apart.
    pub within_one: Option<Interval>,
    /// The share at most one level apart if the two had nothing to do with each other, from how often each level occurs in both.
    pub within_one_by_chance: f64,
}

/// Depths at which retrieval is measured.
const DEPTHS: [usize; 2] = [1, 10];

impl AlignmentFigures {
    /// The figures on those answers that have both embeddings; `None` when none has, or they are not of one space.
    #[must_use]
    pub fn new(answers: &[&Answer]) -> Option<Self> {
        let (criteria, lesions) = of_criteria(answers, |criteria| Some(criteria.clone()));
        let embeddings: Vec<_> = criteria.iter().map(|of| (&of.embedding[..], &of.criteria_embedding[..])).collect();
        let alignment = Alignment::new(&embeddings)?;
        let draws = Draws::new(&lesions);
        let (n, places) = (criteria.len(), alignment.places());
        let recall = |at: usize| {
            let hits: Vec<f64> = places.iter().map(|place| f64::from(u8::from(*place <= at))).collect();
            Recall { at, recall: draws.mean(&hits), chance: (at as f64 / n as f64).min(1.0) }
        };
        Some(Self {
            n,
            positive: draws.mean(alignment.own()),
            negative: draws.interval(|weights| alignment.others(weights)),
            retrieval: DEPTHS.map(recall).to_vec(),
            prototypes: PrototypeFigures::new(answers),
        })
    }
}

impl PrototypeFigures {
    fn new(answers: &[&Answer]) -> Option<Self> {
        let (levels, lesions) = of_criteria(answers, |criteria| Some((criteria.nearest?, criteria.severity[3])));
        let draws = Draws::new(&lesions);
        let apart = |most: u8| levels.iter().map(|(one, other)| f64::from(u8::from(one.abs_diff(*other) <= most))).collect::<Vec<_>>();
        let near = |one: u8| levels.iter().filter(|(_, other)| one.abs_diff(*other) <= 1).count();
        let pairs: usize = levels.iter().map(|(one, _)| near(*one)).sum();
        (!levels.is_empty()).then(|| Self {
            n: levels.len(),
            same: draws.mean(&apart(0)),
            within_one: draws.mean(&apart(1)),
            within_one_by_chance: pairs as f64 / (levels.len() * levels.len()) as f64,
        })
    }
}

fn of_criteria<'a, T>(answers: &[&'a Answer], pick: impl Fn(&Criteria) -> Option<T>) -> (Vec<T>, Vec<&'a str>) {
    picked(answers, |answer| pick(answer.criteria.as_ref()?))
}

#[cfg(test)]
mod tests {
    use super::{super::super::answer::examples::*, *};

    fn axis(at: usize) -> Vec<f32> {
        (0..20).map(|place| f32::from(u8::from(place == at))).collect()
    }

    /// Twenty images with axes of their own; the criteria of image `i` are those of `partner(i)`.
    fn answers(partner: impl Fn(usize) -> usize) -> Vec<Answer> {
        (0..20)
            .map(|at| {
                let mut answer = answer(&at.to_string(), 0.5, None);
                let mut of = criteria([0.0; 3]);
                (of.embedding, of.criteria_embedding) = (axis(at), axis(partner(at)));
                answer.criteria = Some(of);
                answer
            })
            .collect()
    }

    fn figures(answers: &[Answer]) -> AlignmentFigures {
        AlignmentFigures::new(&answers.iter().collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn recall_counts_the_rows_that_a_permutation_leaves_in_place() {
        let found = figures(&answers(|at| if at < 5 { (at + 1) % 5 } else { at }));
        let value = |figure: Option<Interval>| figure.unwrap().value;
        assert_eq!((found.n, value(found.positive)), (20, 0.75));
        assert!((value(found.negative) - 5.0 / 380.0).abs() < 1e-12);
        let recall: Vec<_> = found.retrieval.iter().map(|recall| (recall.at, value(recall.recall), recall.chance)).collect();
        assert_eq!(recall, [(1, 0.75, 0.05), (10, 0.75, 0.5)]);
        assert_eq!(found.prototypes, None);
    }

    #[test]
    fn levels_are_compared_with_the_measured_one() {
        let mut answers = answers(|at| at);
        for (at, answer) in answers.iter_mut().enumerate() {
            let of = answer.criteria.as_mut().unwrap();
            // All measured 3; nearest 3 three times, 4 twice, 1 fifteen times.
            (of.severity[3], of.nearest) = (
                3,
                Some(if at < 3 {
                    3
                } else if at < 5 {
                    4
                } else {
                    1
                }),
            );
        }
        let found = figures(&answers).prototypes.unwrap();
        let value = |figure: Option<Interval>| figure.unwrap().value;
        assert_eq!((found.n, value(found.same), value(found.within_one), found.within_one_by_chance), (20, 0.15, 0.25, 0.25));
    }

    #[test]
    fn there_is_no_alignment_without_embeddings() {
        let mut answers = answers(|at| at);
        answers.iter_mut().for_each(|answer| answer.criteria = None);
        assert_eq!(AlignmentFigures::new(&answers.iter().collect::<Vec<_>>()), None);
    }
}
