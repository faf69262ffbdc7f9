//! What a system found in one picture: the numbers of the network, still without calibration.

use super::{SystemError, embedding::to_unit_length};
use crate::frame::{Flip, Heatmap};

/// What a system found in one view of a picture, or in all of them together ([`Findings::mean`]), before calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// One score a class (a logit), in the manifest's class order; finite.
    pub scores: Vec<f32>,
    /// Evidence for each class, in the manifest's class order, over the prepared square, 0 or more; where classes are independent one map
    /// more, for none of them. Empty when the graph gives none.
    pub heatmaps: Vec<Heatmap>,
    /// How much each cell of the prepared square is lesion, as log-odds (any finite number), where the graph gives a mask.
    pub lesion: Option<Heatmap>,
    /// Squared Mahalanobis distances of the network's features to the centres that it was made with; empty when the graph gives none.
    pub distances: Vec<f32>,
    /// Where the picture lies in the space that pictures and criteria share, of length 1; empty when the graph gives none.
    pub embedding: Vec<f32>,
    /// The network's own reading of A, B and C, finite, about on [`Cefm::SCALES`](super::Cefm::SCALES); where the graph gives one.
    pub criteria: Option<[f32; 3]>,
}

impl Findings {
    /// Turns what was found in a picture that was turned over by `flip` back to where it lies in the picture.
    #[must_use]
    pub fn turned_back(mut self, flip: Flip) -> Self {
        self.heatmaps.iter_mut().chain(&mut self.lesion).for_each(|map| map.flip(flip));
        self
    }

    /// The mean of several views of one picture, turned back and read from the same graph: of scores, evidence, log-odds of lesion, distances
    /// and criteria, each number on its own. The embedding is brought to length 1 again.
    ///
    /// # Errors
    /// [`SystemError::NoViews`] of no views, [`SystemError::NoDirection`] when their embeddings cancel each other.
    pub fn mean(views: Vec<Self>) -> Result<Self, SystemError> {
        let share = 1.0 / views.len() as f32;
        let mut views = views.into_iter();
        let mut mean = views.next().ok_or(SystemError::NoViews)?;
        let is_one = views.len() == 0;
        for view in views {
            mean.numbers_mut().zip(view.numbers()).for_each(|(sum, number)| *sum += number);
        }
        if !is_one {
            mean.numbers_mut().for_each(|sum| *sum *= share);
            if !mean.embedding.is_empty() {
                to_unit_length("embedding", &mut mean.embedding)?;
            }
        }
        Ok(mean)
    }

    fn numbers(&self) -> impl Iterator<Item = f32> + '_ {
        let maps = self.heatmaps.iter().chain(&self.lesion).flat_map(Heatmap::values);
        self.scores.iter().chain(maps).chain(&self.distances).chain(&self.embedding).chain(self.criteria.iter().flatten()).copied()
    }

    fn numbers_mut(&mut self) -> impl Iterator<Item = &mut f32> {
        let maps = self.heatmaps.iter_mut().chain(&mut self.lesion).flat_map(Heatmap::values_mut);
        let vectors = self.distances.iter_mut().chain(&mut self.embedding).chain(self.criteria.iter_mut().flatten());
        self.scores.iter_mut().chain(maps).chain(vectors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(number: f32) -> Findings {
        let map = |first: f32| Heatmap::new(2, 1, vec![first, number]).unwrap();
        Findings {
            scores: vec![number, 1.0],
            heatmaps: vec![map(0.0), map(1.0)],
            lesion: Some(map(-4.0)),
            distances: vec![number],
            embedding: vec![],
            criteria: Some([number, 0.5, 6.0]),
        }
    }

    #[test]
    fn the_mean_of_views_is_taken_of_every_number() {
        assert_eq!(Findings::mean(vec![]), Err(SystemError::NoViews));
        assert_eq!(Findings::mean(vec![findings(3.0)]), Ok(findings(3.0)));
        assert_eq!(Findings::mean(vec![findings(1.0), findings(2.0), findings(6.0), findings(7.0)]), Ok(findings(4.0)));
    }

    #[test]
    fn embeddings_of_views_are_added_up_and_brought_to_length_one() {
        let view = |embedding: [f32; 2]| Findings { embedding: embedding.to_vec(), ..findings(1.0) };
        let mean = Findings::mean(vec![view([1.0, 0.0]), view([0.0, 1.0])]).unwrap().embedding;
        assert!(mean.iter().all(|value| (value - 0.5_f32.sqrt()).abs() < 1e-6), "{mean:?}");
        let error = Findings::mean(vec![view([0.6, 0.8]), view([-0.6, -0.8])]).unwrap_err();
        assert!(matches!(error, SystemError::NoDirection { .. }) && error.is_about_the_picture());
    }

    #[test]
    fn turning_back_moves_maps_and_nothing_else() {
        let turned = findings(7.0).turned_back(Flip::Horizontal);
        assert_eq!(turned.heatmaps[1].values(), [7.0, 1.0]);
        assert_eq!(turned.lesion.as_ref().unwrap().values(), [7.0, -4.0]);
        assert_eq!((&turned.scores[..], &turned.distances[..]), (&[7.0, 1.0][..], &[7.0][..]));
        assert_eq!(turned.turned_back(Flip::Both), findings(7.0));
    }
}
