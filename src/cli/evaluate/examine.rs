//! Running pictures through bundles and keeping what they answered.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    super::progress,
    criteria,
    pictures::{Picture, Read, Source},
};
use crate::{
    case::Timings,
    evaluation::{
        answer::{Abstained, Answer, Question},
        index::Row,
        truth,
    },
    patient::Context,
    pipeline::{Analyser, Score},
    quality::Quality,
    system::Relation,
    verdict::Abstention,
};

/// One bundle at work on a set, and what it has answered so far.
pub(super) struct Examination {
    pub(super) analyser: Analyser,
    pub(super) question: Question,
    pub(super) answers: Vec<Answer>,
    /// What the gate says of each answer's picture.
    pub(super) quality: Vec<Quality>,
    /// CPU time of each answer, in milliseconds.
    pub(super) latencies: Vec<f64>,
    /// The same step by step.
    pub(super) timings: Vec<Timings>,
    pub(super) gate: GateReport,
}

/// What could not be examined.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    /// Images that could not be read or assessed.
    pub(super) unreadable: usize,
    /// Masks that could not be read; their images are examined without.
    pub(super) masks_unreadable: usize,
    /// Images in which nothing could be hidden.
    pub(super) left_out: usize,
}

/// What the gate would have done; no row was dropped for it.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct GateReport {
    pub(super) judged: usize,
    pub(super) refused: usize,
    pub(super) refused_share: f64,
    /// How often each reason was given; a frame can have several.
    pub(super) reasons: BTreeMap<&'static str, usize>,
}

impl GateReport {
    fn count(&mut self, quality: &Quality) {
        self.judged += 1;
        if let Quality::Refuse { reasons, .. } = quality {
            self.refused += 1;
            for reason in reasons {
                *self.reasons.entry(reason.code()).or_default() += 1;
            }
        }
        self.refused_share = self.refused as f64 / self.judged as f64;
    }
}

impl Examination {
    pub(super) fn new(analyser: Analyser) -> Self {
        let manifest = analyser.manifest();
        let question = Question {
            names: manifest.classes.names.clone(),
            exclusive: manifest.classes.relation == Relation::Exclusive,
            label: manifest.classes.label.clone(),
            points: manifest.operating_points.clone(),
            chosen: analyser.operating_point().clone(),
        };
        Self { analyser, question, answers: vec![], quality: vec![], latencies: vec![], timings: vec![], gate: GateReport::default() }
    }

    fn keep(&mut self, row: &Row, picture: &Picture, score: Score) {
        let (width, height) = (picture.frame.width(), picture.frame.height());
        let evidence = &score.evidence;
        let seen = picture.mask.as_ref().and_then(|mask| truth::seen(mask, evidence.region, width, height));
        let seen = seen.as_ref();
        self.gate.count(&score.quality);
        self.latencies.push(score.timings.total().as_secs_f64() * 1e3);
        self.timings.push(score.timings);
        let scales = self.analyser.manifest().severity.as_ref();
        self.answers.push(Answer {
            row: row.clone(),
            probability: f64::from(score.probability),
            novelty: score.novelty.map(f64::from),
            disagreement: f64::from(score.disagreement),
            abstained: score.abstention.as_ref().map(|abstention| match abstention {
                Abstention::Novelty { .. } => Abstained::Novelty,
                Abstention::Disagreement { .. } => Abstained::Disagreement,
            }),
            outline: evidence.lesion.as_ref().zip(seen).and_then(|(lesion, seen)| truth::outline(lesion, seen)),
            attention: evidence.heatmap.as_ref().zip(seen).and_then(|(heatmap, seen)| truth::attention(heatmap, seen)),
            criteria: score.explanation.as_ref().zip(scales).map(|(explanation, scales)| criteria::of(explanation, scales)),
            named: score.named,
            probabilities: score.probabilities.into_iter().map(f64::from).collect(),
        });
        self.quality.push(score.quality);
    }
}

/// Runs every row through every bundle; a row that one of them cannot assess counts for none, so that both speak of the same rows.
pub(super) fn examine(rows: &[Row], pictures: &Source, with_metadata: bool, examinations: &mut [Examination]) -> Troubles {
    let mut troubles = Troubles::default();
    let bar = progress::bar(rows.len());
    pictures.each(rows, |row, read| {
        bar.set_message(row.file.clone());
        bar.inc(1);
        let trouble = match read {
            Read::LeftOut => return troubles.left_out += 1,
            Read::Unreadable(error) => error,
            Read::Picture(picture) => {
                if let Some(error) = &picture.mask_trouble {
                    troubles.masks_unreadable += 1;
                    bar.suspend(|| eprintln!("lentigo: {error:#}"));
                }
                let context = if with_metadata { row.person.context.clone() } else { Context::default() };
                let scores: Result<Vec<Score>, _> =
                    examinations.iter_mut().map(|examination| examination.analyser.score(&picture.frame, &context)).collect();
                match scores {
                    Ok(scores) => {
                        return examinations.iter_mut().zip(scores).for_each(|(examination, score)| examination.keep(row, &picture, score));
                    }
                    Err(error) => anyhow::Error::new(error).context(format!("{} could not be assessed", row.file)),
                }
            }
        };
        troubles.unreadable += 1;
        bar.suspend(|| eprintln!("lentigo: {trouble:#}"));
    });
    bar.finish_and_clear();
    troubles
}
