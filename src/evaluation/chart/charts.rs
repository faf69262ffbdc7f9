//! Which charts there are of a set of answers.

use super::{
    super::{
        answer::{Answer, Question, picked},
        metrics::{self, Confusion, Many, Point, Ranked},
        report::{Headline, Report, Step},
    },
    ChartError,
    axes::{Lines, Series, lines},
    reliability::reliability,
};

/// A chart as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Its file name: `roc.svg`.
    pub name: String,
    /// SVG text.
    pub svg: String,
}

/// One yes/no question of a bundle: what it is called, and the probabilities beside the truths.
struct Asked {
    name: String,
    ranked: Ranked,
}

/// Every chart that the answers give: `roc.svg`, `pr.svg`, `coverage.svg`, `reliability.svg` of the referral, and a reliability
/// diagram of the likeliest class or of each class that is a question of its own. Charts of what has no truth are left out.
///
/// # Errors
/// [`ChartError`] names the chart.
pub fn charts(question: &Question, answers: &[Answer], report: &Report) -> Result<Vec<Chart>, ChartError> {
    let answers: Vec<&Answer> = answers.iter().collect();
    let (scored, _) = picked(&answers, |answer| answer.referral(question));
    let referral = Asked { name: format!("referral ({})", question.label), ranked: Ranked::new(&scored) };
    let mut asked = vec![];
    let mut reliabilities = vec![("reliability".to_owned(), question.label.clone(), referral.ranked.clone())];
    if question.has_types() {
        let (typed, _) = picked(&answers, |answer| answer.typed(question));
        let many = Many::new(&typed, question.names.len());
        reliabilities.push(("reliability-class".to_owned(), "the likeliest class".to_owned(), many.top().clone()));
        let one = |(class, name): (usize, &String)| Asked { name: name.clone(), ranked: many.against_rest(class).clone() };
        asked.extend(question.names.iter().enumerate().map(one));
    } else if !question.exclusive {
        for (class, name) in question.names.iter().enumerate() {
            let (scored, _) = picked(&answers, |answer| answer.class(question, class));
            let ranked = Ranked::new(&scored);
            reliabilities.push((format!("reliability-{name}"), name.clone(), ranked.clone()));
            asked.push(Asked { name: name.clone(), ranked });
        }
    }
    asked.insert(0, referral);
    let mut charts = vec![];
    for (name, what, ranked) in reliabilities.iter().filter(|(.., ranked)| !ranked.is_empty()) {
        let error = metrics::calibration_error(ranked, &ranked.unit_weights()).unwrap_or_default();
        let title = format!("Reliability, {what}: ECE {error:.3}, n = {}", ranked.len());
        charts.push((name.clone(), reliability(&title, what, &metrics::bins(ranked, &ranked.unit_weights()))));
    }
    charts.extend(roc(question, &asked).map(|drawn| ("roc".to_owned(), lines(&drawn))));
    charts.extend(precision_recall(&asked).map(|drawn| ("pr".to_owned(), lines(&drawn))));
    charts.extend(coverage(report).map(|drawn| ("coverage".to_owned(), lines(&drawn))));
    charts
        .into_iter()
        .map(|(name, svg)| {
            let name = format!("{name}.svg");
            svg.map(|svg| Chart { name: name.clone(), svg }).map_err(|cause| ChartError { name, cause })
        })
        .collect()
}

fn series(asked: &[Asked], area: fn(&Ranked, &[u32]) -> Option<f64>, curve: fn(&Ranked) -> Vec<Point>) -> Vec<Series> {
    let one = |asked: &Asked| {
        let ranked = &asked.ranked;
        let area = area(ranked, &ranked.unit_weights())?;
        let name = format!("{}: area {area:.3}, n = {}, positive {}", asked.name, ranked.len(), ranked.positives());
        Some(Series { name, points: curve(ranked) })
    };
    asked.iter().filter_map(one).collect()
}

/// `None` when nothing has both classes.
fn roc(question: &Question, asked: &[Asked]) -> Option<Lines> {
    let series = series(asked, metrics::roc_auc, metrics::roc_curve);
    let referral = &asked.first()?.ranked;
    let marks = question.points.iter().filter_map(|point| {
        let counts = Confusion::at(referral, &referral.unit_weights(), f64::from(point.threshold));
        Some((point.name.clone(), Point { x: 1.0 - counts.specificity()?, y: counts.sensitivity()? }))
    });
    (!series.is_empty()).then(|| Lines {
        title: "ROC".to_owned(),
        across: "1 - specificity".to_owned(),
        up: "sensitivity".to_owned(),
        x: 0.0..1.0,
        y: 0.0..1.0,
        guess: vec![Point { x: 0.0, y: 0.0 }, Point { x: 1.0, y: 1.0 }],
        marks: marks.collect(),
        series,
    })
}

