//! A: how unlike its mirror images a lesion is, in shape, in colour and in brightness.

use super::{
    Asymmetry, Settings,
    axes::Axes,
    contour::{Contour, minus},
    picture::Picture,
    raster::Coverage,
};

pub(super) fn asymmetry(picture: &Picture, contour: &Contour, covered: &Coverage, settings: &Settings) -> Asymmetry {
    let axes = Axes::of(picture, contour, covered, settings);
    let is_asymmetric = |axis: usize| axes.shape[axis] >= settings.shape_min || axes.colour[axis] >= settings.colour_min;
    Asymmetry {
        centre: picture.point(contour.centre),
        angle: axes.angle,
        extent: axes.extent(contour).map(|extent| extent * picture.scale()),
        shape: axes.shape,
        colour: axes.colour,
        mirror: mirror(picture, contour, covered, axes.angle),
        points: u8::from(is_asymmetric(0)) + u8::from(is_asymmetric(1)),
    }
}

/// Mean of |I - I mirrored| over the lesion's pixels whose mirror image lies in the picture, about the major axis.
fn mirror(picture: &Picture, contour: &Contour, covered: &Coverage, angle: f64) -> f64 {
    let grey = picture.grey();
    let (sine, cosine) = (2.0 * angle).sin_cos();
    let (mut sum, mut area) = (0.0, 0.0);
    for (at, share) in covered.cells.iter().enumerate().filter(|(_, share)| **share > 0.0) {
        let middle = [(at % picture.width) as f64 + 0.5, (at / picture.width) as f64 + 0.5];
        let [x, y] = minus(middle, contour.centre);
        let image = [contour.centre[0] + x * cosine + y * sine, contour.centre[1] + x * sine - y * cosine];
        if picture.holds(image) {
            sum += f64::from(share * (grey[at] - picture.mixed(&grey, image)).abs());
            area += f64::from(*share);
        }
    }
    if area > 0.0 { sum / area } else { 0.0 }
}
