//! Measuring a bundle on labelled images: the table of labels ([`index`]), what was answered for each row ([`answer`]), the
//! figures ([`metrics`]), how sure they are ([`bootstrap`]), and all of them together ([`report`]).
//!
//! Works on plain numbers. It never decides anything for a patient and knows no bundle, graph or device.

pub mod answer;
pub mod bootstrap;
pub mod chart;
pub mod criteria;
pub mod hide;
pub mod index;
pub mod metrics;
pub mod paired;
pub mod report;
pub mod truth;
