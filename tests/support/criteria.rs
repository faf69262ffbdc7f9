//! The criteria of a lesion, made up by hand.

use lentigo::{
    case::{Explanation, Nearness},
    explain::{
        abc::{Abc, Asymmetry, Border, Colour, PartialScore, Segment, Size},
        lesion::Point,
        severity::{Level, Severity},
    },
};

/// Asymmetric about both axes, three abrupt segments, four colours; levels 4, 3, 5, and 5 overall.
pub(crate) fn explanation() -> Explanation {
    let level = |number| Level::new(number).unwrap();
    let segment = |at: usize| Segment { abruptness: if at < 3 { 18.0 } else { 6.0 }, abrupt: at < 3 };
    Explanation {
        abc: Abc {
            asymmetry: Asymmetry {
                centre: Point { x: 0.5, y: 0.5 },
                angle: 0.3,
                extent: [0.4, 0.3],
                shape: [0.17, 0.12],
                colour: [9.4, 7.2],
                mirror: 0.08,
                points: 2,
            },
            border: Border {
                compactness: 1.62,
                radial: 0.14,
                fractal: 1.12,
                curvature: 0.03,
                segments: [0, 1, 2, 3, 4, 5, 6, 7].map(segment),
                points: 3,
            },
            colour: Colour { lab: [11.0, 4.0, 5.0], hsv: [0.03, 0.1, 0.14], shares: [0.0, 0.08, 0.31, 0.42, 0.05, 0.0], points: 4 },
            size: Size { area_share: 0.2, diameter_share: 0.6, cut_off: false },
            score: PartialScore { asymmetry: 2.6, border: 0.3, colour: 2.0, total: 2.6 + 0.1 * 3.0 + 2.0 },
        },
        severity: Severity { asymmetry: level(4), border: level(3), colour: level(5), overall: level(5) },
        read: None,
        agreement: 0.62,
        agreement_min: 0.35,
        embedding: vec![1.0],
        criteria_embedding: vec![1.0],
        prototypes: vec![Nearness { level: level(5), cosine: 0.71 }],
    }
}
