//! The way of the data, from one frame to one case: gate, prepare, infer, read, judge, and measure what explains it.
//!
//! Plain calls on one thread, with no camera, screen or clock but the thread's CPU time. Every number that decides
//! anything comes from the bundle. An [`Analyser`] exists only if the golden case of its bundle was met.

mod cpu_clock;
mod error;
mod explanation;
mod golden;
mod score;

use std::borrow::Borrow;

use crate::{
    bundle::{Bundle, Golden, Manifest},
    case::{BundleId, Case, Explanation, Numbers, Timings},
    engine::{self, Engine, Options, Tensor},
    frame::{Frame, Region},
    patient::Context,
    prepare::Preparer,
    quality::{Gate, Quality},
    system::{self, Findings, Metadata, System, SystemError},
    verdict::{Assessment, OperatingPoint, Verdict},
};

pub use cpu_clock::CpuClock;
pub use error::{AnalysisError, LoadError};
pub use score::Score;

use explanation::Explainer;
use score::Answer;

/// A bundle at work: takes frames and gives cases.
pub struct Analyser {
    manifest: Manifest,
    id: BundleId,
    gate: Gate,
    preparer: Preparer,
    engine: Box<dyn Engine>,
    system: Box<dyn System>,
    operating_point: OperatingPoint,
    /// What the network takes besides the picture, filled anew for each: what is known of the patient, or nothing.
    others: Vec<Tensor>,
    /// What explains answers by criteria, where the bundle does.
    explainer: Option<Explainer>,
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
        let vector = |metadata: &Metadata| Tensor { shape: vec![1, metadata.length()], values: vec![0.0; metadata.length()] };
        let others = manifest.metadata.iter().map(vector).collect();
        let mut analyser = Self {
            gate: Gate::new(manifest.quality),
            preparer: Preparer::new(manifest.prepare.clone()),
            id: bundle.id().clone(),
            manifest,
            engine,
            system,
            operating_point,
            others,
            explainer: Explainer::load(bundle)?,
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

    /// What runs the graph: `tract, int8`; and what runs the clinical head, where there is one.
    #[must_use]
    pub fn describe_engine(&self) -> String {
        let head = self.explainer.as_ref().map(|explainer| format!("; {}", explainer.describe_engine()));
        self.engine.describe() + &head.unwrap_or_default()
    }

    /// Takes one frame of a lesion of `patient` through the whole chain.
    ///
    /// A frame that the gate refuses gets [`Verdict::Retake`] and is never shown to the network. A network that answers with
    /// infinity or no number, or whose answer does not count by the bundle's own limits, gets [`Verdict::CannotAssess`]: the picture is kept,
    /// the person gets a label and a next step.
    ///
    /// # Errors
    /// [`AnalysisError`] when the chain itself is broken: that is a fault of the device, not a finding about the picture.
    pub fn assess(&mut self, frame: Frame, patient: &Context) -> Result<Case, AnalysisError> {
        let mut timings = Timings::default();
        let mut clock = CpuClock::start();
        let quality = self.gate.judge(&frame);
        timings.gate = clock.lap();
        let (measurements, verdict, evidence, numbers, explanation) = match quality {
            Quality::Refuse { reasons, measurements } => (measurements, Verdict::Retake { reasons }, None, None, None),
            Quality::Pass(passed) => {
                let measurements = *passed.measurements();
                match self.explained(&frame, patient, &mut timings) {
                    Ok((answer, explanation)) => {
                        let numbers = Some(self.numbers(&answer));
                        let (verdict, evidence) = match answer.abstention {
                            Some(abstention) => (Verdict::CannotAssess { cause: abstention.to_string() }, None),
                            None => {
                                let assessment = Assessment::new(answer.probability, self.operating_point.clone(), passed);
                                (Verdict::Assessed(assessment), Some(answer.evidence))
                            }
                        };
                        (measurements, verdict, evidence, numbers, explanation)
                    }
                    Err(AnalysisError::System(cause)) if cause.is_about_the_picture() => {
                        (measurements, Verdict::CannotAssess { cause: cause.to_string() }, None, None, None)
                    }
                    Err(cause) => return Err(cause),
                }
            }
        };
        Ok(Case { frame, measurements, verdict, evidence, numbers, explanation, bundle: self.id.clone(), timings })
    }

    /// What of an answer is kept beside its verdict: of one that does not count no probability.
    fn numbers(&self, answer: &Answer) -> Numbers {
        Numbers {
            probabilities: if answer.abstention.is_none() { answer.probabilities.clone() } else { Vec::new() },
            novelty: answer.novelty,
            disagreement: (self.manifest.views.flips.len() > 1).then_some(answer.disagreement),
            abstention: answer.abstention,
        }
    }

    /// Asks the network about a frame of a lesion of `patient` whatever the gate and the bundle's limits say of it, to evaluate each apart.
    ///
    /// # Errors
    /// [`AnalysisError`], also when the network gives no usable number.
    pub fn score(&mut self, frame: &Frame, patient: &Context) -> Result<Score, AnalysisError> {
        let mut timings = Timings::default();
        let mut clock = CpuClock::start();
        let quality = self.gate.judge(frame);
        timings.gate = clock.lap();
        let answer = self.answer(frame, patient, &mut timings)?;
        let explanation = self.explain(frame, &answer, &mut timings)?;
        let Answer { probabilities, named, probability, novelty, disagreement, abstention, evidence, reading: _ } = answer;
        Ok(Score { probabilities, named, probability, quality, evidence, novelty, disagreement, abstention, explanation, timings })
    }

    /// The answer to a frame, and if it counts the criteria behind it.
    fn explained(
        &mut self,
        frame: &Frame,
        patient: &Context,
        timings: &mut Timings,
    ) -> Result<(Answer, Option<Explanation>), AnalysisError> {
        let answer = self.answer(frame, patient, timings)?;
        let explanation = if answer.abstention.is_none() { self.explain(frame, &answer, timings)? } else { None };
        Ok((answer, explanation))
    }

    fn explain(&mut self, frame: &Frame, answer: &Answer, timings: &mut Timings) -> Result<Option<Explanation>, AnalysisError> {
        let Some(explainer) = &mut self.explainer else { return Ok(None) };
        let mut clock = CpuClock::start();
        let explanation = explainer.explain(frame, &answer.evidence, &answer.reading)?;
        timings.criteria = clock.lap();
        Ok(explanation)
    }

    fn answer(&mut self, frame: &Frame, patient: &Context, timings: &mut Timings) -> Result<Answer, AnalysisError> {
        let (findings, referrals, region) = self.infer(frame, patient, timings)?;
        let mut clock = CpuClock::start();
        let answer = Answer::of(&self.manifest, findings, &referrals, &self.operating_point, region);
        usable(answer.probability)?;
        timings.explain += clock.lap();
        Ok(answer)
    }

    /// What is found in the frame, the mean of the bundle's views, with the probability of a referral in each of them.
    fn infer(&mut self, frame: &Frame, patient: &Context, timings: &mut Timings) -> Result<(Findings, Vec<f32>, Region), AnalysisError> {
        let mut clock = CpuClock::start();
        let mut prepared = self.preparer.prepare(frame)?;
        for (metadata, vector) in self.manifest.metadata.iter().zip(&mut self.others) {
            metadata.encode(patient, &mut vector.values);
        }
        timings.prepare = clock.lap();
        let Manifest { views, classes, calibration, .. } = &self.manifest;
        let mut referrals = Vec::with_capacity(views.flips.len());
        let mut found = Vec::with_capacity(views.flips.len());
        for &flip in &views.flips {
            prepared.square.flip(flip);
            timings.prepare += clock.lap();
            let outputs = self.engine.run_picture(&self.preparer.picture(&prepared), &self.others)?;
            timings.infer += clock.lap();
            let findings = self.system.findings(outputs)?.turned_back(flip);
            referrals.push(usable(calibration.referral(&findings.scores, classes))?);
            found.push(findings);
            timings.explain += clock.lap();
            // Each flip is its own inverse.
            prepared.square.flip(flip);
            timings.prepare += clock.lap();
        }
        let findings = Findings::mean(found)?;
        timings.explain += clock.lap();
        Ok((findings, referrals, prepared.region))
    }

    /// Runs the golden case past the gate and past the bundle's limits: it tests the network and this build, not the picture.
    fn meet(&mut self, golden: &Golden) -> Result<(), LoadError> {
        let bundle = self.id.name.clone();
        let failed = |cause| LoadError::GoldenFailed { bundle, cause: Box::new(cause) };
        let mut timings = Timings::default();
        let (findings, referrals, region) = match self.infer(&golden.input, &Context::default(), &mut timings) {
            Ok(found) => found,
            Err(cause) => return Err(failed(cause)),
        };
        golden::check_findings(golden, &self.manifest, &findings)?;
        let answer = Answer::of(&self.manifest, findings, &referrals, &self.operating_point, region);
        let explanation = self.explain(&golden.input, &answer, &mut timings).map_err(failed)?;
        golden::check_agreement(golden, &self.manifest, explanation.map(|explanation| explanation.agreement))
    }
}

/// A probability that is a number: scores can be so large that calibration loses them.
fn usable(probability: f32) -> Result<f32, SystemError> {
    if probability.is_finite() { Ok(probability) } else { Err(SystemError::NotFinite { output: "logits", value: probability }) }
}

fn find_operating_point(manifest: &Manifest, name: &str) -> Result<OperatingPoint, LoadError> {
    manifest.operating_point(name).cloned().ok_or_else(|| LoadError::OperatingPoint {
        bundle: manifest.name.clone(),
        name: name.to_owned(),
        known: manifest.operating_points.iter().map(|point| point.name.as_str()).collect::<Vec<_>>().join(", "),
    })
}
