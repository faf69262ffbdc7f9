//! Cleaning of the lesion that a network saw, as operations on its grid of membership: which part is meant, and where it ends between cells.
//!
//! Done only where a bundle's manifest says so, before anything is drawn or measured. It stands in place of the promptable segmenter of
//! CEFM (arXiv 2512.06105), which does not fit the device; each step is here because it brings outlines nearer to experts'
//! (`models/LIMITS.md`, which also says what did not and is not here). It never makes a lesion where the network saw none.

mod largest;
mod log_odds;

use serde::{Deserialize, Serialize};

use crate::frame::Heatmap;

pub use largest::largest;
pub use log_odds::{FLATTENING, log_odds};

/// A step of the cleaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cleaning {
    /// Only the most plausible part stays: [`largest`].
    Largest,
    /// Between cells the outline runs where the log-odds are even: [`log_odds`].
    LogOdds,
}

impl Cleaning {
    /// Its name in manifests: `log-odds`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Largest => "largest",
            Self::LogOdds => "log-odds",
        }
    }
}

/// Takes `lesion`, a grid of membership in [0, 1], through `steps` in their order. No cell below [`LEVEL`](super::LEVEL) comes to reach it.
#[must_use]
pub fn clean(lesion: Heatmap, steps: &[Cleaning]) -> Heatmap {
    steps.iter().fold(lesion, |lesion, step| match step {
        Cleaning::Largest => largest(lesion),
        Cleaning::LogOdds => log_odds(lesion),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::LEVEL, *};
    use crate::frame::Flip;

    /// Small grids, in which parts are frequent.
    pub(super) fn grids() -> impl Strategy<Value = Heatmap> {
        (1u32..12, 1u32..12).prop_flat_map(|(width, height)| {
            prop::collection::vec(prop_oneof![3 => 0.0_f32..0.5, 2 => 0.5_f32..=1.0], (width * height) as usize)
                .prop_map(move |values| Heatmap::new(width, height, values).unwrap())
        })
    }

    pub(super) fn is_lesion(grid: &Heatmap) -> Vec<bool> {
        grid.values().iter().map(|cell| *cell >= LEVEL).collect()
    }

    #[test]
    fn steps_are_done_as_the_manifest_names_them_and_none_changes_nothing() {
        let lesion = Heatmap::new(4, 1, vec![0.9, 0.8, 0.1, 0.7]).unwrap();
        assert_eq!(clean(lesion.clone(), &[]), lesion);
        let steps: Vec<Cleaning> = serde_json::from_str(r#"["largest", "log-odds"]"#).unwrap();
        assert_eq!(steps.iter().map(|step| step.name()).collect::<Vec<_>>(), ["largest", "log-odds"]);
        assert_eq!(clean(lesion.clone(), &steps), log_odds(largest(lesion)));
    }

    proptest! {
        #[test]
        fn cleaning_turns_over_with_the_grid(grid in grids()) {
            let steps = [Cleaning::Largest, Cleaning::LogOdds];
            for flip in [Flip::Horizontal, Flip::Vertical, Flip::Both] {
                let (mut before, mut after) = (grid.clone(), clean(grid.clone(), &steps));
                before.flip(flip);
                after.flip(flip);
                prop_assert_eq!(clean(before, &steps), after);
            }
        }

        #[test]
        fn no_cell_becomes_lesion_and_a_lesion_stays_one(grid in grids()) {
            let found = clean(grid.clone(), &[Cleaning::Largest, Cleaning::LogOdds]);
            let (before, after) = (is_lesion(&grid), is_lesion(&found));
            prop_assert!(before.iter().zip(&after).all(|(before, after)| *before || !*after));
            prop_assert_eq!(before.contains(&true), after.contains(&true));
            prop_assert!(found.values().iter().all(|cell| (0.0..=1.0).contains(cell)));
        }
    }
}