/// `None` when nothing has positives.
fn precision_recall(asked: &[Asked]) -> Option<Lines> {
    let series = series(asked, metrics::pr_auc, metrics::pr_curve);
    let referral = &asked.first()?.ranked;
    let share = referral.positives() as f64 / referral.len().max(1) as f64;
    (!series.is_empty()).then(|| Lines {
        title: "Precision and recall".to_owned(),
        across: "recall".to_owned(),
        up: "precision".to_owned(),
        x: 0.0..1.0,
        y: 0.0..1.0,
        guess: vec![Point { x: 0.0, y: share }, Point { x: 1.0, y: share }],
        marks: vec![],
        series,
    })
}

/// `None` when no accuracy is known at two coverages.
fn coverage(report: &Report) -> Option<Lines> {
    let curve = |(by, steps): (&&str, &Vec<Step>)| {
        let (what, why) = match *by {
            "referral" => ("referral", "nearest to one half"),
            "confidence" => ("likeliest class", "least likely"),
            "novelty" => ("referral", "most novel"),
            _ => ("referral", "most disagreement"),
        };
        let accuracy = |figures: &Headline| if *by == "confidence" { figures.class_accuracy } else { Some(figures.accuracy) };
        let point = |step: &Step| Some(Point { x: step.coverage, y: accuracy(&step.figures)?.known()?.value });
        let points: Vec<Point> = steps.iter().filter_map(point).collect();
        (points.len() > 1).then(|| Series { name: format!("{what}, withheld first: {why}"), points })
    };
    let series: Vec<Series> = report.abstention.curves.iter().filter_map(curve).collect();
    let lowest = series.iter().flat_map(|series| &series.points).map(|point| point.y).reduce(f64::min)?;
    Some(Lines {
        title: format!("Accuracy by coverage, n = {}", report.abstention.answered.n + report.abstention.withheld.n),
        across: "share of images that is answered".to_owned(),
        up: "accuracy on them".to_owned(),
        x: 1.0..0.4,
        // A whole tick below the lowest point.
        y: ((lowest * 20.0).ceil() - 1.0) / 20.0..1.0,
        series,
        ..Lines::default()
    })
}

#[cfg(test)]
mod tests {
    use super::{super::super::answer::examples::*, *};

    fn some(question: &Question) -> Vec<Answer> {
        (0..60u32)
            .map(|i| {
                let probability = f64::from(i * 7 % 61) / 61.0;
                let mut answer = answer(&i.to_string(), probability, Some(i * 7 % 61 + i % 11 > 34));
                let rest = (1.0 - probability) / (question.names.len() - 1) as f64;
                answer.probabilities = question.names.iter().enumerate().map(|(at, _)| if at == 1 { probability } else { rest }).collect();
                answer.row.dx = Some(question.names[i as usize % question.names.len()].clone());
                answer
            })
            .collect()
    }

    fn drawn(question: &Question) -> Vec<Chart> {
        let answers = some(question);
        charts(question, &answers, &Report::new(question, &answers)).unwrap()
    }

    #[test]
    fn every_chart_says_what_is_on_its_axes_and_of_how_many_images() {
        let found = drawn(&question(&["benign", "malignant"], true));
        let names: Vec<&str> = found.iter().map(|chart| chart.name.as_str()).collect();
        assert_eq!(names, ["reliability.svg", "roc.svg", "pr.svg", "coverage.svg"]);
        for (chart, axes) in found.iter().zip([
            ["probability of malignant", "share for which malignant is true"],
            ["1 - specificity", "sensitivity"],
            ["recall", "precision"],
            ["share of images that is answered", "accuracy on them"],
        ]) {
            assert!(chart.svg.starts_with("<svg") && chart.svg.trim_end().ends_with("</svg>"), "{}", chart.name);
            assert!(axes.iter().all(|axis| chart.svg.contains(axis)), "{}", chart.name);
            assert!(chart.svg.contains("n = 60"), "{}", chart.name);
        }
        assert!(found[1].svg.contains("low") && found[1].svg.contains("high"), "operating points are marked");
    }

    #[test]
    fn several_classes_have_a_curve_each() {
        let found = drawn(&question(&["nv", "mel", "bcc"], true));
        assert!(found.iter().any(|chart| chart.name == "reliability-class.svg"));
        let roc = &found.iter().find(|chart| chart.name == "roc.svg").unwrap().svg;
        for name in ["referral (malignant): area", "nv: area", "mel: area", "bcc: area"] {
            assert!(roc.contains(name), "{name}");
        }
    }

    #[test]
    fn without_truth_there_is_no_chart() {
        let question = question(&["benign", "malignant"], true);
        let answers = [answer("a", 0.5, None)];
        assert_eq!(charts(&question, &answers, &Report::new(&question, &answers)).unwrap(), []);
    }
}
