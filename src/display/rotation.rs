//! Quarter turns between a picture as it is drawn and the glass as it is mounted. Pure; knows no device.

use std::ops::Range;

use crate::frame::{Frame, Region};

/// How far a picture is turned, clockwise, before it goes onto the glass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rotation {
    /// As it is.
    #[default]
    None,
    /// 90 degrees: the top of the picture is at the right edge of the glass.
    Quarter,
    /// 180 degrees: upside down.
    Half,
    /// 270 degrees: the top of the picture is at the left edge of the glass.
    ThreeQuarters,
}

impl Rotation {
    /// Degrees clockwise.
    #[must_use]
    pub fn degrees(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Quarter => 90,
            Self::Half => 180,
            Self::ThreeQuarters => 270,
        }
    }

    /// Whether width and height change places.
    #[must_use]
    pub fn swaps_sides(self) -> bool {
        matches!(self, Self::Quarter | Self::ThreeQuarters)
    }

    /// The size of a picture on a glass of `size`, and the size of the glass for a picture of `size`: the two are the same step.
    #[must_use]
    pub fn size(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.swaps_sides() { (height, width) } else { (width, height) }
    }

    /// Where the `region` of a picture of `picture` pixels lies on the glass.
    #[must_use]
    pub fn region(self, region: Region, picture: (u32, u32)) -> Region {
        let Region { x, y, width, height } = region;
        let (from_right, from_bottom) = (picture.0 - x - width, picture.1 - y - height);
        match self {
            Self::None => region,
            Self::Quarter => Region { x: from_bottom, y: x, width: height, height: width },
            Self::Half => Region { x: from_right, y: from_bottom, width, height },
            Self::ThreeQuarters => Region { x: y, y: from_right, width: height, height: width },
        }
    }

    /// The `columns` of line `y` of the glass that shows `picture`, `RGBRGB...`: borrowed from the picture when nothing is
    /// turned, written to `line` otherwise.
    ///
    /// # Panics
    /// When the columns or the line lie outside the glass, as slice indexing does.
    #[must_use]
    pub fn line<'a>(self, picture: &'a Frame, y: u32, columns: Range<u32>, line: &'a mut Vec<u8>) -> &'a [u8] {
        let (start, end) = (columns.start as usize, columns.end as usize);
        let last_row = picture.height() as usize - 1;
        let stride = picture.width() as usize * 3;
        line.clear();
        match self {
            Self::None => return &picture.row(y)[start * 3..end * 3],
            Self::Half => {
                let row = picture.row(last_row as u32 - y);
                let mirrored = &row[stride - end * 3..stride - start * 3];
                for pixel in mirrored.as_chunks::<3>().0.iter().rev() {
                    line.extend_from_slice(pixel);
                }
            }
            Self::Quarter => {
                // Column x of the glass shows row `last_row - x` of the picture.
                let from = &picture.pixels()[y as usize * 3..];
                for x in start..end {
                    let at = (last_row - x) * stride;
                    line.extend_from_slice(&from[at..at + 3]);
                }
            }
            Self::ThreeQuarters => {
                let from = &picture.pixels()[stride - 3 - y as usize * 3..];
                for x in start..end {
                    line.extend_from_slice(&from[x * stride..x * stride + 3]);
                }
            }
        }
        line
    }

    /// The whole picture as it is on the glass.
    #[must_use]
    pub fn turn(self, picture: &Frame) -> Frame {
        let (width, height) = self.size((picture.width(), picture.height()));
        let mut turned = picture.clone().into_pixels();
        let mut line = Vec::new();
        for (y, into) in (0..height).zip(turned.chunks_exact_mut(width as usize * 3)) {
            into.copy_from_slice(self.line(picture, y, 0..width, &mut line));
        }
        // The sides are those of a frame and the area is the same, so this cannot fail; the picture itself would be the answer then.
        Frame::new(width, height, turned).unwrap_or_else(|_| picture.clone())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Rotation; 4] = [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters];

    fn picture(width: u32, height: u32) -> Frame {
        Frame::from_fn(width, height, |x, y| [x as u8, y as u8, 200]).unwrap()
    }

    #[test]
    fn the_upper_left_corner_goes_round_clockwise() {
        let corner = |turned: &Frame, x: u32, y: u32| assert_eq!(turned.pixel(x, y), [0, 0, 200]);
        let picture = picture(7, 4);
        corner(&Rotation::Quarter.turn(&picture), 3, 0);
        corner(&Rotation::Half.turn(&picture), 6, 3);
        corner(&Rotation::ThreeQuarters.turn(&picture), 0, 6);
    }

    proptest! {
        #[test]
        fn four_quarter_turns_change_nothing((width, height) in (1_u32..60, 1_u32..60)) {
            let picture = picture(width, height);
            let mut turned = picture.clone();
            for rotation in ALL {
                prop_assert_eq!(&rotation.turn(&picture), &turned, "{:?}", rotation);
                turned = Rotation::Quarter.turn(&turned);
            }
            prop_assert_eq!(turned, picture);
        }

        #[test]
        fn a_region_turns_as_its_pixels_do(
            (width, height) in (1_u32..40, 1_u32..40),
            (x, y, w, h) in (0_u32..40, 0_u32..40, 1_u32..40, 1_u32..40),
        ) {
            let (x, y) = (x % width, y % height);
            let region = Region { x, y, width: 1 + w % (width - x), height: 1 + h % (height - y) };
            let mut marked = Frame::from_fn(width, height, |_, _| [0; 3]).unwrap();
            for y in region.y..region.y + region.height {
                for x in region.x..region.x + region.width {
                    marked.pixels_mut()[((y * width + x) * 3) as usize] = 255;
                }
            }
            for rotation in ALL {
                let turned = rotation.turn(&marked);
                let on_glass = rotation.region(region, (width, height));
                prop_assert_eq!(rotation.size((turned.width(), turned.height())), (width, height));
                for y in 0..turned.height() {
                    for x in 0..turned.width() {
                        let inside = (on_glass.x..on_glass.x + on_glass.width).contains(&x)
                            && (on_glass.y..on_glass.y + on_glass.height).contains(&y);
                        prop_assert_eq!(turned.pixel(x, y)[0] == 255, inside);
                    }
                }
            }
        }
    }
}
