//! How well two embeddings of the same rows agree: a picture's and that of its criteria.

use super::ratio;

/// Embeddings of pictures and of their criteria in one space, row by row.
#[derive(Debug, Clone)]
pub struct Alignment {
    dimensions: usize,
    pictures: Vec<f64>,
    criteria: Vec<f64>,
    /// Cosine of each picture with its own criteria.
    own: Vec<f64>,
}

impl Alignment {
    /// From the two embeddings of every row, each of length 1; `None` unless all have one number of dimensions, at least one.
    #[must_use]
    pub fn new(rows: &[(&[f32], &[f32])]) -> Option<Self> {
        let dimensions = rows.first()?.0.len();
        if dimensions == 0 || rows.iter().any(|row| row.0.len() != dimensions || row.1.len() != dimensions) {
            return None;
        }
        let pictures: Vec<f64> = rows.iter().flat_map(|row| row.0).map(|value| f64::from(*value)).collect();
        let criteria: Vec<f64> = rows.iter().flat_map(|row| row.1).map(|value| f64::from(*value)).collect();
        let own = pictures.chunks_exact(dimensions).zip(criteria.chunks_exact(dimensions)).map(|(one, other)| dot(one, other)).collect();
        Some(Self { dimensions, pictures, criteria, own })
    }

    /// Cosine of each picture with its own criteria.
    #[must_use]
    pub fn own(&self) -> &[f64] {
        &self.own
    }

    /// Mean cosine of a picture with the criteria of another row, over all such pairs of a sample that has each row `weights` times; what a sample
    /// has several times is not another row. `None` of fewer than two rows.
    #[must_use]
    pub fn others(&self, weights: &[u32]) -> Option<f64> {
        // The sum over all pairs is the product of two sums; pairs of a row with itself are taken off.
        let sum = |of: &[f64]| {
            let mut sum = vec![0.0; self.dimensions];
            for (embedding, weight) in of.chunks_exact(self.dimensions).zip(weights) {
                sum.iter_mut().zip(embedding).for_each(|(sum, value)| *sum += f64::from(*weight) * value);
            }
            sum
        };
        let same = |value: &dyn Fn(usize) -> f64| weights.iter().enumerate().map(|(at, w)| f64::from(*w).powi(2) * value(at)).sum::<f64>();
        let total: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
        ratio(dot(&sum(&self.pictures), &sum(&self.criteria)) - same(&|at| self.own[at]), total * total - same(&|_| 1.0))
    }

    /// The place of each picture's own criteria among those of all rows, by cosine, from 1; criteria that lie as near count as nearer.
    #[must_use]
    pub fn places(&self) -> Vec<usize> {
        let place = |(picture, own): (&[f64], &f64)| {
            self.criteria.chunks_exact(self.dimensions).filter(|criteria| dot(picture, criteria) >= *own).count().max(1)
        };
        self.pictures.chunks_exact(self.dimensions).zip(&self.own).map(place).collect()
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Axis `at` of `of`.
    fn axis(at: usize, of: usize) -> Vec<f32> {
        (0..of).map(|place| f32::from(u8::from(place == at))).collect()
    }

    fn of(pictures: &[Vec<f32>], criteria: &[Vec<f32>]) -> Alignment {
        Alignment::new(&pictures.iter().zip(criteria).map(|(one, other)| (&one[..], &other[..])).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn orthogonal_rows_find_themselves_and_nothing_else() {
        let axes: Vec<Vec<f32>> = (0..5).map(|at| axis(at, 5)).collect();
        let found = of(&axes, &axes);
        assert_eq!((found.own(), found.others(&[1; 5]), found.places()), (&[1.0; 5][..], Some(0.0), vec![1; 5]));
    }

    #[test]
    fn a_permutation_is_found_where_it_stays() {
        // Rows 0 and 1 have each other's criteria; nothing else lies as near as their true partner.
        let axes: Vec<Vec<f32>> = (0..4).map(|at| axis(at, 4)).collect();
        let swapped: Vec<Vec<f32>> = [1, 0, 2, 3].iter().map(|at| axes[*at].clone()).collect();
        let found = of(&axes, &swapped);
        // Of four criteria all lie at least as near (cosine 0) as the own ones.
        assert_eq!(found.places(), [4, 4, 1, 1]);
        assert_eq!(found.own(), [0.0, 0.0, 1.0, 1.0]);
        assert_eq!(found.others(&[1; 4]), Some(2.0 / 12.0));
    }

    #[test]
    fn criteria_that_lie_as_near_count_as_nearer() {
        let same = vec![axis(0, 2); 6];
        assert_eq!(of(&same, &same).places(), [6; 6]);
    }

    #[test]
    fn one_row_has_no_others_and_sizes_must_agree() {
        let one = of(&[axis(0, 3)], &[axis(0, 3)]);
        assert_eq!((one.others(&[1]), one.others(&[4]), one.places()), (None, None, vec![1]));
        assert!(Alignment::new(&[]).is_none());
        assert!(Alignment::new(&[(&[1.0], &[1.0, 0.0])]).is_none());
        assert!(Alignment::new(&[(&[], &[])]).is_none());
    }

    proptest! {
        #[test]
        fn others_are_the_mean_over_all_pairs(rows in prop::collection::vec((prop::array::uniform3(-1.0_f32..1.0), prop::array::uniform3(-1.0_f32..1.0), 0u32..3), 2..12)) {
            let (pictures, criteria): (Vec<Vec<f32>>, Vec<Vec<f32>>) = rows.iter().map(|row| (row.0.to_vec(), row.1.to_vec())).unzip();
            let weights: Vec<u32> = rows.iter().map(|row| row.2).collect();
            let (mut sum, mut pairs) = (0.0, 0.0);
            for (i, one) in rows.iter().enumerate() {
                for (j, other) in rows.iter().enumerate().filter(|(j, _)| *j != i) {
                    let weight = f64::from(weights[i] * weights[j]);
                    sum += weight * one.0.iter().zip(&other.1).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
                    pairs += weight;
                }
            }
            match of(&pictures, &criteria).others(&weights) {
                Some(found) => prop_assert!((found - sum / pairs).abs() < 1e-9),
                None => prop_assert_eq!(pairs, 0.0),
            }
        }
    }
}
