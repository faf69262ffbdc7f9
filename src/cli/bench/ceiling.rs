//! `lentigo bench --ceiling`: what the processor's multiply-add instructions could do at most.

use anyhow::Result;
use serde::Serialize;

use super::super::{Outcome, output::Printed};
use crate::engine::int8::kernels::{Family, ceiling};

#[derive(Debug, Serialize)]
struct Report {
    ceilings: Vec<Ceiling>,
}

#[derive(Debug, Serialize)]
struct Ceiling {
    kernels: &'static str,
    instruction: &'static str,
    gmac_s: f64,
}

pub(super) fn run(json: bool) -> Result<Outcome> {
    let measure = |family: Family| Ceiling { kernels: family.name(), instruction: ceiling::instruction(family), gmac_s: ceiling::ceiling(family) };
    let ceilings: Vec<Ceiling> = Family::available().map(measure).collect();
    if json {
        Printed::json(&Report { ceilings })?;
        return Ok(Outcome::Done);
    }
    for Ceiling { kernels, instruction, gmac_s } in ceilings {
        Printed::line(format_args!("{kernels:<12} {instruction:<24} {gmac_s:8.1} billion multiply-adds a second on one core"))?;
    }
    Ok(Outcome::Done)
}
