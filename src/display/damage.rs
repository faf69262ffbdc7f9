//! What has changed between two pictures, as a few rectangles: so that only those are sent to the glass.
//!
//! Pictures are compared by tiles of [`TILE`] x [`TILE`] pixels. Changed tiles of a row of tiles are joined into spans, and
//! equal spans of neighbouring rows into rectangles. Pure: knows no device, and never looks at the pixels of unchanged lines twice.

use crate::frame::{Frame, Region};

/// Side of the tiles that pictures are compared by, in pixels. Rectangles are no finer than this.
pub const TILE: u32 = 16;

/// The most rectangles that are told apart; more are joined into larger ones. A rectangle costs a panel on SPI three
/// commands, and a KMS driver takes no more than 256 in one call.
pub const MOST_REGIONS: usize = 48;

/// The rectangles that hold every pixel in which `new` differs from `old`, row by row from the top; none of them overlap.
///
/// Each holds at least one changed pixel. Pictures of different sizes differ everywhere.
#[must_use]
pub fn changes(old: &Frame, new: &Frame) -> Vec<Region> {
    let (width, height) = (new.width(), new.height());
    if (old.width(), old.height()) != (width, height) {
        return vec![whole(new)];
    }
    let mut regions = Vec::new();
    let mut dirty = vec![false; width.div_ceil(TILE) as usize];
    for top in (0..height).step_by(TILE as usize) {
        let rows = top..(top + TILE).min(height);
        dirty.fill(false);
        for y in rows.clone() {
            mark(old.row(y), new.row(y), &mut dirty);
        }
        for span in spans(&dirty) {
            let (left, right) = (span.start as u32 * TILE, (span.end as u32 * TILE).min(width));
            add(&mut regions, Region { x: left, y: top, width: right - left, height: rows.end - top });
        }
    }
    join_down_to(MOST_REGIONS, regions)
}

/// All of `frame`.
#[must_use]
pub fn whole(frame: &Frame) -> Region {
    Region { x: 0, y: 0, width: frame.width(), height: frame.height() }
}

/// What a buffer or a panel holds, so that the next picture can be sent as its differences.
#[derive(Debug, Default)]
pub struct Held(Option<Frame>);

impl Held {
    /// Where `new` differs from what is held; all of it when nothing is known.
    #[must_use]
    pub fn changes(&self, new: &Frame) -> Vec<Region> {
        self.0.as_ref().map_or_else(|| vec![whole(new)], |old| changes(old, new))
    }

    /// Whether `new` is what is held, in every pixel.
    #[must_use]
    pub fn is(&self, new: &Frame) -> bool {
        self.0.as_ref() == Some(new)
    }

    /// Notes that the `regions` of `new`, as [`Held::changes`] gave them, have been sent.
    pub fn keep(&mut self, new: &Frame, regions: &[Region]) {
        match &mut self.0 {
            Some(old) if (old.width(), old.height()) == (new.width(), new.height()) => {
                for region in regions {
                    copy(old, new, *region);
                }
            }
            held => *held = Some(new.clone()),
        }
    }

    /// Notes that nothing is known any more: the next picture is sent whole.
    pub fn forget(&mut self) {
        self.0 = None;
    }
}

/// Brings the `region` of `into` to what it is in `from`. Both have the same size, and the region lies inside.
fn copy(into: &mut Frame, from: &Frame, region: Region) {
    let stride = from.width() as usize * 3;
    let (left, length) = (region.x as usize * 3, region.width as usize * 3);
    for y in region.y as usize..(region.y + region.height) as usize {
        let at = y * stride + left;
        into.pixels_mut()[at..at + length].copy_from_slice(&from.pixels()[at..at + length]);
    }
}

/// Marks the tiles in which two lines differ.
fn mark(old: &[u8], new: &[u8], dirty: &mut [bool]) {
    // Comparing whole lines is much faster than tile by tile, and most lines of most pictures have not changed.
    if old == new {
        return;
    }
    let bytes = TILE as usize * 3;
    for ((old, new), dirty) in old.chunks(bytes).zip(new.chunks(bytes)).zip(dirty) {
        *dirty = *dirty || old != new;
    }
}

/// Runs of marked tiles. A single clean tile between two runs does not part them: sending it costs less than a rectangle more.
fn spans(dirty: &[bool]) -> Vec<std::ops::Range<usize>> {
    let mut spans: Vec<std::ops::Range<usize>> = Vec::new();
    for at in dirty.iter().enumerate().filter_map(|(at, dirty)| dirty.then_some(at)) {
        match spans.last_mut() {
            Some(last) if at <= last.end + 1 => last.end = at + 1,
            _ => spans.push(at..at + 1),
        }
    }
    spans
}

/// Adds `region`, or lets the one right above it grow when both are equally wide.
fn add(regions: &mut Vec<Region>, region: Region) {
    let key = (region.x, region.width, region.y);
    match regions.iter_mut().rev().find(|above| (above.x, above.width, above.y + above.height) == key) {
        Some(above) => above.height += region.height,
        None => regions.push(region),
    }
}

