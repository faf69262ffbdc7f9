//! The way of the data, from one frame to one case: gate, prepare, infer, read, judge.
//!
//! Plain calls on one thread, with no camera, screen or clock but the thread's CPU time. Every number that decides
//! anything comes from the bundle. An [`Analyser`] exists only if the golden case of its bundle was met.

mod cpu_clock;
mod error;

use std::borrow::Borrow;

use crate::{
    bundle::{Bundle, Golden, Manifest},
    case::{BundleId, Case, Evidence, Timings},
    engine::{self, Engine, Options},
    explain::cam,
    frame::{Frame, Region},
    prepare::Preparer,
    quality::{Gate, Quality},
    system::{self, Findings, System},
    verdict::{Assessment, Label, OperatingPoint, Verdict},
};

pub use cpu_clock::CpuClock;
pub use error::{AnalysisError, LoadError};

/// A bundle at work: takes frames and gives cases.
pub struct Analyser {
    manifest: Manifest,
    id: BundleId,
    gate: Gate,
    preparer: Preparer,
    engine: Box<dyn Engine>,
    system: Box<dyn System>,
    operating_point: OperatingPoint,
}

/// What the network says of a frame, whether or not the gate would let it through. For evaluation only: it carries no
/// label, and nothing that a person sees may be made from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Calibrated probability of each class, in the order of the manifest's class names; they sum to 1.
    pub probabilities: Vec<f32>,
    /// Calibrated probability of the positive class, one of `probabilities`.
    pub probability: f32,
    /// What the gate says.
    pub quality: Quality,
    /// Where the network sees evidence for the positive class.
    pub evidence: Evidence,
    /// How long it took.
    pub timings: Timings,
}

impl Analyser {
    /// Builds gate, engine and system from the bundle, runs its golden case and refuses to go on unless that is met.
    ///
    /// # Errors
    /// [`LoadError`]: the graph does not load or does not fit its manifest, or the golden case gives another answer.
    pub fn load(bundle: impl Borrow<Bundle>) -> Result<Self, LoadError> {
        Self::load_with(bundle, &Options { threads: 1, ..Options::default() })
    }

    /// As [`Analyser::load`], with a network that runs as `options` say.
    ///
    /// # Errors
    /// [`LoadError`] as [`Analyser::load`].
    pub fn load_with(bundle: impl Borrow<Bundle>, options: &Options) -> Result<Self, LoadError> {
        let bundle = bundle.borrow();
        let engine = engine::load(bundle.graph(), &bundle.manifest().graph, options)?;
        Self::with_engine(bundle, engine)
    }

    /// As [`Analyser::load`] with an engine that has loaded the bundle's graph already.
    ///
    /// # Errors
    /// [`LoadError`] as [`Analyser::load`].
    pub fn with_engine(bundle: &Bundle, engine: Box<dyn Engine>) -> Result<Self, LoadError> {
        let manifest = bundle.manifest().clone();
        let system = system::by_name(&manifest.system, &manifest.graph, &manifest.classes)?;
        let chosen = manifest.decision.operating_point.clone();
        let operating_point = find_operating_point(&manifest, &chosen)?;
        let mut analyser = Self {
            gate: Gate::new(manifest.quality),
            preparer: Preparer::new(manifest.prepare.clone()),
            id: bundle.id().clone(),
            manifest,
            engine,
            system,
            operating_point,
        };
        analyser.meet(bundle.golden())?;
        Ok(analyser)
    }

    /// Compares with another of the bundle's operating points from now on.
    ///
    /// # Errors
    /// [`LoadError::OperatingPoint`] when the bundle has none of that name.
    pub fn with_operating_point(mut self, name: &str) -> Result<Self, LoadError> {
        self.operating_point = find_operating_point(&self.manifest, name)?;
        Ok(self)
    }

    /// What the bundle says about itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Name, version and digest of the bundle.
    #[must_use]
    pub fn bundle(&self) -> &BundleId {
        &self.id
    }

    /// The gate, for hints on a live picture.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The operating point that verdicts are made with.
    #[must_use]
    pub fn operating_point(&self) -> &OperatingPoint {
        &self.operating_point
    }

    /// What runs the graph: `tract, int8`.
    #[must_use]
    pub fn describe_engine(&self) -> String {
        self.engine.describe()
    }

