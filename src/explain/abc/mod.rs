//! The ABC criteria of dermoscopy, measured on a picture and the lesion's mask: asymmetry, border, colour, size, and the
//! ABCD rule's score (Stolz et al. 1994; Nachbar et al. 1994) as far as it can be measured.
//!
//! Measures and nothing else: no network, no severity, no words. Settings come from the bundle; without one [`Settings::default`].
//!
//! ```text
//! region of the frame -> 256 x 256 -> shades of grey -> CIELAB
//! membership -> outline at 0.5 -> largest part, holes filled -> 512 equally spaced points, smoothed by 0.5 % of the length -> Contour
//! Contour, CIELAB -> Axes -> Asymmetry; Border; Colour; Size -> PartialScore
//! ```
//!
//! All of the shape comes from one polygon: area, centre and second moments by Green's theorem, no pixel is counted whole. Because the smoothing is
//! a share of the length, what is measured does not hang on the lesion's size or on the steps of a mask's pixels, but finer teeth are lost.
//!
//! Sources: Stolz et al., "ABCD rule of dermatoscopy", Eur J Dermatol 1994; Nachbar et al., J Am Acad Dermatol 1994 (the rule, its weights); CEFM,
//! arXiv 2512.06105 (`mirror`, `curvature`, `hsv`); Finlayson and Trezzi, "Shades of gray and colour constancy", CIC 2004.

mod asymmetry;
mod axes;
mod border;
mod colour;
mod constancy;
mod contour;
mod dermoscopic;
mod fold;
mod fractal;
mod picture;
mod polar;
mod raster;
mod size;
mod skin;

#[cfg(test)]
mod phantoms;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::lesion::{self, Point};
use crate::frame::{Frame, Heatmap, Region};

use contour::Contour;
use picture::Picture;
use raster::Coverage;

/// What was measured. Every number is finite.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Abc {
    /// A: how unlike its mirror images the lesion is.
    pub asymmetry: Asymmetry,
    /// B: how irregular and how abrupt its border is.
    pub border: Border,
    /// C: which and how many colours it has.
    pub colour: Colour,
    /// How large it is.
    pub size: Size,
    /// The ABCD rule's score without its D.
    pub score: PartialScore,
}

/// A, about two perpendicular axes through the centre.
///
/// Those of an elongated lesion are its principal axes (eigenvectors of the second central moments m). With e = (m1 - m2) / (m1 + m2) of the principal
/// moments, 0 for a disc, axes are looked for within +- 45 degrees x (0.3 - e) / 0.2, at most 45 and at least 0, of the principal ones in steps of 3, and
/// the pair about which the lesion is least asymmetric in shape and colour wins, as the ABCD rule places its axes. Below e = 0.1 neither axis is the
/// longer one, and the major is that about which the lesion is less asymmetric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asymmetry {
    /// The mask's centre of gravity, in pixels of the frame.
    pub centre: Point,
    /// Angle of the major axis to the picture's horizontal, clockwise as seen on a screen, in radians, in (-pi/2, pi/2].
    pub angle: f64,
    /// Half extents of the lesion along the major and across it, along the minor axis, in pixels of the frame, from the centre to its farther end.
    pub extent: [f64; 2],
    /// Share of the area that finds no counterpart when the lesion is folded about the major axis, about the minor axis; in [0, 1]:
    /// area(L without mirrored L) / area(L).
    pub shape: [f64; 2],
    /// Mean distance in CIELAB (D65, CIE 1976) between the mean colours of cells and of their mirror images about each axis, where both are lesion; 0 or
    /// more. Cells are sixtieths of the turn in ten rings of equal area: what is finer, such as hairs and pigment networks, is no asymmetry.
    pub colour: [f64; 2],
    /// CEFM's A (arXiv 2512.06105): sum of |I - I mirrored| over the lesion by its area, grey levels in [0, 1], about
    /// the major axis; pixel by pixel, with the picture's own grey where the mirror image is not lesion.
    pub mirror: f64,
    /// About how many axes the lesion is asymmetric, 0 to 2 (ABCD rule).
    pub points: u8,
}

/// B, along the outline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Border {
    /// P^2 / (4 pi A): 1 for a disc, more for anything else. Does not change with size: an index to report.
    pub compactness: f64,
    /// Standard deviation of the outline's distance from the centre by its mean: 0 for a disc. Does not change with size.
    pub radial: f64,
    /// Box-counting dimension of the outline, in [1, 2], with boxes of a quarter to a thirty-second of its extent; 1.03 where a disc's is 1.
    pub fractal: f64,
    /// CEFM's B (arXiv 2512.06105): mean |d theta / d s| along the outline, in radians a pixel of the region at 256 x 256: 1 / radius for a disc. Falls
    /// as lesions grow, and so runs against malignancy; kept for comparison, not to be reported.
    pub curvature: f64,
    /// The eight segments of the ABCD rule, clockwise from the major axis' direction [`Asymmetry::angle`].
    pub segments: [Segment; 8],
    /// How many segments end abruptly, 0 to 8 (ABCD rule).
    pub points: u8,
}

