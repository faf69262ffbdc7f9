//! What was measured: size, A, B, C, the ABCD rule's score, severity, and what the network says of the same criteria.

use super::draft::{Drafts, Filling};
use crate::{
    case::Explanation,
    explain::{
        abc::{Abc, Colour, Dermoscopic},
        report::{
            Facts, Number, Outline, Topic,
            keys::Message,
            numerals::{apart, exact},
            words::{self, Key},
        },
        severity::Severity,
    },
};

/// The most that the ABCD rule's score can be without its D: 1.3 x 2 + 0.1 x 8 + 0.5 x 6.
const SCORE_MOST: f64 = 6.4;

/// How large the lesion is: in millimetres, or as a share of the picture.
pub(super) fn size(drafts: &mut Drafts, facts: &Facts) {
    let Outline::Found(extent) = facts.outline else { return };
    let message = match (extent.millimetres.is_some(), extent.cut_off) {
        (true, false) => Message::SizeMillimetres,
        (true, true) => Message::SizeMillimetresAtLeast,
        (false, false) => Message::SizeShare,
        (false, true) => Message::SizeShareAtLeast,
    };
    let fillings = match extent.millimetres {
        Some(size) => [drafts.millimetres("diameter_mm", size.diameter_mm), drafts.millimetres("width_mm", size.width_mm)],
        None => [drafts.share("size_diameter_share", extent.diameter_share), drafts.share("size_area_share", extent.area_share)],
    };
    drafts.say(Topic::Size, message, fillings);
}

/// A, B and C as measured, and their score.
pub(super) fn measured(drafts: &mut Drafts, abc: &Abc) {
    let Abc { asymmetry, border, colour, score, .. } = abc;
    drafts.say(Topic::Asymmetry, Message::AsymmetryAxes, [Filling::Count("asymmetry_points", asymmetry.points)]);
    let [major, minor] = asymmetry.shape;
    let folded = [drafts.share("asymmetry_shape_major", major), drafts.share("asymmetry_shape_minor", minor)];
    drafts.say(Topic::Asymmetry, Message::AsymmetryShape, folded);
    let [major, minor] = asymmetry.colour;
    let halves = [drafts.decimal("asymmetry_colour_major", major, 1), drafts.decimal("asymmetry_colour_minor", minor, 1)];
    drafts.say(Topic::Asymmetry, Message::AsymmetryColour, halves);

    drafts.say(Topic::Border, Message::BorderSegments, [Filling::Count("border_points", border.points)]);
    let compactness = drafts.decimal("border_compactness", border.compactness, 2);
    drafts.say(Topic::Border, Message::BorderCompactness, [compactness]);

    colours(drafts, colour);

    let parts = [
        drafts.decimal("score", score.total, 1),
        drafts.decimal("score_most", SCORE_MOST, 1),
        drafts.decimal("score_asymmetry", score.asymmetry, 1),
        drafts.decimal("score_border", score.border, 1),
        drafts.decimal("score_colour", score.colour, 1),
    ];
    drafts.say(Topic::Score, Message::Score, parts);
}

/// The colours that are present with their shares, the largest first. Present are the `points` largest: those from the bundle's least share on.
fn colours(drafts: &mut Drafts, colour: &Colour) {
    let mut found: Vec<(Dermoscopic, f64)> = Dermoscopic::ALL.into_iter().zip(colour.shares).filter(|(_, share)| *share > 0.0).collect();
    found.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    found.truncate(usize::from(colour.points));
    if found.is_empty() {
        return drafts.say(Topic::Colour, Message::ColoursNone, []);
    }
    let language = drafts.text.language();
    let (mut listed, mut numbers) = (Vec::new(), Vec::new());
    for (name, share) in found {
        let number = drafts.share_number(key(name), share);
        listed.push(format!("{} {}", words::label(language, Key::Dermoscopic(name)), number.written));
        numbers.push(number);
    }
    let fillings = [Filling::Count("colour_points", numbers.len() as u8), Filling::List("colours", listed.join(", "), numbers)];
    drafts.say(Topic::Colour, Message::ColoursSeen, fillings);
}

/// One of [`Abc::KEYS`].
fn key(colour: Dermoscopic) -> &'static str {
    match colour {
        Dermoscopic::White => "colour_white",
        Dermoscopic::Red => "colour_red",
        Dermoscopic::LightBrown => "colour_light_brown",
        Dermoscopic::DarkBrown => "colour_dark_brown",
        Dermoscopic::BlueGrey => "colour_blue_grey",
        Dermoscopic::Black => "colour_black",
    }
}

/// Where that lies among the lesions that the bundle was made with.
pub(super) fn severity(drafts: &mut Drafts, severity: Severity) {
    let levels = [
        Filling::Count("severity_asymmetry", severity.asymmetry.number()),
        Filling::Count("severity_border", severity.border.number()),
        Filling::Count("severity_colour", severity.colour.number()),
    ];
    drafts.say(Topic::Severity, Message::Levels, levels);
    drafts.say(Topic::Severity, Message::OverallLevel, [Filling::Count("severity_overall", severity.overall.number())]);
}

/// What the network says of the same criteria: whether they fit the picture, what the picture is like, and what it reads from it.
pub(super) fn picture(drafts: &mut Drafts, explanation: &Explanation) {
    let (agreement, least) = (exact(explanation.agreement), exact(explanation.agreement_min));
    let (written, least_written) = apart(drafts.text.language(), agreement, least);
    let message = if explanation.agreement >= explanation.agreement_min { Message::Agreement } else { Message::AgreementLow };
    let numbers = [
        Filling::Figure(Number { name: "agreement", value: agreement, written }),
        Filling::Figure(Number { name: "agreement_min", value: least, written: least_written }),
    ];
    drafts.say(Topic::Agreement, message, numbers);
    if let Some(nearest) = explanation.prototypes.first() {
        let cosine = drafts.decimal("prototype_cosine", exact(nearest.cosine), 2);
        drafts.say(Topic::Prototype, Message::Prototype, [Filling::Count("prototype_level", nearest.level.number()), cosine]);
    }
    if let Some([asymmetry, border, colour]) = explanation.read.map(|read| read.map(exact)) {
        let read = [
            drafts.decimal("read_asymmetry", asymmetry, 1),
            drafts.decimal("read_border", border, 1),
            drafts.decimal("read_colour", colour, 1),
        ];
        drafts.say(Topic::Reading, Message::Reading, read);
    }
}
