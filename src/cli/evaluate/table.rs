//! `predictions.csv`: one line an image that was assessed.

use anyhow::Result;

use super::{criteria, examine::Examination};
use crate::{evaluation::metrics::Overlap, quality::Quality};

/// The table as CSV.
pub(super) fn predictions(examination: &Examination) -> Result<Vec<u8>> {
    let classes = &examination.analyser.manifest().classes;
    // Of two classes that exclude each other, one says it all.
    let one = examination.question.exclusive && classes.names.len() == 2;
    let reported: Vec<usize> = (0..classes.names.len()).filter(|class| !one || classes.is_positive(*class)).collect();
    let mut writer = csv::Writer::from_writer(vec![]);
    let names = reported.iter().map(|class| classes.names[*class].as_str());
    let rest = ["referral", "novelty", "disagreement", "abstained", "mask_jaccard", "mask_dice", "cam_in_lesion"];
    let class = examination.question.has_types().then_some("class");
    let measured = if examination.analyser.manifest().criteria.is_some() { criteria::columns() } else { vec![] };
    let header = ["file"].into_iter().chain(names).chain(["quality", "latency_ms"]).chain(rest).chain(class);
    writer.write_record(header.chain(measured.iter().map(String::as_str)))?;
    for ((answer, quality), latency) in examination.answers.iter().zip(&examination.quality).zip(&examination.latencies) {
        let mut line = vec![answer.row.file.clone()];
        line.extend(reported.iter().map(|class| share(Some(answer.probabilities[*class]))));
        line.extend([quality_cell(quality), format!("{latency:.3}"), share(Some(answer.probability))]);
        line.extend([share(answer.novelty), share(Some(answer.disagreement))]);
        line.push(answer.abstained.map(|abstained| abstained.name().to_owned()).unwrap_or_default());
        line.extend([answer.outline.as_ref().map(Overlap::jaccard), answer.outline.as_ref().map(Overlap::dice)].map(share));
        line.push(share(answer.attention.and_then(|attention| attention.inside)));
        line.extend(class.map(|_| classes.names[answer.named].clone()));
        if !measured.is_empty() {
            line.extend(criteria::cells(answer.criteria.as_ref()));
        }
        writer.write_record(line)?;
    }
    Ok(writer.into_inner()?)
}

fn share(value: Option<f64>) -> String {
    value.map(|value| format!("{value:.6}")).unwrap_or_default()
}

fn quality_cell(quality: &Quality) -> String {
    match quality {
        Quality::Pass(_) => "pass".to_owned(),
        Quality::Refuse { reasons, .. } => reasons.iter().map(|reason| reason.code()).collect::<Vec<_>>().join("|"),
    }
}
