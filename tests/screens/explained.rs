//! What a bundle with criteria would say of the phantoms' lesions: axes from the mask's moments, everything else made up, and written of in
//! every language.

use std::sync::OnceLock;

use lentigo::{
    case::{Explanation, Nearness},
    display::scene::{ExplanationView, StatusBar},
    explain::{
        abc::{Abc, Asymmetry, Border, Colour, PartialScore, Segment, Size},
        lesion::{Point, measure},
        report::{Decision, Extent, Facts, Language, Outline, Report, write},
        severity::{Level, Severity},
    },
    verdict::Label,
};

use crate::outlined::Outlined;

/// A lesion, what was measured on it, and the report of it in every language.
pub(crate) struct Explained {
    pub(crate) outlined: &'static Outlined,
    pub(crate) label: Label,
    explanation: Explanation,
    reports: Vec<Report>,
}

/// Points and shares of a lesion, and how marked A, B, C and all together are.
struct Made {
    points: [u8; 3],
    abrupt: [usize; 3],
    shares: [f64; 6],
    levels: [u8; 4],
    agreement: f32,
    probability: f32,
}

impl Explained {
    /// Marked in everything, and referred.
    pub(crate) fn marked() -> &'static Self {
        static MADE: OnceLock<Explained> = OnceLock::new();
        let made = Made {
            points: [2, 3, 4],
            abrupt: [1, 2, 6],
            shares: [0.0, 0.08, 0.31, 0.42, 0.05, 0.004],
            levels: [4, 3, 5, 5],
            agreement: 0.62,
            probability: 0.874,
        };
        MADE.get_or_init(|| Self::new(Outlined::on_light_skin(), Label::Refer, &made))
    }

    /// Marked in everything, and yet not referred; picture and criteria do not agree: as many words as there can be.
    pub(crate) fn doubtful() -> &'static Self {
        static MADE: OnceLock<Explained> = OnceLock::new();
        let made = Made {
            points: [2, 3, 6],
            abrupt: [0, 4, 5],
            shares: [0.04, 0.05, 0.12, 0.55, 0.06, 0.09],
            levels: [5, 4, 5, 5],
            agreement: -0.21,
            probability: 0.034,
        };
        MADE.get_or_init(|| Self::new(Outlined::on_dark_skin(), Label::NoReferralIndicated, &made))
    }

    /// A lesion that goes on beyond what was assessed, of one colour.
    pub(crate) fn cut_off() -> &'static Self {
        static MADE: OnceLock<Explained> = OnceLock::new();
        let made = Made {
            points: [0, 0, 1],
            abrupt: [0; 3],
            shares: [0.0, 0.0, 0.93, 0.01, 0.0, 0.0],
            levels: [1, 1, 1, 1],
            agreement: 0.55,
            probability: 0.034,
        };
        MADE.get_or_init(|| Self::new(Outlined::cut_off(), Label::NoReferralIndicated, &made))
    }

    fn new(outlined: &'static Outlined, label: Label, made: &Made) -> Self {
        let level = |number| Level::new(number).expect("a level");
        let [asymmetry, border, colour, overall] = made.levels.map(level);
        let explanation = Explanation {
            abc: abc(outlined, made),
            severity: Severity { asymmetry, border, colour, overall },
            read: Some([1.2, 3.4, 3.1]),
            agreement: made.agreement,
            agreement_min: 0.35,
            embedding: Vec::new(),
            criteria_embedding: Vec::new(),
            prototypes: vec![Nearness { level: overall, cosine: 0.71 }],
        };
        let measures = measure(outlined.evidence.lesion.as_ref().expect("a lesion"), outlined.evidence.region).expect("a lesion");
        let facts = Facts {
            label,
            decision: Some(Decision { probability: made.probability, threshold: 0.12 }),
            reasons: Vec::new(),
            abstention: None,
            outline: Outline::Found(Extent {
                area_share: measures.share,
                diameter_share: measures.diameter / f64::from(outlined.evidence.region.width),
                millimetres: Some(outlined.size),
                cut_off: measures.at_least,
            }),
            explanation: Some(explanation.clone()),
            disagreement: Some(0.04),
        };
        Self { outlined, label, explanation, reports: Language::ALL.map(|language| write(&facts, language)).into() }
    }

    /// Its page in a language; three pages of details come after.
    pub(crate) fn view<'a>(&'a self, language: Language, page: usize, bar: StatusBar<'a>) -> ExplanationView<'a> {
        ExplanationView {
            frame: &self.outlined.frame,
            label: self.label,
            evidence: Some(&self.outlined.evidence),
            explanation: &self.explanation,
            report: self.reports.iter().find(|report| report.language == language).expect("a report"),
            page,
            after: 3,
            bar,
        }
    }
}

/// The lesion's true axes, with made-up criteria.
fn abc(outlined: &Outlined, made: &Made) -> Abc {
    let (lesion, region) = (outlined.evidence.lesion.as_ref().expect("a lesion"), outlined.evidence.region);
    let side = f64::from(region.width) / f64::from(lesion.width());
    let cells: Vec<(f64, f64)> = (0..lesion.height())
        .flat_map(|y| (0..lesion.width()).map(move |x| (x, y)))
        .filter(|(x, y)| lesion.values()[(y * lesion.width() + x) as usize] >= 0.5)
        .map(|(x, y)| (f64::from(region.x) + (f64::from(x) + 0.5) * side, f64::from(region.y) + (f64::from(y) + 0.5) * side))
        .collect();
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| cells.iter().map(of).sum::<f64>() / cells.len() as f64;
    let (x, y) = (mean(&|cell| cell.0), mean(&|cell| cell.1));
    let (xx, yy, xy) = (mean(&|cell| (cell.0 - x).powi(2)), mean(&|cell| (cell.1 - y).powi(2)), mean(&|cell| (cell.0 - x) * (cell.1 - y)));
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    let farthest = |angle: f64| {
        let along = |cell: &(f64, f64)| ((cell.0 - x) * angle.cos() + (cell.1 - y) * angle.sin()).abs() + side / 2.0;
        cells.iter().map(along).fold(0.0, f64::max)
    };
    let segment = |number: usize| {
        let abrupt = made.points[1] > 0 && made.abrupt.contains(&number);
        Segment { abruptness: if abrupt { 19.0 } else { 6.5 }, abrupt }
    };
    let [asymmetry, border, colour] =
        [1.3, 0.1, 0.5].into_iter().zip(made.points).map(|(weight, points)| weight * f64::from(points)).collect::<Vec<_>>()[..]
    else {
        unreachable!("three criteria")
    };
    Abc {
        asymmetry: Asymmetry {
            centre: Point { x, y },
            angle,
            extent: [farthest(angle), farthest(angle + std::f64::consts::FRAC_PI_2)],
            shape: [0.17, 0.12],
            colour: [9.4, 7.2],
            mirror: 0.08,
            points: made.points[0],
        },
        border: Border {
            compactness: 1.62,
            radial: 0.14,
            fractal: 1.12,
            curvature: 0.03,
            segments: [0, 1, 2, 3, 4, 5, 6, 7].map(segment),
            points: made.points[1],
        },
        colour: Colour { lab: [11.0, 4.0, 5.0], hsv: [0.03, 0.1, 0.14], shares: made.shares, points: made.points[2] },
        size: Size { area_share: 0.2, diameter_share: 0.6, cut_off: outlined.size.at_least },
        score: PartialScore { asymmetry, border, colour, total: asymmetry + border + colour },
    }
}
