//! The published systems: from tensors to findings. Nothing here names a file or a device.
//!
//! A system knows what the outputs of its graph mean. It never calibrates and never compares with a threshold:
//! those numbers are the bundle's, and [`verdict`](crate::verdict) applies them.

mod asff;
mod classes;
mod error;

use crate::{
    engine::{GraphSpec, Tensor},
    frame::Heatmap,
};

pub use asff::Asff;
pub use classes::Classes;
pub use error::SystemError;

/// What a system found in one picture, before calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// Log-odds of the positive class against all the others together; finite.
    pub decision: f32,
    /// One score a class (a logit), in the manifest's class order; finite.
    pub scores: Vec<f32>,
    /// Evidence for each class, in the manifest's class order, over the prepared square; empty when the graph gives none.
    pub heatmaps: Vec<Heatmap>,
}

/// Reads the outputs of one kind of graph.
pub trait System: Send + Sync + std::fmt::Debug {
    /// The name that manifests choose by: `asff`.
    fn name(&self) -> &'static str;

    /// Reads `outputs`, which are in the manifest's order.
    ///
    /// # Errors
    /// [`SystemError::NotFinite`] and [`SystemError::Evidence`] when the network gave no usable numbers;
    /// [`SystemError::Shape`] when `outputs` are not those of the manifest.
    fn findings(&self, outputs: &[Tensor]) -> Result<Findings, SystemError>;
}

/// Every system that this build knows.
pub const NAMES: [&str; 1] = [Asff::NAME];

/// The system called `name`, held to what the manifest says of the graph and the classes.
///
/// # Errors
/// [`SystemError::Unknown`] for another name; [`SystemError::MissingOutput`] and [`SystemError::Shape`]
/// when the graph lacks what the system reads.
pub fn by_name(name: &str, graph: &GraphSpec, classes: &Classes) -> Result<Box<dyn System>, SystemError> {
    match name {
        Asff::NAME => Ok(Box::new(Asff::new(graph, classes)?)),
        _ => Err(SystemError::Unknown { name: name.to_owned(), known: NAMES.join(", ") }),
    }
}

/// Log-odds of class `positive` against all the others together: `s_p - ln(sum of exp(s_k), k != p)`.
fn log_odds(scores: &[f32], positive: usize) -> f32 {
    let others = || scores.iter().enumerate().filter(|(class, _)| *class != positive).map(|(_, score)| *score);
    let largest = others().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = others().map(|score| (score - largest).exp()).sum();
    scores[positive] - (largest + sum.ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_odds_of_two_classes_is_their_difference() {
        assert_eq!(log_odds(&[1.5, -2.0], 1), -3.5);
        assert_eq!(log_odds(&[200.0, 300.0], 1), 100.0);
    }

    #[test]
    fn log_odds_of_many_classes_is_that_of_the_softmax() {
        let scores = [0.3_f32, -1.0, 2.0, 0.7];
        let total: f32 = scores.iter().map(|s| s.exp()).sum();
        let p = scores[2].exp() / total;
        assert!((log_odds(&scores, 2) - (p / (1.0 - p)).ln()).abs() < 1e-5);
    }
}
