//! The pipeline as the device sees it.

use super::seams::{Assess, Cause, ModelFacts};
use crate::{
    case::Case,
    frame::Frame,
    patient::Context,
    pipeline::Analyser,
    quality::{Quality, Reason},
};

impl Assess for Analyser {
    fn model(&self) -> ModelFacts {
        let manifest = self.manifest();
        ModelFacts {
            bundle: self.bundle().clone(),
            operating_point: self.operating_point().name.clone(),
            positive: manifest.classes.label.clone(),
            classes: manifest.classes.names.clone(),
            abstention: manifest.abstention,
            takes_metadata: manifest.metadata.is_some(),
            limits: manifest.quality,
        }
    }

    fn hints(&mut self, frame: &Frame) -> Vec<Reason> {
        match self.gate().judge(frame) {
            Quality::Pass(_) => Vec::new(),
            Quality::Refuse { reasons, .. } => reasons,
        }
    }

    fn assess(&mut self, frame: Frame, patient: &Context) -> Result<Case, Cause> {
        Ok(Self::assess(self, frame, patient)?)
    }
}
