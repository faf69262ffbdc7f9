//! The second kernel, with a camera that sends JPEG, as USB dermatoscopes do: `v4l2loopback` on Debian's 6.1.

use anyhow::Result;
use lentigo::verdict::Verdict;

use super::ms;
use crate::{
    bench::Bench,
    expected,
    pictures::{IRREGULAR, REGULAR},
    report::Findings,
};

/// Decoders of the two processors may round an inverse cosine transform differently.
const PROBABILITY: f64 = 0.01;
const LEVELS: u8 = 8;

pub fn run(bench: &mut Bench, findings: &mut Findings<'_>) -> Result<()> {
    let Some(mut bench) = bench.with_jpeg()? else {
        findings.measured("left out", "no image with the JPEG camera was given");
        return Ok(());
    };
    for name in [REGULAR, IRREGULAR] {
        bench.hold(name)?;
        let pictures = bench.pictures.clone();
        let picture = pictures.get(name)?;
        let machine = bench.machine()?;
        let (answer, took) = machine.console.ask_timed("capture")?;
        findings.measured(format!("{name}: capture on the console to its answer"), ms(took));
        let label = picture.case.verdict.label().text();
        findings.must(format!("{name}: label"), answer["label"] == label, &answer["label"], label);
        if let Verdict::Assessed(assessment) = &picture.case.verdict {
            let wanted = f64::from(assessment.probability());
            let near = answer["probability"].as_f64().is_some_and(|found| (found - wanted).abs() <= PROBABILITY);
            findings.must(
                format!("{name}: probability"),
                near,
                &answer["probability"],
                format!("{wanted:.6} as on the host, within {PROBABILITY}"),
            );
        }
        let expected = expected::outcome(picture, answer["case"].as_u64().unwrap_or_default())?;
        let difference = machine.compare_screen(&format!("scene-jpeg-{name}"), &expected)?;
        findings.must(format!("{name}: the screen"), difference.largest <= LEVELS, difference, format!("within {LEVELS} levels"));
        machine.console.ask("accept")?;
    }
    let status = bench.machine()?.console.status()?;
    findings.measured("camera", &status["camera"]["name"]);
    Ok(())
}
