//! What a bundle of the system cefm brings along to explain an answer by its criteria: the clinical head, and prototypes of severity.
//!
//! Only reads what stands in the manifest and in `prototypes.json`; the head is run by the pipeline.

use serde::{Deserialize, Serialize};

use crate::{
    engine::{Element, GraphSpec, Precision, TensorSpec},
    explain::severity::Level,
    system::{Cefm, embedding::to_unit_length},
};

/// The clinical head: from measured criteria to the space that they share with pictures (`[clinical]`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClinicalSpec {
    /// ONNX file in float32, relative to the folder: input `criteria` `[1, N]`, output `embedding` `[1, 128]`.
    pub graph: String,
    /// The measurements that it takes, in its order, each one of [`Abc::KEYS`](crate::explain::abc::Abc::KEYS).
    pub measures: Vec<String>,
    /// Mean of each measurement over the training lesions.
    pub mean: Vec<f64>,
    /// Standard deviation of each, above 0: the head takes `(measurement - mean) / deviation`.
    pub deviation: Vec<f64>,
    /// What it takes is limited to this many deviations to both sides, above 0: a head has never seen what lies farther out.
    pub limit: f64,
    /// Least usual cosine between a picture's embedding and that of its criteria, -1 to 1; below it picture and criteria do not agree.
    pub agreement_min: f32,
}

impl ClinicalSpec {
    /// Name of the graph's input.
    pub const INPUT: &str = "criteria";
    /// Name of the graph's output.
    pub const OUTPUT: &str = "embedding";

    /// What the graph must take and give.
    #[must_use]
    pub fn graph_spec(&self) -> GraphSpec {
        let tensor = |name: &str, length| TensorSpec { name: name.to_owned(), shape: vec![1, length], element: Element::F32 };
        GraphSpec {
            file: self.graph.clone(),
            precision: Precision::Float32,
            inputs: vec![tensor(Self::INPUT, self.measures.len())],
            outputs: vec![tensor(Self::OUTPUT, Cefm::EMBEDDING)],
        }
    }

    /// What the head takes for the measurement at `place` of [`ClinicalSpec::measures`] that came out as `value`: standardised, within the limit.
    #[must_use]
    pub fn standardised(&self, place: usize, value: f64) -> f32 {
        let (mean, deviation) = (self.mean.get(place).copied().unwrap_or(0.0), self.deviation.get(place).copied().unwrap_or(1.0));
        ((value - mean) / deviation).clamp(-self.limit, self.limit) as f32
    }
}

/// Where the prototypes lie (`[prototypes]`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrototypesSpec {
    /// JSON file, relative to the folder: a list of [`Prototype`].
    pub file: String,
}

/// A point in the space that pictures and criteria share, which stands for a level of severity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prototype {
    /// The overall severity of the training lesions that it was made of.
    pub level: Level,
    /// Mean of their pictures' embeddings, of length 1.
    pub embedding: Vec<f32>,
}

/// How far from 1 the length of a prototype may be, written with a few digits a number.
const LENGTH_TOLERANCE: f32 = 1e-3;

/// Reads prototypes, at least one a level; the message says what is wrong with them.
pub(super) fn decode_prototypes(json: &[u8]) -> Result<Vec<Prototype>, String> {
    let mut prototypes: Vec<Prototype> = serde_json::from_slice(json).map_err(|cause| cause.to_string())?;
    for (at, Prototype { embedding, .. }) in prototypes.iter_mut().enumerate() {
        let number = at + 1;
        if embedding.len() != Cefm::EMBEDDING {
            return Err(format!("prototype {number} must have {} numbers, there are {}", Cefm::EMBEDDING, embedding.len()));
        }
        let length = embedding.iter().map(|value| value * value).sum::<f32>().sqrt();
        if (length - 1.0).abs() > LENGTH_TOLERANCE {
            return Err(format!("prototype {number} must have the length 1, it is {length}"));
        }
        to_unit_length("prototype", embedding).map_err(|cause| cause.to_string())?;
    }
    let missing = (1..=5).filter_map(Level::new).find(|level| !prototypes.iter().any(|prototype| prototype.level == *level));
    match missing {
        Some(level) => Err(format!("there is no prototype of level {}", level.number())),
        None => Ok(prototypes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prototypes<T>(change: impl Fn(&mut Vec<(u8, Vec<f32>)>) -> T) -> Result<Vec<Prototype>, String> {
        let unit = |at: usize| (0..Cefm::EMBEDDING).map(|place| f32::from(u8::from(place == at))).collect();
        let mut list: Vec<(u8, Vec<f32>)> = (1..=5).map(|level| (level, unit(usize::from(level)))).collect();
        change(&mut list);
        let json: Vec<_> = list.iter().map(|(level, embedding)| serde_json::json!({"level": level, "embedding": embedding})).collect();
        decode_prototypes(&serde_json::to_vec(&json).unwrap())
    }

    #[test]
    fn prototypes_stand_for_every_level_and_have_the_length_one() {
        let read = prototypes(|list| list.push((3, list[0].1.clone()))).unwrap();
        assert_eq!(read.iter().map(|prototype| prototype.level.number()).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 3]);
        assert!(prototypes(|list| list[2].1[3] = 1.0004).is_ok(), "a few digits are enough");
        for (broken, message) in [
            (prototypes(|list| list[1].0 = 6), "a severity level is 1 to 5"),
            (prototypes(|list| list[1].0 = 0), "a severity level is 1 to 5"),
            (prototypes(|list| list[1].1.truncate(127)), "prototype 2 must have 128 numbers, there are 127"),
            (prototypes(|list| list[4].1[0] = 0.5), "prototype 5 must have the length 1"),
            (prototypes(|list| list[4].1 = vec![0.0; 128]), "prototype 5 must have the length 1"),
            (prototypes(|list| list.remove(3)), "there is no prototype of level 4"),
            (prototypes(Vec::clear), "there is no prototype of level 1"),
        ] {
            let found = broken.unwrap_err();
            assert!(found.contains(message), "{found:?} does not say {message:?}");
        }
        assert!(decode_prototypes(b"[{\"level\": 1, \"embeding\": []}]").unwrap_err().contains("embeding"));
    }

    #[test]
    fn what_the_head_takes_is_standardised_and_limited() {
        let spec = ClinicalSpec {
            graph: "clinical.onnx".to_owned(),
            measures: vec!["border_radial".to_owned(), "colour_points".to_owned()],
            mean: vec![1.0, 2.0],
            deviation: vec![0.5, 2.0],
            limit: 4.0,
            agreement_min: 0.3,
        };
        assert_eq!([spec.standardised(0, 2.0), spec.standardised(1, 1.0)], [2.0, -0.5]);
        assert_eq!([spec.standardised(0, 1e9), spec.standardised(1, -1e9)], [4.0, -4.0]);
        let graph = spec.graph_spec();
        assert_eq!((&graph.inputs[0].shape[..], &graph.outputs[0].shape[..]), (&[1, 2][..], &[1, 128][..]));
    }
}