/// An eighth of the border.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Segment {
    /// How steeply the colour changes across the border: distance in CIELAB between its mean colour just inside and just outside, half to a whole tenth
    /// of the radius (of the disc of the lesion's area) away on either side; 0 where no skin is in the picture.
    pub abruptness: f64,
    /// Whether that counts as an abrupt end, by [`Settings::abrupt_min`].
    pub abrupt: bool,
}

/// C, over the lesion's pixels.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Colour {
    /// Standard deviations of L*, a* and b*.
    pub lab: [f64; 3],
    /// CEFM's C (arXiv 2512.06105): standard deviations of hue (circular, as a share of the full turn), saturation and value, each in [0, 1].
    pub hsv: [f64; 3],
    /// Share of the lesion in each of [`Dermoscopic::ALL`]; they sum to at most 1.
    pub shares: [f64; 6],
    /// How many of the six colours are present, by [`Settings::colour_share_min`]; 1 to 6 (ABCD rule).
    pub points: u8,
}

/// The six colours of the ABCD rule. A pixel has the colour whose prototype in CIELAB is nearest, or is like the skin and has none; all prototypes
/// lie relative to the median colour of the skin around the lesion. Reflections have none either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dermoscopic {
    /// Whiter than the skin around.
    White,
    /// Vessels.
    Red,
    /// Melanin in the upper epidermis, thin.
    LightBrown,
    /// Melanin in the epidermis, dense.
    DarkBrown,
    /// Melanin in the dermis.
    BlueGrey,
    /// Melanin in the stratum corneum.
    Black,
}

impl Dermoscopic {
    /// All six, in the order of [`Colour::shares`].
    pub const ALL: [Self; 6] = [Self::White, Self::Red, Self::LightBrown, Self::DarkBrown, Self::BlueGrey, Self::Black];
}

/// How large the lesion is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Size {
    /// Area by that of the region that was assessed, in [0, 1].
    pub area_share: f64,
    /// Greatest diameter by the side of the region.
    pub diameter_share: f64,
    /// The lesion reaches the border of the region: asymmetry, border and size are those of the part that is seen.
    pub cut_off: bool,
}

/// The ABCD rule without D, which needs structures that are not measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PartialScore {
    /// 1.3 x asymmetry points.
    pub asymmetry: f64,
    /// 0.1 x border points.
    pub border: f64,
    /// 0.5 x colour points.
    pub colour: f64,
    /// Their sum, at most 6.4. The rule's full score adds 0.5 a differential structure (1 to 5).
    pub total: f64,
}

/// What counts: the bundle's.
///
/// The defaults were chosen on the training split of ISIC 2017 with expert masks: `shape_min` and `colour_min` on a grid, by the rank correlation of the
/// asymmetry points with the mean of three raters' (ENHANCE) on every second rated image; `colour_share_min` likewise for the colour points among
/// shares of 0.01 to 0.1, where 0.02 to 0.05 hardly differ. `abrupt_min` is not fitted, because raters do not agree about borders: with it half of those
/// lesions have two abrupt segments or more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What is done about the light's colour before anything is measured.
    pub colour_constancy: ColourConstancy,
    /// An axis counts as asymmetric from this share of [`Asymmetry::shape`] on.
    pub shape_min: f64,
    /// Or from this [`Asymmetry::colour`] on.
    pub colour_min: f64,
    /// A segment ends abruptly from this [`Segment::abruptness`] on.
    pub abrupt_min: f64,
    /// A colour is present from this share of the lesion on.
    pub colour_share_min: f64,
}

/// How a picture is freed from the colour of its light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColourConstancy {
    /// Not at all.
    None,
    /// Shades of grey (Finlayson and Trezzi 2004) with Minkowski norm 6: the scene's norm becomes grey.
    ShadesOfGrey,
}

/// Measures the largest part of `lesion`, a grid of membership in [0, 1] over the whole of `picture` with its outline at 0.5; points are given
/// in the picture's pixels. Holes count as lesion.
///
/// `None` when nothing is lesion.
#[must_use]
pub fn measure(picture: &Frame, lesion: &Heatmap, settings: &Settings) -> Option<Abc> {
    measure_in(picture, Region { x: 0, y: 0, width: picture.width(), height: picture.height() }, lesion, settings)
}

/// As [`measure`] of a `region` of `picture`, over which `lesion` lies; points are given in the picture's pixels.
///
/// `None` when nothing is lesion, or `region` is not inside `picture`.
#[must_use]
pub fn measure_in(picture: &Frame, region: Region, lesion: &Heatmap, settings: &Settings) -> Option<Abc> {
    let part = lesion::parts(lesion, region).into_iter().next()?;
    let picture = Picture::of(picture, region, settings.colour_constancy)?;
    let contour = Contour::of(&part, |point| picture.place(point))?;
    let covered = Coverage::of(&contour.points, picture.width, picture.height);
    let asymmetry = asymmetry::asymmetry(&picture, &contour, &covered, settings);
    let border = border::border(&picture, &contour, asymmetry.angle, settings);
    let colour = colour::colour(&picture, &contour, &covered, settings);
    let score = PartialScore::of(asymmetry.points, border.points, colour.points);
    Some(Abc { size: size::size(region, &part), asymmetry, border, colour, score })
}

