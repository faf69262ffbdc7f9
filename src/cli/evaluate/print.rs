//! What `lentigo evaluate` says when it is done: the figures of `summary.json` that a person looks at first.

use std::fmt::Display;

use anyhow::Result;

use super::{
    super::output::Printed,
    summary::{Steps, Summary},
};
use crate::evaluation::{
    bootstrap::Interval,
    report::{AgainstExperts, Figure, Headline, Report, Step},
};

pub(super) fn report(summary: &Summary) -> Result<()> {
    let Summary { bundle, rows, engine, label, report, .. } = summary;
    let hidden = summary.hidden.map(|part| format!(", {part} painted over")).unwrap_or_default();
    let metadata = if summary.with_metadata { "" } else { ", without metadata" };
    Printed::line(format_args!("{} {}, {rows}{hidden}{metadata} ({engine})", bundle.name, bundle.version))?;
    let figures = &report.referral.likelier;
    Printed::line(format_args!("{} images with a known label, {} {label}", figures.n, figures.positives))?;
    for (name, figure) in [
        ("ROC AUC", figures.roc_auc),
        ("PR AUC", figures.pr_auc),
        ("accuracy", figures.accuracy),
        ("balanced accuracy", figures.balanced_accuracy),
        ("ECE", figures.ece),
        ("Brier score", figures.brier),
    ] {
        line(name, figure)?;
    }
    for point in &report.referral.operating_points {
        let chosen = if point.name == summary.operating_point.name { " (chosen)" } else { "" };
        Printed::line(format_args!("at {} ({:.3}){chosen}", point.name, point.threshold))?;
        line("sensitivity", point.sensitivity)?;
        line("specificity", point.specificity)?;
    }
    classes(report)?;
    lesions(report)?;
    criteria(report)?;
    abstention(report)?;
    groups(report)?;
    against(summary)?;
    let gate = &summary.gate;
    Printed::line(format_args!(
        "the gate would refuse {} of {} ({:.1} %) {:?}",
        gate.refused,
        gate.judged,
        gate.refused_share * 100.0,
        gate.reasons
    ))?;
    if summary.left_out > 0 {
        Printed::line(format_args!("{} images were left out: without a mask there is nothing to hide", summary.left_out))?;
    }
    Printed::line(format_args!("CPU time of an image: median {:.1} ms, 95 % {:.1} ms", summary.median_latency_ms, summary.p95_latency_ms))?;
    let Steps { gate, prepare, infer, explain, criteria } = summary.median_steps_ms;
    Printed::line(format_args!("  gate {gate:.1}, prepare {prepare:.1}, infer {infer:.1}, explain {explain:.1}, criteria {criteria:.1}"))
}

fn line(name: impl Display, figure: Option<Interval>) -> Result<()> {
    match figure {
        Some(of) => Printed::line(format_args!("  {name:<21} {:.4}  [{:.4}, {:.4}]", of.value, of.low, of.high)),
        None => Printed::line(format_args!("  {name:<21} not defined: it needs labelled images of both classes")),
    }
}

fn classes(report: &Report) -> Result<()> {
    if let Some(classes) = &report.classes {
        Printed::line(format_args!(
            "{} images with a known class, {} of a class that the bundle does not have",
            classes.n, classes.other_classes
        ))?;
        line("balanced accuracy", classes.balanced_accuracy)?;
        line("macro AUC", classes.macro_auc)?;
        line("accuracy", classes.accuracy)?;
        line("ECE of the likeliest", classes.ece)?;
        for (name, class) in &classes.by_class {
            let value = |figure: Option<Interval>| figure.map_or("-".to_owned(), |figure| format!("{:.4}", figure.value));
            Printed::line(format_args!("  {name:<21} recall {}  AUC {}  n {}", value(class.recall), value(class.roc_auc), class.n))?;
        }
    }
    for (name, figures) in report.independent.iter().flatten() {
        Printed::line(format_args!("{name}: {} images, {} positive", figures.n, figures.positives))?;
        line("ROC AUC", figures.roc_auc)?;
        line("PR AUC", figures.pr_auc)?;
        line("ECE", figures.ece)?;
    }
    Ok(())
}

fn lesions(report: &Report) -> Result<()> {
    if let Some(mask) = &report.mask {
        Printed::line(format_args!("outline: {} images", mask.n))?;
        line("Jaccard", mask.jaccard)?;
        line("Dice", mask.dice)?;
        line("share below 0.65", mask.below_065)?;
    }
    if let Some(evidence) = &report.cam_in_lesion {
        Printed::line(format_args!("evidence: {} images, {} more without any", evidence.n, evidence.without_evidence))?;
        line("share in the lesion", evidence.inside)?;
        line("lesion's own share", evidence.lesion_share)?;
    }
    Ok(())
}

