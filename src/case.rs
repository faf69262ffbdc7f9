//! One picture of one lesion with everything that was found: what screens draw and records keep.

use std::time::Duration;

use serde::Serialize;

use crate::{
    explain::{
        abc::Abc,
        severity::{Level, Severity},
    },
    frame::{Frame, Heatmap, Region},
    quality::Measurements,
    verdict::{Abstention, Verdict},
};

/// How long each step took, as CPU time of the thread that did it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Timings {
    /// Judging the frame.
    pub gate: Duration,
    /// Geometry, resize, normalise.
    pub prepare: Duration,
    /// The network.
    pub infer: Duration,
    /// Reading the outputs, heatmap.
    pub explain: Duration,
    /// Measuring the lesion's criteria and comparing them with the picture; nothing where the bundle measures none.
    pub criteria: Duration,
}

impl Timings {
    /// All steps together.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.gate + self.prepare + self.infer + self.explain + self.criteria
    }
}

/// Which bundle spoke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct BundleId {
    /// Name: `asff-edge`.
    pub name: String,
    /// Version: `1.0.0`.
    pub version: String,
    /// First 12 hexadecimal digits of the manifest's SHA-256.
    pub digest: String,
}

/// The part of the frame that was assessed and the evidence over it.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The part of the frame that the network saw, in the frame's pixels.
    pub region: Region,
    /// Evidence over `region` for the class that was chosen, coarse, non-negative: behind "refer" the likeliest positive class,
    /// behind "no referral indicated" the likeliest other one, or none of the classes where all may be absent. All zero when no part speaks
    /// for it.
    pub heatmap: Option<Heatmap>,
    /// How much each cell of `region` is lesion, 0 to 1, where the network says so; its outline lies at 0.5 whatever the bundle's threshold.
    pub lesion: Option<Heatmap>,
}

/// The numbers of the network's answer beside the probability that a verdict holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// Calibrated probability of each class, in the order of the bundle's class names; empty where the answer does not count.
    pub probabilities: Vec<f32>,
    /// How unlike the pictures that the model was made with it is; where the bundle says how to measure it.
    pub novelty: Option<f32>,
    /// Standard deviation of the probability of a referral over the bundle's views; where it has several.
    pub disagreement: Option<f32>,
    /// Why the answer does not count, if it does not.
    pub abstention: Option<Abstention>,
}

/// The criteria behind an answer, measured and read (system B).
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What was measured on the lesion that the network saw.
    pub abc: Abc,
    /// Where that lies among the lesions that the bundle was made with.
    pub severity: Severity,
    /// The network's own reading of A, B and C, on the raters' scales (0 to 2, 0 to 8, 1 to 6); where the graph gives one.
    pub read: Option<[f32; 3]>,
    /// Cosine between the picture's embedding and that of its measured criteria, -1 to 1: how far picture and criteria agree.
    pub agreement: f32,
    /// Lowest agreement that is usual, by the bundle; below it the criteria say something else than the picture.
    pub agreement_min: f32,
    /// The picture's embedding, of length 1.
    pub embedding: Vec<f32>,
    /// The embedding of the measured criteria in the same space, of length 1.
    pub criteria_embedding: Vec<f32>,
    /// The bundle's prototypes, the nearest first.
    pub prototypes: Vec<Nearness>,
}

/// How near a case lies to a prototype.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Nearness {
    /// The overall severity that the prototype stands for.
    pub level: Level,
    /// Cosine to the case's embedding, -1 to 1.
    pub cosine: f32,
}

/// One picture of one lesion with everything that was found.
#[derive(Debug, Clone)]
pub struct Case {
    /// The frame that was assessed or refused.
    pub frame: Frame,
    /// What the gate measured.
    pub measurements: Measurements,
    /// What is said about it.
    pub verdict: Verdict,
    /// Evidence; only for an assessed frame.
    pub evidence: Option<Evidence>,
    /// What else the network says; only where it was asked and gave numbers.
    pub numbers: Option<Numbers>,
    /// The criteria behind the answer; only where the bundle measures them, the answer counts, and there is a lesion to measure.
    pub explanation: Option<Explanation>,
    /// The bundle that spoke.
    pub bundle: BundleId,
    /// How long it took.
    pub timings: Timings,
}

/// How a case was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// A person accepted the verdict.
    Accepted,
    /// A person wants another picture instead; the case goes on.
    Retaken,
    /// Nobody said anything; the lens was lifted.
    Left,
}