impl Asymmetry {
    /// Shape and colour as one number: mean over the two axes of shape / 0.08 + colour / 12, the limits of [`Settings::default`]; 0 for a lesion
    /// that equals its mirror images. Goes further with raters' asymmetry than either alone.
    #[must_use]
    pub fn index(&self) -> f64 {
        let [shape, colour] = [self.shape, self.colour].map(|[one, other]| f64::midpoint(one, other));
        shape / SHAPE_MIN + colour / COLOUR_MIN
    }
}

/// [`Settings::shape_min`] by default.
const SHAPE_MIN: f64 = 0.08;

/// [`Settings::colour_min`] by default.
const COLOUR_MIN: f64 = 12.0;

impl PartialScore {
    /// From the points of A, B and C.
    #[must_use]
    pub fn of(asymmetry: u8, border: u8, colour: u8) -> Self {
        let [asymmetry, border, colour] = [1.3 * f64::from(asymmetry), 0.1 * f64::from(border), 0.5 * f64::from(colour)];
        Self { asymmetry, border, colour, total: asymmetry + border + colour }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            colour_constancy: ColourConstancy::ShadesOfGrey,
            shape_min: 0.08,
            colour_min: 12.0,
            abrupt_min: 12.0,
            colour_share_min: 0.03,
        }
    }
}

impl Abc {
    /// Names of all single numbers, in a fixed order: columns of `lentigo measure`, inputs of a clinical head.
    pub const KEYS: [&str; 27] = [
        "asymmetry_shape_major",
        "asymmetry_shape_minor",
        "asymmetry_colour_major",
        "asymmetry_colour_minor",
        "asymmetry_mirror",
        "asymmetry_points",
        "border_compactness",
        "border_radial",
        "border_fractal",
        "border_curvature",
        "border_abruptness",
        "border_points",
        "colour_lab_l",
        "colour_lab_a",
        "colour_lab_b",
        "colour_hsv_h",
        "colour_hsv_s",
        "colour_hsv_v",
        "colour_white",
        "colour_red",
        "colour_light_brown",
        "colour_dark_brown",
        "colour_blue_grey",
        "colour_black",
        "colour_points",
        "size_area_share",
        "size_diameter_share",
    ];
    /// Name of [`PartialScore::total`], which severity may be read from too.
    pub const SCORE: &str = "score";
    /// Name of [`Asymmetry::index`], which severity may be read from too.
    pub const ASYMMETRY: &str = "asymmetry_index";

    /// Every name that [`Abc::value`] knows, in a fixed order: [`Abc::KEYS`], then what is worked out from them.
    pub fn names() -> impl Iterator<Item = &'static str> + Clone {
        Self::KEYS.into_iter().chain([Self::ASYMMETRY, Self::SCORE])
    }

    /// The number called `key`, one of [`Abc::names`]; `None` for another name. `border_abruptness` is the mean over the segments.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<f64> {
        let Self { asymmetry, border, colour, size, score } = self;
        Some(match key {
            "asymmetry_shape_major" => asymmetry.shape[0],
            "asymmetry_shape_minor" => asymmetry.shape[1],
            "asymmetry_colour_major" => asymmetry.colour[0],
            "asymmetry_colour_minor" => asymmetry.colour[1],
            "asymmetry_mirror" => asymmetry.mirror,
            "asymmetry_points" => f64::from(asymmetry.points),
            "border_compactness" => border.compactness,
            "border_radial" => border.radial,
            "border_fractal" => border.fractal,
            "border_curvature" => border.curvature,
            "border_abruptness" => border.segments.iter().map(|segment| segment.abruptness).sum::<f64>() / 8.0,
            "border_points" => f64::from(border.points),
            "colour_lab_l" => colour.lab[0],
            "colour_lab_a" => colour.lab[1],
            "colour_lab_b" => colour.lab[2],
            "colour_hsv_h" => colour.hsv[0],
            "colour_hsv_s" => colour.hsv[1],
            "colour_hsv_v" => colour.hsv[2],
            "colour_white" => colour.shares[0],
            "colour_red" => colour.shares[1],
            "colour_light_brown" => colour.shares[2],
            "colour_dark_brown" => colour.shares[3],
            "colour_blue_grey" => colour.shares[4],
            "colour_black" => colour.shares[5],
            "colour_points" => f64::from(colour.points),
            "size_area_share" => size.area_share,
            "size_diameter_share" => size.diameter_share,
            Self::SCORE => score.total,
            Self::ASYMMETRY => asymmetry.index(),
            _ => return None,
        })
    }
}
