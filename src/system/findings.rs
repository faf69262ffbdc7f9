//! What a system found in one picture: the numbers of the network, still without calibration.

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
}

impl Findings {
    /// Turns what was found in a picture that was turned over by `flip` back to where it lies in the picture.
    #[must_use]
    pub fn turned_back(mut self, flip: Flip) -> Self {
        self.heatmaps.iter_mut().chain(&mut self.lesion).for_each(|map| map.flip(flip));
        self
    }

    /// The mean of several views of one picture, turned back and read from the same graph: of scores, evidence, log-odds of lesion and
    /// distances, each number on its own. `None` of no views.
    #[must_use]
    pub fn mean(views: Vec<Self>) -> Option<Self> {
        let share = 1.0 / views.len() as f32;
        let mut views = views.into_iter();
        let mut mean = views.next()?;
        for view in views {
            mean.numbers_mut().zip(view.numbers()).for_each(|(sum, number)| *sum += number);
        }
        if share != 1.0 {
            mean.numbers_mut().for_each(|sum| *sum *= share);
        }
        Some(mean)
    }

    fn numbers(&self) -> impl Iterator<Item = f32> + '_ {
        let maps = self.heatmaps.iter().chain(&self.lesion).flat_map(Heatmap::values);
        self.scores.iter().chain(maps).chain(&self.distances).copied()
    }

    fn numbers_mut(&mut self) -> impl Iterator<Item = &mut f32> {
        let maps = self.heatmaps.iter_mut().chain(&mut self.lesion).flat_map(Heatmap::values_mut);
        self.scores.iter_mut().chain(maps).chain(&mut self.distances)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(number: f32) -> Findings {
        let map = |first: f32| Heatmap::new(2, 1, vec![first, number]).unwrap();
        Findings { scores: vec![number, 1.0], heatmaps: vec![map(0.0), map(1.0)], lesion: Some(map(-4.0)), distances: vec![number] }
    }

    #[test]
    fn the_mean_of_views_is_taken_of_every_number() {
        assert_eq!(Findings::mean(vec![]), None);
        assert_eq!(Findings::mean(vec![findings(3.0)]), Some(findings(3.0)));
        assert_eq!(Findings::mean(vec![findings(1.0), findings(2.0), findings(6.0), findings(7.0)]), Some(findings(4.0)));
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
