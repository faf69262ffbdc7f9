//! The published systems: from tensors to findings, and from what is known of a patient to a tensor. Nothing here names a file or a device.
//!
//! A system knows what the outputs of its graph mean. It never calibrates and never compares with a threshold:
//! those numbers are the bundle's, and [`verdict`](crate::verdict) applies them.

mod asff;
mod cefm;
mod classes;
mod dual_network;
pub mod embedding;
mod error;
mod findings;
mod metadata;
mod multitask;
mod outputs;
#[cfg(test)]
mod tests;

use crate::engine::{GraphSpec, Tensor};

pub use asff::Asff;
pub use cefm::Cefm;
pub use classes::{Classes, Relation};
pub use dual_network::DualNetwork;
pub use error::SystemError;
pub use findings::Findings;
pub use metadata::Metadata;
pub use multitask::Multitask;

/// Reads the outputs of one kind of graph.
pub trait System: Send + Sync + std::fmt::Debug {
    /// The name that manifests choose by: `asff`.
    fn name(&self) -> &'static str;

    /// Reads `outputs`, which are in the manifest's order.
    ///
    /// # Errors
    /// [`SystemError::NotFinite`], [`SystemError::NoDirection`] and [`SystemError::Evidence`] when the network gave no usable numbers;
    /// [`SystemError::Shape`] when `outputs` are not those of the manifest.
    fn findings(&self, outputs: &[Tensor]) -> Result<Findings, SystemError>;
}

/// Every system that this build knows.
pub const NAMES: [&str; 4] = [Asff::NAME, Multitask::NAME, DualNetwork::NAME, Cefm::NAME];

/// The system called `name`, held to what the manifest says of the graph and the classes.
///
/// # Errors
/// [`SystemError::Unknown`] for another name; [`SystemError::MissingOutput`], [`SystemError::Shape`] and [`SystemError::Relation`]
/// when the graph lacks what the system reads.
pub fn by_name(name: &str, graph: &GraphSpec, classes: &Classes) -> Result<Box<dyn System>, SystemError> {
    match name {
        Asff::NAME => Ok(Box::new(Asff::new(graph, classes)?)),
        Multitask::NAME => Ok(Box::new(Multitask::new(graph, classes)?)),
        DualNetwork::NAME => Ok(Box::new(DualNetwork::new(graph, classes)?)),
        Cefm::NAME => Ok(Box::new(Cefm::new(graph, classes)?)),
        _ => Err(SystemError::Unknown { name: name.to_owned(), known: NAMES.join(", ") }),
    }
}

/// An error unless the scores of `classes` have to do with each other as `system` reads them.
fn held_to(system: &'static str, expected: Relation, classes: &Classes) -> Result<(), SystemError> {
    if classes.relation == expected { Ok(()) } else { Err(SystemError::Relation { system, expected, found: classes.relation }) }
}
