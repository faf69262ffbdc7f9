//! The pipeline as the loop sees it.

use super::seams::{Assess, Cause};
use crate::{
    case::Case,
    frame::Frame,
    pipeline::Analyser,
    quality::{Quality, Reason},
};

impl Assess for Analyser {
    fn hints(&mut self, frame: &Frame) -> Vec<Reason> {
        match self.gate().judge(frame) {
            Quality::Pass(_) => Vec::new(),
            Quality::Refuse { reasons, .. } => reasons,
        }
    }

    fn assess(&mut self, frame: Frame) -> Result<Case, Cause> {
        Ok(self.analyse(frame)?)
    }
}
