//! Measuring a bundle on labelled images: the table of labels ([`index`]), the figures ([`metrics`]) and how sure
//! they are ([`bootstrap`]).
//!
//! Works on plain numbers. It never decides anything for a patient and knows no bundle, graph or device.

pub mod bootstrap;
pub mod index;
pub mod metrics;
pub mod summary;
