//! Made-up facts: one lesion for each severity level, from round and plain to jagged and many-coloured.

use lentigo::{
    case::{Explanation, Nearness},
    explain::{
        abc::{Abc, Asymmetry, Border, Colour, PartialScore, Segment, Size},
        lesion::{Millimetres, Point},
        report::{Decision, Extent, Facts, Outline},
        severity::{Level, Severity},
    },
    verdict::Label,
};

pub(crate) fn level(number: u8) -> Level {
    Level::new(number).unwrap()
}

/// What might be measured of a lesion of overall level `number`.
pub(crate) fn abc(number: u8) -> Abc {
    let at = usize::from(number) - 1;
    let grade = at as f64 / 4.0;
    let (axes, segments, colours) = ([0, 0, 1, 1, 2][at], [0, 1, 3, 5, 8][at], [1, 2, 3, 4, 6][at]);
    let shares = [
        [0.0, 0.0, 0.97, 0.0, 0.0, 0.0],
        [0.0, 0.004, 0.71, 0.24, 0.0, 0.0],
        [0.0, 0.02, 0.48, 0.41, 0.05, 0.0],
        [0.0, 0.06, 0.33, 0.38, 0.14, 0.02],
        [0.05, 0.11, 0.17, 0.29, 0.2, 0.08],
    ][at];
    let score = PartialScore {
        asymmetry: 1.3 * f64::from(axes),
        border: 0.1 * f64::from(segments),
        colour: 0.5 * f64::from(colours),
        total: 1.3 * f64::from(axes) + 0.1 * f64::from(segments) + 0.5 * f64::from(colours),
    };
    Abc {
        asymmetry: Asymmetry {
            centre: Point { x: 240.0, y: 180.0 },
            angle: 0.3,
            extent: [90.0, 60.0],
            shape: [0.004 + 0.2 * grade, 0.03 + 0.25 * grade],
            colour: [1.2 + 9.0 * grade, 2.04 + 12.5 * grade],
            mirror: 0.02 + 0.2 * grade,
            points: axes,
        },
        border: Border {
            compactness: 1.05 + 1.4 * grade,
            radial: 0.05 + 0.2 * grade,
            fractal: 1.02 + 0.2 * grade,
            curvature: 0.03,
            segments: std::array::from_fn(|at| Segment { abruptness: 10.0 + 2.0 * grade, abrupt: at < usize::from(segments) }),
            points: segments,
        },
        colour: Colour { lab: [6.0, 3.0, 4.0], hsv: [0.02, 0.1, 0.1], shares, points: colours },
        size: Size { area_share: 0.08 + 0.2 * grade, diameter_share: 0.35 + 0.3 * grade, cut_off: false },
        score,
    }
}

/// A lesion of overall level `number` whose criteria fit its picture, seen through optics of known scale.
pub(crate) fn facts(label: Label, number: u8) -> Facts {
    let abc = abc(number);
    let extent = Extent {
        area_share: abc.size.area_share,
        diameter_share: abc.size.diameter_share,
        millimetres: Some(Millimetres {
            area_mm2: 400.0 * abc.size.area_share,
            diameter_mm: 20.0 * abc.size.diameter_share,
            width_mm: 12.0 * abc.size.diameter_share,
            at_least: false,
        }),
        cut_off: false,
    };
    let points = [(abc.asymmetry.points, 2.0), (abc.border.points, 8.0), (abc.colour.points, 6.0)];
    let prototypes = [number, 6 - number].map(|number| Nearness { level: level(number), cosine: 0.81 });
    Facts {
        label,
        decision: Some(Decision { probability: if label == Label::Refer { 0.31 } else { 0.0931 }, threshold: 0.14 }),
        reasons: vec![],
        abstention: None,
        outline: Outline::Found(extent),
        explanation: Some(Explanation {
            abc,
            severity: Severity {
                asymmetry: level(number),
                border: level((number + 1).min(5)),
                colour: level((number - 1).max(1)),
                overall: level(number),
            },
            read: Some(points.map(|(points, most)| (f32::from(points) + 0.3).min(most))),
            agreement: 0.62,
            agreement_min: 0.35,
            embedding: vec![],
            criteria_embedding: vec![],
            prototypes: prototypes.to_vec(),
        }),
        disagreement: Some(0.03),
    }
}

/// The same facts with their explanation changed.
pub(crate) fn explained(mut facts: Facts, change: impl FnOnce(&mut Explanation)) -> Facts {
    change(facts.explanation.as_mut().unwrap());
    facts
}

/// The same facts through optics of unknown scale.
pub(crate) fn without_scale(mut facts: Facts) -> Facts {
    if let Outline::Found(extent) = &mut facts.outline {
        extent.millimetres = None;
    }
    facts
}

/// The same facts of a lesion that reaches the edge of the picture.
pub(crate) fn cut_off(mut facts: Facts) -> Facts {
    if let Outline::Found(extent) = &mut facts.outline {
        extent.cut_off = true;
    }
    explained(facts, |explanation| explanation.abc.size.cut_off = true)
}

/// A label without a number.
pub(crate) fn unanswered(label: Label) -> Facts {
    Facts { label, decision: None, reasons: vec![], abstention: None, outline: Outline::Unknown, explanation: None, disagreement: None }
}

/// What is known with a model that measures no criteria.
pub(crate) fn unexplained(outline: Outline) -> Facts {
    Facts { explanation: None, outline, ..facts(Label::Refer, 3) }
}
