//! The figures of outlines and of where evidence lies.

use serde::Serialize;

use super::super::{
    answer::{Answer, picked},
    bootstrap::{Draws, Interval},
    metrics::{GOOD_JACCARD, Overlap},
};

/// How well drawn lesions agree with the mask files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutlineFigures {
    /// Images with both.
    pub n: usize,
    /// Mean Jaccard index.
    pub jaccard: Option<Interval>,
    /// Mean Dice coefficient.
    pub dice: Option<Interval>,
    /// Mean of the Jaccard index with 0 where it is below 0.65, as ISIC 2018 ranked.
    pub thresholded_jaccard: Option<Interval>,
    /// Share of images below 0.65.
    pub below_065: Option<Interval>,
}

impl OutlineFigures {
    /// The figures on those answers that have an outline to compare; `None` when none has.
    #[must_use]
    pub fn new(answers: &[&Answer]) -> Option<Self> {
        let (outlines, lesions) = picked(answers, |answer| answer.outline);
        let draws = Draws::new(&lesions);
        let mean = |of: &dyn Fn(&Overlap) -> f64| draws.mean(&outlines.iter().map(of).collect::<Vec<f64>>());
        (!outlines.is_empty()).then(|| Self {
            n: outlines.len(),
            jaccard: mean(&Overlap::jaccard),
            dice: mean(&Overlap::dice),
            thresholded_jaccard: mean(&Overlap::thresholded_jaccard),
            below_065: mean(&|outline| f64::from(u8::from(outline.jaccard() < GOOD_JACCARD))),
        })
    }
}

/// Where the evidence lies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttentionFigures {
    /// Images with a mask file's lesion in view and evidence anywhere.
    pub n: usize,
    /// Mean share of the evidence on the lesion.
    #[serde(flatten)]
    pub inside: Option<Interval>,
    /// Mean share of the view that is lesion on the same images: what evidence spread evenly would reach.
    pub lesion_share: Option<Interval>,
    /// Images with a mask file's lesion in view and no evidence anywhere; they count in none of these figures.
    pub without_evidence: usize,
}

impl AttentionFigures {
    /// The figures on those answers that have evidence and a mask; `None` when none has.
    #[must_use]
    pub fn new(answers: &[&Answer]) -> Option<Self> {
        let (all, _) = picked(answers, |answer| answer.attention);
        let (shares, lesions) = picked(answers, |answer| {
            let attention = answer.attention?;
            Some((attention.inside?, attention.lesion))
        });
        let draws = Draws::new(&lesions);
        let (inside, lesion): (Vec<f64>, Vec<f64>) = shares.into_iter().unzip();
        (!all.is_empty()).then(|| Self {
            n: inside.len(),
            inside: draws.mean(&inside),
            lesion_share: draws.mean(&lesion),
            without_evidence: all.len() - inside.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::{answer::examples::answer, truth::Attention},
        *,
    };
    use crate::frame::Mask;

    fn row(width: usize, inside: usize) -> Mask {
        Mask::new(width as u32, 1, (0..width).map(|x| x < inside).collect()).unwrap()
    }

    #[test]
    fn outlines_are_averaged_over_the_images_that_have_one() {
        let mut answers = ["a", "b", "c"].map(|name| answer(name, 0.5, None));
        answers[0].outline = Overlap::of(&row(10, 8), &row(10, 10));
        answers[1].outline = Overlap::of(&row(10, 5), &row(10, 10));
        let found = OutlineFigures::new(&answers.iter().collect::<Vec<_>>()).unwrap();
        let value = |figure: Option<Interval>| figure.unwrap().value;
        assert_eq!((found.n, value(found.jaccard), value(found.thresholded_jaccard), value(found.below_065)), (2, 0.65, 0.4, 0.5));
        assert_eq!(OutlineFigures::new(&[&answers[2]]), None);
    }

    #[test]
    fn evidence_is_averaged_over_the_images_that_have_any() {
        let mut answers = ["a", "b", "c", "d"].map(|name| answer(name, 0.5, None));
        for (answer, inside) in answers.iter_mut().zip([Some(0.9), None, Some(0.5)]) {
            answer.attention = Some(Attention { inside, lesion: 0.25 });
        }
        let found = AttentionFigures::new(&answers.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!((found.n, found.without_evidence), (2, 1));
        assert_eq!((found.inside.unwrap().value, found.lesion_share.unwrap().value), (0.7, 0.25));
        assert_eq!(AttentionFigures::new(&[&answers[3]]), None);
    }
}
