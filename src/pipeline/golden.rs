//! The golden case: what a bundle's network must say to the bundle's own picture before it may say anything of a patient's.
//!
//! Only compares; [`Analyser`](super::Analyser) runs it, past the gate and past the bundle's limits.

use crate::{
    bundle::{Golden, Manifest},
    system::{Cefm, Findings, embedding::cosine},
};

use super::LoadError;

/// Names of the criteria that a network reads, in its order.
const CRITERIA: [&str; 3] = ["A", "B", "C"];

/// What is no number meets nothing.
fn is_met(found: f32, expected: f32, tolerance: f32) -> bool {
    (found - expected).abs() <= tolerance
}

/// Holds what was found in the golden picture, the mean over the views, to what is expected of it.
pub(super) fn check_findings(golden: &Golden, manifest: &Manifest, findings: &Findings) -> Result<(), LoadError> {
    let Manifest { classes, calibration, .. } = manifest;
    let bundle = || manifest.name.clone();
    let found = calibration.referral(&findings.scores, classes);
    let (expected, tolerance) = (golden.expected.probability, golden.tolerance);
    if !is_met(found, expected, tolerance) {
        return Err(LoadError::GoldenMismatch { bundle: bundle(), expected, found, tolerance });
    }
    let scores = golden.expected.logits.iter().zip(&findings.scores).zip(&calibration.temperature).zip(&classes.names);
    for (((&expected, &found), &temperature), class) in scores {
        let tolerance = golden.score_tolerance(expected, temperature);
        if !is_met(found, expected, tolerance) {
            return Err(LoadError::GoldenScore { bundle: bundle(), class: class.clone(), expected, found, tolerance });
        }
    }
    check_embedding(golden, manifest, findings)?;
    check_criteria(golden, manifest, findings)
}

fn check_embedding(golden: &Golden, manifest: &Manifest, findings: &Findings) -> Result<(), LoadError> {
    let expected = &golden.expected.embedding;
    if expected.is_empty() {
        return Ok(());
    }
    if findings.embedding.is_empty() {
        return Err(LoadError::GoldenMissing { bundle: manifest.name.clone(), what: "an embedding" });
    }
    let found = cosine(&findings.embedding, expected);
    if found >= Golden::EMBEDDING_COSINE {
        return Ok(());
    }
    Err(LoadError::GoldenEmbedding { bundle: manifest.name.clone(), found, least: Golden::EMBEDDING_COSINE })
}

fn check_criteria(golden: &Golden, manifest: &Manifest, findings: &Findings) -> Result<(), LoadError> {
    let Some(expected) = golden.expected.criteria else { return Ok(()) };
    let missing = || LoadError::GoldenMissing { bundle: manifest.name.clone(), what: "criteria" };
    let found = findings.criteria.ok_or_else(missing)?;
    for (at, [low, high]) in Cefm::SCALES.into_iter().enumerate() {
        let tolerance = Golden::CRITERION_SHARE * (high - low);
        let (expected, found) = (expected[at], found[at]);
        if !is_met(found, expected, tolerance) {
            let bundle = manifest.name.clone();
            return Err(LoadError::GoldenCriterion { bundle, criterion: CRITERIA[at], expected, found, tolerance });
        }
    }
    Ok(())
}

/// Holds how far the golden picture and its criteria agree, `None` where no criteria could be measured, to what is expected.
pub(super) fn check_agreement(golden: &Golden, manifest: &Manifest, found: Option<f32>) -> Result<(), LoadError> {
    let Some(expected) = golden.expected.agreement else { return Ok(()) };
    let bundle = manifest.name.clone();
    let tolerance = Golden::AGREEMENT_TOLERANCE;
    match found {
        None => Err(LoadError::GoldenMissing { bundle, what: "a lesion whose criteria could be measured" }),
        Some(found) if is_met(found, expected, tolerance) => Ok(()),
        Some(found) => Err(LoadError::GoldenAgreement { bundle, expected, found, tolerance }),
    }
}