fn criteria(report: &Report) -> Result<()> {
    if let Some(criteria) = &report.criteria {
        Printed::line(format_args!("criteria: {} images measured, {} without a lesion to measure", criteria.n, criteria.unmeasured))?;
        for (name, beside) in &criteria.raters {
            Printed::line(format_args!("  {name}: {} images with raters, who agree by {}", beside.n, interval(beside.agreement)))?;
            for (value, of) in &beside.values {
                let share = of.share.map_or_else(
                    || "no share: the raters' agreement is not surely above 0".to_owned(),
                    |share| format!("share {}", interval(Some(share))),
                );
                Printed::line(format_args!("    {:<9} Spearman {}  {share}", value.name(), interval(of.spearman)))?;
            }
            Printed::line(format_args!("    ceiling   Spearman {}", interval(beside.ceiling)))?;
        }
        if let Some(experts) = &criteria.experts {
            let AgainstExperts { n, symmetric, asymmetric, .. } = experts;
            Printed::line(format_args!("  experts: {n} images, asymmetry 0 in {symmetric}, 2 in {asymmetric}"))?;
            for (what, figures) in [
                ("asymmetry 2 against 0, AUC", &experts.asymmetry_roc_auc),
                ("asymmetry, Spearman", &experts.asymmetry_spearman),
                ("number of colours, Spearman", &experts.colour_spearman),
            ] {
                for (value, figure) in figures {
                    Printed::line(format_args!("    {:<9} {what} {}", value.name(), interval(*figure)))?;
                }
            }
        }
    }
    let Some(alignment) = &report.alignment else { return Ok(()) };
    Printed::line(format_args!("alignment: {} images", alignment.n))?;
    line("cosine with own", alignment.positive)?;
    line("cosine with others", alignment.negative)?;
    for recall in &alignment.retrieval {
        Printed::line(format_args!("  recall at {:<11} {}  by chance {:.4}", recall.at, interval(recall.recall), recall.chance))?;
    }
    if let Some(prototypes) = &alignment.prototypes {
        line("nearest level", prototypes.same)?;
        Printed::line(format_args!(
            "  {:<21} {}  by chance {:.4}",
            "within one level",
            interval(prototypes.within_one),
            prototypes.within_one_by_chance
        ))?;
    }
    Ok(())
}

fn interval(figure: Option<Interval>) -> String {
    figure.map_or("-".to_owned(), |of| format!("{:.4} [{:.4}, {:.4}]", of.value, of.low, of.high))
}

fn abstention(report: &Report) -> Result<()> {
    let abstention = &report.abstention;
    let Some(coverage) = abstention.coverage else { return Ok(()) };
    Printed::line(format_args!("would answer {:.1} % of the images; cannot assess: {:?}", coverage * 100.0, abstention.abstained))?;
    if coverage < 1.0 {
        Printed::line(format_args!("  {:<21} {}", "answered", brief(&abstention.answered)))?;
        Printed::line(format_args!("  {:<21} {}", "withheld", brief(&abstention.withheld)))?;
    }
    for (by, steps) in &abstention.curves {
        let curve = |figure: fn(&Headline) -> &Figure| {
            let point = |step: &Step| Some(format!("{:.0} % {:.3}", step.coverage * 100.0, figure(&step.figures).known()?.value));
            steps.iter().filter_map(point).collect::<Vec<_>>().join(", ")
        };
        Printed::line(format_args!("answered when withheld by {by}"))?;
        Printed::line(format_args!("  {:<21} {}", "accuracy", curve(|figures| &figures.accuracy)))?;
        Printed::line(format_args!("  {:<21} {}", "ROC AUC", curve(|figures| &figures.roc_auc)))?;
    }
    Ok(())
}

fn groups(report: &Report) -> Result<()> {
    for (attribute, groups) in report.groups.iter().filter(|(_, groups)| groups.len() > 1) {
        Printed::line(format_args!("by {attribute}"))?;
        for group in groups {
            Printed::line(format_args!("  {:<21} {}", group.group, brief(&group.figures)))?;
        }
    }
    Ok(())
}

/// A part of the set in one line.
fn brief(figures: &Headline) -> String {
    let value = |figure: &Figure| match figure {
        Figure::Known(of) => format!("{:.3} [{:.3}, {:.3}]", of.value, of.low, of.high),
        Figure::TooFew => "too few".to_owned(),
    };
    let mut parts = vec![
        format!("n {} ({} positive)", figures.n, figures.positives),
        format!("AUC {}", value(&figures.roc_auc)),
        format!("accuracy {}", value(&figures.accuracy)),
    ];
    parts.extend(figures.class_balanced_accuracy.iter().map(|balanced| format!("balanced over classes {}", value(balanced))));
    parts.extend(figures.class_roc_auc.iter().map(|(name, area)| format!("{name} AUC {}", value(area))));
    parts.join("  ")
}

fn against(summary: &Summary) -> Result<()> {
    let Some(against) = &summary.against else { return Ok(()) };
    let (other, found) = (&against.bundle, &against.comparison);
    Printed::line(format_args!("minus {} {} ({}), {} images", other.name, other.version, against.engine, found.n))?;
    for (name, figure) in &found.differences {
        let of = figure.difference;
        Printed::line(format_args!(
            "  {name:<26} {:+.4}  [{:+.4}, {:+.4}]  {:.4} against {:.4}",
            of.value, of.low, of.high, figure.here, figure.there
        ))?;
    }
    let distance = |value: Option<f64>| value.unwrap_or_default();
    Printed::line(format_args!(
        "  probabilities of a referral are {:.4} apart on average, {:.4} at most; {:.1} % get the same decision",
        distance(found.mean_distance),
        distance(found.largest_distance),
        distance(found.same_decision) * 100.0
    ))
}
