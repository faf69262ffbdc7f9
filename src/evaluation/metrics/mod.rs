//! Figures of a classifier, of an outline, of orders and of embeddings, as plain functions of predictions, truths and whole-number weights.
//!
//! Weights are how often a row was drawn: 1 for the plain figure, a resampling's count for the
//! [bootstrap](super::bootstrap); they stand in the order of the rows that were given. A figure that does not exist
//! (one class only, no rows) is `None` and never a number.
//!
//! Where `models/training/lentigo_training/metrics.py` has a figure of the same name, the two agree: average precision for the
//! area under the precision-recall curve, 15 equal-width bins for the calibration error, macro recall over the classes that occur.

mod alignment;
mod calibration;
mod confusion;
mod many;
mod overlap;
mod rank;
mod ranked;

pub use alignment::Alignment;
pub use calibration::{Bin, CALIBRATION_BINS, bins, brier, calibration_error};
pub use confusion::Confusion;
pub use many::{Many, Typed};
pub use overlap::{GOOD_JACCARD, Overlap};
pub use rank::{Ranks, Raters, spearman};
pub use ranked::{Point, Ranked, Scored, pr_auc, pr_curve, roc_auc, roc_curve};

/// `part / whole`; `None` when there is no whole.
fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}