/// At most `most` rectangles with the same pixels and more: one for each of as many bands, around all that lies in the band.
fn join_down_to(most: usize, regions: Vec<Region>) -> Vec<Region> {
    if regions.len() <= most {
        return regions;
    }
    // Rectangles of different bands cannot overlap, whatever was joined.
    let top = regions.iter().map(|region| region.y).min().unwrap_or(0);
    let bottom = regions.iter().map(|region| region.y + region.height).max().unwrap_or(0);
    let band = (bottom - top).div_ceil(most as u32).next_multiple_of(TILE);
    let mut joined = Vec::new();
    for start in (top..bottom).step_by(band as usize) {
        let end = (start + band).min(bottom);
        let inside = || regions.iter().filter(|region| region.y < end && region.y + region.height > start);
        let Some(left) = inside().map(|region| region.x).min() else { continue };
        let right = inside().map(|region| region.x + region.width).max().unwrap_or(left);
        let above = inside().map(|region| region.y.max(start)).min().unwrap_or(start);
        let below = inside().map(|region| (region.y + region.height).min(end)).max().unwrap_or(end);
        joined.push(Region { x: left, y: above, width: right - left, height: below - above });
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(width: u32, height: u32) -> Frame {
        Frame::from_fn(width, height, |x, y| [x as u8, y as u8, 7]).unwrap()
    }

    fn with_dots(mut frame: Frame, dots: &[(u32, u32)]) -> Frame {
        let width = frame.width();
        for (x, y) in dots {
            frame.pixels_mut()[((y * width + x) * 3) as usize] ^= 0x80;
        }
        frame
    }

    fn overlap(a: &Region, b: &Region) -> bool {
        a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
    }

    #[test]
    fn equal_pictures_have_no_changes_and_other_sizes_change_everywhere() {
        assert_eq!(changes(&frame(50, 40), &frame(50, 40)), []);
        assert_eq!(changes(&frame(40, 50), &frame(50, 40)), [Region { x: 0, y: 0, width: 50, height: 40 }]);
    }

    #[test]
    fn a_change_costs_the_tiles_around_it_and_not_the_lines() {
        let old = frame(800, 480);
        let new = with_dots(old.clone(), &[(100, 100), (100, 101), (700, 101)]);
        assert_eq!(changes(&old, &new), [Region { x: 96, y: 96, width: 16, height: 16 }, Region { x: 688, y: 96, width: 16, height: 16 }]);
    }

    #[test]
    fn a_changed_rectangle_is_one_rectangle() {
        let old = frame(320, 240);
        let dots: Vec<_> = (48..112).flat_map(|y| (32..96).map(move |x| (x, y))).collect();
        assert_eq!(changes(&old, &with_dots(old.clone(), &dots)), [Region { x: 32, y: 48, width: 64, height: 64 }]);
    }

    #[test]
    fn changes_all_over_become_few_rectangles() {
        let old = frame(800, 480);
        let dots: Vec<_> = (0..480).step_by(32).flat_map(|y| (0..800).step_by(64).map(move |x| (x, y))).collect();
        let regions = changes(&old, &with_dots(old.clone(), &dots));
        assert!((1..=MOST_REGIONS).contains(&regions.len()), "{}", regions.len());
    }

    #[test]
    fn a_buffer_that_holds_nothing_known_is_sent_whole() {
        let mut held = Held::default();
        let picture = frame(20, 10);
        assert_eq!(held.changes(&picture), [whole(&picture)]);
        held.keep(&picture, &[whole(&picture)]);
        assert!(held.is(&picture) && held.changes(&picture).is_empty());
        held.forget();
        assert!(!held.is(&picture) && held.changes(&picture) == [whole(&picture)]);
    }

    proptest! {
        #[test]
        fn sending_the_changes_makes_the_old_picture_the_new_one(
            (width, height) in (1_u32..90, 1_u32..90),
            dots in proptest::collection::vec((0_u32..90, 0_u32..90), 0..120),
        ) {
            let old = frame(width, height);
            let dots: Vec<_> = dots.into_iter().filter(|(x, y)| *x < width && *y < height).collect();
            let new = with_dots(old.clone(), &dots);
            let regions = changes(&old, &new);
            for (at, region) in regions.iter().enumerate() {
                prop_assert!(region.x + region.width <= width && region.y + region.height <= height);
                prop_assert!(regions[..at].iter().all(|other| !overlap(other, region)), "{regions:?}");
                let changed = (region.y..region.y + region.height)
                    .any(|y| (region.x..region.x + region.width).any(|x| old.pixel(x, y) != new.pixel(x, y)));
                prop_assert!(changed, "{region:?} holds no change");
            }
            prop_assert!(regions.len() <= MOST_REGIONS);
            let mut held = Held(Some(old));
            held.keep(&new, &regions);
            prop_assert!(held.is(&new));
        }

        #[test]
        fn joining_loses_no_pixel_and_lets_nothing_overlap(
            corners in proptest::collection::vec((0_u32..40, 0_u32..60), 1..300),
            most in 1_usize..20,
        ) {
            let mut tiles = corners;
            tiles.sort_by_key(|(x, y)| (*y, *x));
            tiles.dedup();
            let regions: Vec<_> =
                tiles.iter().map(|(x, y)| Region { x: x * TILE, y: y * TILE, width: TILE, height: TILE }).collect();
            let joined = join_down_to(most, regions.clone());
            prop_assert!(joined.len() <= most);
            for region in &regions {
                let held: u32 = joined.iter().filter(|other| overlap(other, region)).map(|other| {
                    let height = (other.y + other.height).min(region.y + region.height) - other.y.max(region.y);
                    let width = (other.x + other.width).min(region.x + region.width) - other.x.max(region.x);
                    height * width
                }).sum();
                prop_assert_eq!(held, TILE * TILE);
            }
            for (at, region) in joined.iter().enumerate() {
                prop_assert!(joined[..at].iter().all(|other| !overlap(other, region)));
            }
        }
    }
}
