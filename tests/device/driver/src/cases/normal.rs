//! The normal case: a lesion before the lens, captured, assessed, accepted; one of each label.

use anyhow::Result;
use lentigo::verdict::Verdict;

use super::ms;
use crate::{
    bench::Bench,
    expected,
    pictures::{IRREGULAR, Picture, REGULAR},
    report::Findings,
};

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    for name in [REGULAR, IRREGULAR] {
        bench.hold(name)?;
        let pictures = bench.pictures.clone();
        let picture = pictures.get(name)?;
        let machine = bench.machine()?;
        let cases = machine.console.status()?["cases"].as_u64().unwrap_or_default();
        let (answer, took) = machine.console.ask_timed("capture")?;
        findings.measured(format!("{name}: capture on the console to its answer"), ms(took));
        check_answer(picture, &answer, name, findings);
        let expected = expected::outcome(picture, answer["case"].as_u64().unwrap_or_default())?;
        let difference = machine.compare_screen(&format!("scene-verdict-{name}"), &expected)?;
        findings.must(format!("{name}: the screen beside the scene that the host draws"), difference.none(), difference, "pixel for pixel");
        let status = machine.console.status()?;
        findings
            .measured(format!("{name}: capture to verdict on the screen, as the device says"), format!("{} ms", status["last_verdict_ms"]));
        findings.measured(format!("{name}: light to glass, as the device says"), format!("{} ms", status["light_to_glass_ms"]));
        let accepted = machine.console.ask("accept")?;
        findings.must(format!("{name}: accepted"), accepted["state"] == "preview", &accepted["message"], "then the live picture");
        let after = machine.console.status()?["cases"].as_u64().unwrap_or_default();
        findings.must(format!("{name}: cases in the records"), after == cases + 1, format!("{cases} before, {after} after"), "one more");
    }
    Ok(())
}

/// The console says what the host found.
fn check_answer(picture: &Picture, answer: &serde_json::Value, name: &str, findings: &mut Findings<'_>) {
    let label = picture.case.verdict.label().text();
    findings.must(format!("{name}: label"), answer["label"] == label, &answer["label"], label);
    if let Verdict::Assessed(assessment) = &picture.case.verdict {
        let (found, wanted) = (answer["probability"].as_f64(), f64::from(assessment.probability()));
        let same = found.is_some_and(|found| (found - wanted).abs() <= 1e-6);
        findings.must(format!("{name}: probability"), same, &answer["probability"], format!("{wanted:.6} as on the host"));
    }
}
