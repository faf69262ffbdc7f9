//! A picture that the gate refuses: reasons, and no number anywhere.

use anyhow::Result;

use crate::{bench::Bench, expected, pictures::BLURRED, report::Findings};

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    bench.hold(BLURRED)?;
    let pictures = bench.pictures.clone();
    let picture = pictures.get(BLURRED)?;
    let machine = bench.machine()?;
    machine.keep_screen("scene-preview-hints")?;
    let answer = machine.console.ask("capture")?;
    findings.must("label", answer["label"] == "retake" || answer["state"] == "retake", &answer, "retake");
    findings.must("no number in the answer", answer.get("probability").is_none(), &answer["probability"], "none");
    findings.must("reasons", answer["reasons"].as_array().is_some_and(|reasons| !reasons.is_empty()), &answer["reasons"], "at least one");
    let expected = expected::outcome(picture, answer["case"].as_u64().unwrap_or_default())?;
    let difference = machine.compare_screen("scene-retake", &expected)?;
    findings.must("the screen beside the retake scene that the host draws", difference.none(), difference, "pixel for pixel");
    machine.console.ask("retake")?;
    let status = machine.console.status()?;
    findings.must("retake goes back to the live picture", status["state"] == "preview", &status["state"], "preview");
    Ok(())
}
