//! How well one outline of a lesion agrees with another.

use crate::frame::Mask;

/// Below this Jaccard index the ISIC 2018 challenge counts an outline as failed (Codella et al. 2019, arXiv 1902.03368).
pub const GOOD_JACCARD: f64 = 0.65;

/// Pixels that two masks share and pixels that either has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    shared: usize,
    first: usize,
    second: usize,
}

impl Overlap {
    /// Counts the pixels of two masks of one size; `None` when their sizes differ.
    #[must_use]
    pub fn of(first: &Mask, second: &Mask) -> Option<Self> {
        if (first.width(), first.height()) != (second.width(), second.height()) {
            return None;
        }
        let shared = first.inside().iter().zip(second.inside()).filter(|(one, other)| **one && **other).count();
        Some(Self { shared, first: first.area(), second: second.area() })
    }

    /// Intersection over union, in [0, 1]; 1 where both are empty.
    #[must_use]
    pub fn jaccard(&self) -> f64 {
        match self.first + self.second - self.shared {
            0 => 1.0,
            union => self.shared as f64 / union as f64,
        }
    }

    /// Twice the intersection over the sum of both areas, in [0, 1] (Dice 1945); 1 where both are empty.
    #[must_use]
    pub fn dice(&self) -> f64 {
        match self.first + self.second {
            0 => 1.0,
            both => 2.0 * self.shared as f64 / both as f64,
        }
    }

    /// The Jaccard index, or 0 below [`GOOD_JACCARD`], as ISIC 2018 ranked outlines.
    #[must_use]
    pub fn thresholded_jaccard(&self) -> f64 {
        Some(self.jaccard()).filter(|jaccard| *jaccard >= GOOD_JACCARD).unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mask(inside: &[bool]) -> Mask {
        Mask::new(inside.len() as u32, 1, inside.to_vec()).unwrap()
    }

    fn overlap(first: &[u8], second: &[u8]) -> Overlap {
        let of = |flags: &[u8]| mask(&flags.iter().map(|flag| *flag == 1).collect::<Vec<_>>());
        Overlap::of(&of(first), &of(second)).unwrap()
    }

    #[test]
    fn two_of_four_pixels_shared_are_a_half() {
        let found = overlap(&[1, 1, 1, 0, 0], &[0, 1, 1, 1, 0]);
        assert_eq!((found.jaccard(), found.dice(), found.thresholded_jaccard()), (0.5, 2.0 / 3.0, 0.0));
        let good = overlap(&[1, 1, 0], &[1, 1, 0]);
        assert_eq!((good.jaccard(), good.dice(), good.thresholded_jaccard()), (1.0, 1.0, 1.0));
    }

    #[test]
    fn two_empty_masks_agree_and_masks_of_two_sizes_do_not_compare() {
        assert_eq!((overlap(&[0, 0], &[0, 0]).jaccard(), overlap(&[0, 0], &[0, 0]).dice()), (1.0, 1.0));
        assert_eq!(Overlap::of(&mask(&[true]), &mask(&[true, true])), None);
    }

    proptest! {
        #[test]
        fn dice_is_a_function_of_jaccard_and_neither_minds_the_order(flags in prop::collection::vec((any::<bool>(), any::<bool>()), 1..80)) {
            let (first, second) = (mask(&flags.iter().map(|f| f.0).collect::<Vec<_>>()), mask(&flags.iter().map(|f| f.1).collect::<Vec<_>>()));
            let (there, back) = (Overlap::of(&first, &second).unwrap(), Overlap::of(&second, &first).unwrap());
            prop_assert_eq!(there.jaccard(), back.jaccard());
            prop_assert!((there.dice() - 2.0 * there.jaccard() / (1.0 + there.jaccard())).abs() < 1e-12);
            prop_assert!((0.0..=1.0).contains(&there.jaccard()));
        }
    }
}
