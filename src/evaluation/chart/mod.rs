//! Curves of a labelled set as SVG: reliability, ROC, precision and recall, coverage.
//!
//! Only draws what [`metrics`](super::metrics) and [`report`](super::report) worked out. Text stays text, so that it can be
//! read, searched and restyled; a browser or an editor brings the font.

mod axes;
mod charts;
mod reliability;

use thiserror::Error;

pub use charts::{Chart, charts};

/// A chart could not be drawn.
#[derive(Debug, Error)]
#[error("the chart {name} cannot be drawn: {cause}")]
pub struct ChartError {
    /// File name of the chart.
    pub name: String,
    /// What the drawing library said.
    pub cause: String,
}

/// Colours that people with any colour vision tell apart (Okabe and Ito, "Color Universal Design", 2008).
const COLOURS: [plotters::style::RGBColor; 8] = [
    plotters::style::RGBColor(0, 114, 178),
    plotters::style::RGBColor(213, 94, 0),
    plotters::style::RGBColor(0, 158, 115),
    plotters::style::RGBColor(204, 121, 167),
    plotters::style::RGBColor(230, 159, 0),
    plotters::style::RGBColor(86, 180, 233),
    plotters::style::RGBColor(0, 0, 0),
    plotters::style::RGBColor(148, 148, 0),
];

/// The font of all text.
const FONT: &str = "sans-serif";
