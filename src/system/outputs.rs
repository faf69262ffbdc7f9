//! The outputs that graphs of several systems have in common, found by name and held to their shapes.
//!
//! `logits` `[1, K]`; `cam` `[1, maps, h, w]`; `mask` `[1, 1, H, W]`; `distances` `[1, centres]`; where a system asks for them `embedding`
//! `[1, dimensions]` and `criteria` `[1, 3]`. Other outputs are left alone.

use crate::{
    engine::{GraphSpec, Tensor, TensorSpec},
    explain::cam,
    frame::Heatmap,
};

use super::{Findings, SystemError, embedding::to_unit_length};

/// Where a graph's outputs stand in the manifest.
#[derive(Debug, Clone)]
pub(super) struct Outputs {
    system: &'static str,
    logits: usize,
    classes: usize,
    cam: usize,
    maps: usize,
    mask: Option<usize>,
    distances: Option<usize>,
    /// With its number of dimensions.
    embedding: Option<(usize, usize)>,
    criteria: Option<usize>,
}

impl Outputs {
    /// Finds what the system called `system` reads of a graph with `classes` scores and `maps` class activation maps.
    pub(super) fn find(system: &'static str, graph: &GraphSpec, classes: usize, maps: usize) -> Result<Self, SystemError> {
        let wrong = |output, expected, spec: &TensorSpec| wrong_shape(system, output, expected, &spec.shape);
        let find = |output: &'static str| graph.output(output).ok_or(SystemError::MissingOutput { system, output });
        let (logits, spec) = find("logits")?;
        if spec.shape != [1, classes] {
            return Err(wrong("logits", format!("[1, {classes}]"), spec));
        }
        let (cam, spec) = find("cam")?;
        if !matches!(spec.shape[..], [1, found, _, _] if found == maps) {
            return Err(wrong("cam", format!("[1, {maps}, height, width]"), spec));
        }
        let mask = graph.output("mask");
        if let Some((_, spec)) = mask.filter(|(_, spec)| !matches!(spec.shape[..], [1, 1, _, _])) {
            return Err(wrong("mask", "[1, 1, height, width]".to_owned(), spec));
        }
        let distances = graph.output("distances");
        if let Some((_, spec)) = distances.filter(|(_, spec)| !matches!(spec.shape[..], [1, _])) {
            return Err(wrong("distances", "[1, centres]".to_owned(), spec));
        }
        let place = |found: Option<(usize, &TensorSpec)>| found.map(|(at, _)| at);
        let (mask, distances) = (place(mask), place(distances));
        Ok(Self { system, logits, classes, cam, maps, mask, distances, embedding: None, criteria: None })
    }

    /// The same, when there is a mask among them.
    pub(super) fn with_mask(self) -> Result<Self, SystemError> {
        if self.mask.is_none() {
            return Err(SystemError::MissingOutput { system: self.system, output: "mask" });
        }
        Ok(self)
    }

    /// The same, when there is an embedding of `dimensions` numbers among them; the criteria too, if the graph reads them.
    pub(super) fn with_embedding(self, graph: &GraphSpec, dimensions: usize) -> Result<Self, SystemError> {
        let held = |output, (at, spec): (usize, &TensorSpec), length: usize| match spec.shape[..] {
            [1, found] if found == length => Ok(at),
            _ => Err(wrong_shape(self.system, output, format!("[1, {length}]"), &spec.shape)),
        };
        let embedding = graph.output("embedding").ok_or(SystemError::MissingOutput { system: self.system, output: "embedding" })?;
        let embedding = Some((held("embedding", embedding, dimensions)?, dimensions));
        let criteria = graph.output("criteria").map(|found| held("criteria", found, 3)).transpose()?;
        Ok(Self { embedding, criteria, ..self })
    }

    /// Reads `outputs`, which are in the manifest's order.
    pub(super) fn read(&self, outputs: &[Tensor]) -> Result<Findings, SystemError> {
        let take = |at: usize, output| outputs.get(at).ok_or(SystemError::MissingOutput { system: self.system, output });
        let scores = finite("logits", take(self.logits, "logits")?)?;
        if scores.values.len() != self.classes {
            return Err(self.wrong_shape("logits", format!("[1, {}]", self.classes), scores));
        }
        let heatmaps = cam::split(take(self.cam, "cam")?, self.maps)?;
        let lesion = self.mask.map(|at| self.lesion(take(at, "mask")?)).transpose()?;
        let distances = match self.distances {
            Some(at) => finite("distances", take(at, "distances")?)?.values.clone(),
            None => Vec::new(),
        };
        let embedding = match self.embedding {
            Some((at, dimensions)) => self.direction(take(at, "embedding")?, dimensions)?,
            None => Vec::new(),
        };
        let criteria = self.criteria.map(|at| self.three(take(at, "criteria")?)).transpose()?;
        Ok(Findings { scores: scores.values.clone(), heatmaps, lesion, distances, embedding, criteria })
    }

    /// An embedding of length 1. A quantised graph's is not quite that long, and every view is to count alike.
    fn direction(&self, embedding: &Tensor, dimensions: usize) -> Result<Vec<f32>, SystemError> {
        if embedding.values.len() != dimensions {
            return Err(self.wrong_shape("embedding", format!("[1, {dimensions}]"), embedding));
        }
        let mut values = embedding.values.clone();
        to_unit_length("embedding", &mut values)?;
        Ok(values)
    }

    fn three(&self, criteria: &Tensor) -> Result<[f32; 3], SystemError> {
        let values = &finite("criteria", criteria)?.values[..];
        values.try_into().map_err(|_| self.wrong_shape("criteria", "[1, 3]".to_owned(), criteria))
    }

    fn lesion(&self, mask: &Tensor) -> Result<Heatmap, SystemError> {
        let wrong = || self.wrong_shape("mask", "[1, 1, height, width]".to_owned(), mask);
        let [1, 1, height, width] = mask.shape[..] else { return Err(wrong()) };
        let values = finite("mask", mask)?.values.clone();
        let (width, height) = (u32::try_from(width).map_err(|_| wrong())?, u32::try_from(height).map_err(|_| wrong())?);
        Heatmap::new(width, height, values).map_err(|_| wrong())
    }

    fn wrong_shape(&self, output: &'static str, expected: String, found: &Tensor) -> SystemError {
        wrong_shape(self.system, output, expected, &found.shape)
    }
}

fn wrong_shape(system: &'static str, output: &'static str, expected: String, found: &[usize]) -> SystemError {
    SystemError::Shape { system, output, expected, found: found.to_vec() }
}
fn finite<'a>(output: &'static str, tensor: &'a Tensor) -> Result<&'a Tensor, SystemError> {
    match tensor.values.iter().find(|value| !value.is_finite()) {
        Some(&value) => Err(SystemError::NotFinite { output, value }),
        None => Ok(tensor),
    }
}
