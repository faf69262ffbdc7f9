//! The result: one table, for people as Markdown and for programs as JSON.

use std::{fmt::Write as _, fs, path::Path, time::Duration};

use anyhow::{Context, Result};
use serde::Serialize;

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// The case that it belongs to: `normal`.
    pub case: &'static str,
    /// What was looked at.
    pub what: String,
    /// What was found.
    pub found: String,
    /// What it must be; empty for what is only measured.
    pub wanted: String,
    /// Whether it is so.
    pub good: bool,
}

/// How long one case took.
#[derive(Debug, Clone, Serialize)]
pub struct CaseTime {
    /// The case.
    pub case: &'static str,
    /// Wall time in seconds.
    pub seconds: f64,
}

/// Everything that was found, in the order of the cases.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    findings: Vec<Finding>,
    seconds: Vec<CaseTime>,
}

/// What one case adds to the report.
pub struct Findings<'a> {
    case: &'static str,
    report: &'a mut Report,
}

impl Report {
    /// Where the findings of `case` go.
    pub fn of(&mut self, case: &'static str) -> Findings<'_> {
        Findings { case, report: self }
    }

    /// How long `case` took.
    pub fn took(&mut self, case: &'static str, time: Duration) {
        self.seconds.push(CaseTime { case, seconds: time.as_secs_f64() });
    }

    /// Nothing was found that must not be.
    pub fn good(&self) -> bool {
        self.findings.iter().all(|finding| finding.good)
    }

    /// The table.
    pub fn markdown(&self) -> String {
        let mut text = String::from(
            "Times are those of an emulated board (QEMU without hardware acceleration, wall time of the host): they show that nothing hangs, not how fast a board is.\n\n| case | what | found | wanted | |\n|---|---|---|---|---|\n",
        );
        for Finding { case, what, found, wanted, good } in &self.findings {
            let mark = if !good {
                "**no**"
            } else if wanted.is_empty() {
                ""
            } else {
                "yes"
            };
            let _fits = writeln!(text, "| {case} | {what} | {} | {wanted} | {mark} |", found.replace('|', "/"));
        }
        let total: f64 = self.seconds.iter().map(|of| of.seconds).sum();
        let each = self.seconds.iter().map(|of| format!("{} {:.0} s", of.case, of.seconds)).collect::<Vec<_>>().join(", ");
        let _fits = writeln!(text, "\nWall time {total:.0} s: {each}.");
        text
    }

    /// Writes `report.md` and `report.json` into `folder`.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let write = |name: &str, text: String| fs::write(folder.join(name), text).with_context(|| format!("writing {name}"));
        write("report.md", self.markdown())?;
        write("report.json", serde_json::to_string_pretty(self)?)
    }
}

impl Findings<'_> {
    /// Something that must be so.
    pub fn must(&mut self, what: impl Into<String>, good: bool, found: impl ToString, wanted: impl ToString) {
        self.add(Finding { case: self.case, what: what.into(), found: found.to_string(), wanted: wanted.to_string(), good });
    }

    /// Something that is only measured.
    pub fn measured(&mut self, what: impl Into<String>, found: impl ToString) {
        self.add(Finding { case: self.case, what: what.into(), found: found.to_string(), wanted: String::new(), good: true });
    }

    /// The case could not be gone through.
    pub fn failed(&mut self, error: &anyhow::Error) {
        self.must("went through", false, format!("{error:#}"), "the whole case");
    }

    fn add(&mut self, finding: Finding) {
        let Finding { case, what, found, good, .. } = &finding;
        println!("[{case}] {}{what}: {found}", if *good { "" } else { "NOT AS WANTED: " });
        self.report.findings.push(finding);
    }
}