    /// Takes one frame through the whole chain.
    ///
    /// A frame that the gate refuses gets [`Verdict::Retake`] and is never shown to the network. A network that answers with
    /// infinity or no number gets [`Verdict::CannotAssess`]: the picture is kept, the person gets a label and a next step.
    ///
    /// # Errors
    /// [`AnalysisError`] when the chain itself is broken: that is a fault of the device, not a finding about the picture.
    pub fn analyse(&mut self, frame: Frame) -> Result<Case, AnalysisError> {
        let mut timings = Timings::default();
        let mut clock = CpuClock::start();
        let quality = self.gate.judge(&frame);
        timings.gate = clock.lap();
        let (measurements, verdict, evidence) = match quality {
            Quality::Refuse { reasons, measurements } => (measurements, Verdict::Retake { reasons }, None),
            Quality::Pass(passed) => {
                let measurements = *passed.measurements();
                match self.infer(&frame, &mut timings) {
                    Ok((findings, region)) => {
                        let probability = self.manifest.calibration.probability(findings.decision);
                        let assessment = Assessment::new(probability, self.operating_point.clone(), passed);
                        let chosen = self.chosen_class(assessment.label(), &findings.scores);
                        let heatmap = cam::of_class(&findings.heatmaps, chosen);
                        (measurements, Verdict::Assessed(assessment), Some(Evidence { region, heatmap }))
                    }
                    Err(AnalysisError::System(cause)) if cause.is_about_the_picture() => {
                        (measurements, Verdict::CannotAssess { cause: cause.to_string() }, None)
                    }
                    Err(cause) => return Err(cause),
                }
            }
        };
        Ok(Case { frame, measurements, verdict, evidence, bundle: self.id.clone(), timings })
    }

    /// Asks the network about a frame whatever the gate says of it, to evaluate both apart.
    ///
    /// # Errors
    /// [`AnalysisError`], also when the network gives no usable number.
    pub fn score(&mut self, frame: &Frame) -> Result<Score, AnalysisError> {
        let mut timings = Timings::default();
        let mut clock = CpuClock::start();
        let quality = self.gate.judge(frame);
        timings.gate = clock.lap();
        let (findings, region) = self.infer(frame, &mut timings)?;
        let positive = self.manifest.classes.positive_index();
        let probabilities = self.manifest.calibration.distribution(findings.decision, &findings.scores, positive);
        let evidence = Evidence { region, heatmap: cam::of_class(&findings.heatmaps, positive) };
        Ok(Score { probability: probabilities[positive], probabilities, quality, evidence, timings })
    }

    fn infer(&mut self, frame: &Frame, timings: &mut Timings) -> Result<(Findings, Region), AnalysisError> {
        let mut clock = CpuClock::start();
        let prepared = self.preparer.prepare(frame)?;
        timings.prepare = clock.lap();
        let outputs = self.engine.run_picture(&self.preparer.picture(&prepared))?;
        timings.infer = clock.lap();
        let findings = self.system.findings(outputs)?;
        timings.explain = clock.lap();
        Ok((findings, prepared.region))
    }

    /// The class whose evidence stands behind a label: the positive class behind a referral, else the likeliest of the
    /// others. A map of the class that was *not* chosen would mostly be empty and would explain nothing.
    fn chosen_class(&self, label: Label, scores: &[f32]) -> usize {
        let positive = self.manifest.classes.positive_index();
        if label == Label::Refer {
            return positive;
        }
        let others = scores.iter().enumerate().filter(|(class, _)| *class != positive);
        others.max_by(|(_, one), (_, other)| one.total_cmp(other)).map_or(positive, |(class, _)| class)
    }

    /// Runs the golden case past the gate: it tests the network and this build, not the picture.
    fn meet(&mut self, golden: &Golden) -> Result<(), LoadError> {
        let (findings, _) = self
            .infer(&golden.input, &mut Timings::default())
            .map_err(|cause| LoadError::GoldenFailed { bundle: self.id.name.clone(), cause: Box::new(cause) })?;
        let found = self.manifest.calibration.probability(findings.decision);
        let (expected, tolerance) = (golden.expected.probability, golden.tolerance);
        if (found - expected).abs() <= tolerance {
            return Ok(());
        }
        Err(LoadError::GoldenMismatch { bundle: self.id.name.clone(), expected, found, tolerance })
    }
}

fn find_operating_point(manifest: &Manifest, name: &str) -> Result<OperatingPoint, LoadError> {
    manifest.operating_point(name).cloned().ok_or_else(|| LoadError::OperatingPoint {
        bundle: manifest.name.clone(),
        name: name.to_owned(),
        known: manifest.operating_points.iter().map(|point| point.name.as_str()).collect::<Vec<_>>().join(", "),
    })
}
