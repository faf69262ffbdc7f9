//! The convex hull of an outline and its greatest diameter.

use super::Point;

/// Twice the area of the triangle `a`, `b`, `c`, positive when it turns clockwise as seen on a screen.
fn turn(a: Point, b: Point, c: Point) -> f64 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/// The corners of the convex hull, clockwise as seen on a screen, without points in the middle of a side (Andrew's monotone chain, 1979).
pub(super) fn hull(points: &[Point]) -> Vec<Point> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    sorted.dedup();
    if sorted.len() < 3 {
        return sorted;
    }
    let chain = |points: &mut dyn Iterator<Item = &Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for point in points {
            while let [.., a, b] = chain[..] {
                if turn(a, b, *point) > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(*point);
        }
        chain.pop();
        chain
    };
    let mut corners = chain(&mut sorted.iter());
    corners.extend(chain(&mut sorted.iter().rev()));
    corners
}

/// The two corners of a convex polygon that are furthest apart (Shamos' rotating calipers, 1978); of several such pairs the one across
/// which the polygon is widest, so that the answer does not hang on where the polygon begins.
pub(super) fn diameter(corners: &[Point]) -> Option<[Point; 2]> {
    let (&first, count) = (corners.first()?, corners.len());
    let mut best = [first, first];
    let mut consider = |pair: [Point; 2]| {
        let (found, known) = (length(pair), length(best));
        // Rounding makes one of two equal diameters the longer one.
        let tied = (found - known).abs() <= 1e-9 * known;
        if if tied { extent_across(corners, pair) > extent_across(corners, best) } else { found > known } {
            best = pair;
        }
    };
    if count < 3 {
        consider([first, corners[count - 1]]);
        return Some(best);
    }
    let mut opposite = 1;
    for side in 0..count {
        let (from, to) = (corners[side], corners[(side + 1) % count]);
        // On to the corner furthest from this side: with both of the side's ends it is antipodal.
        for _ in 0..count {
            let after = (opposite + 1) % count;
            if turn(from, to, corners[after]) <= turn(from, to, corners[opposite]) {
                break;
            }
            opposite = after;
        }
        // Beside a parallel side the next corner is as far away.
        for across in [opposite, (opposite + 1) % count] {
            consider([from, corners[across]]);
            consider([to, corners[across]]);
        }
    }
    Some(best)
}

/// Greatest distance between two of `points`, 0 of none.
#[must_use]
pub fn greatest_diameter(points: &[Point]) -> f64 {
    diameter(&hull(points)).map_or(0.0, length)
}

/// How long a line is.
pub(super) fn length([from, to]: [Point; 2]) -> f64 {
    (to.x - from.x).hypot(to.y - from.y)
}

/// How far a polygon extends at right angles to a line.
pub(super) fn extent_across(corners: &[Point], [from, to]: [Point; 2]) -> f64 {
    let length = length([from, to]);
    if length == 0.0 {
        return 0.0;
    }
    let beside = |corner: &Point| turn(from, to, *corner) / length;
    let (least, most) = corners.iter().map(beside).fold((0.0_f64, 0.0_f64), |(least, most), at| (least.min(at), most.max(at)));
    most - least
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn points(pairs: &[(f64, f64)]) -> Vec<Point> {
        pairs.iter().map(|&(x, y)| Point { x, y }).collect()
    }

    #[test]
    fn a_rectangle_keeps_its_corners_and_has_its_diagonal() {
        let corners = hull(&points(&[(0.0, 0.0), (2.0, 0.0), (4.0, 0.0), (4.0, 3.0), (1.0, 1.0), (0.0, 3.0), (0.0, 1.5)]));
        assert_eq!(corners, points(&[(0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0)]));
        let across = diameter(&corners).unwrap();
        assert!((length(across) - 5.0).abs() < 1e-12 && (extent_across(&corners, across) - 4.8).abs() < 1e-12);
    }

    #[test]
    fn a_line_has_a_diameter_and_no_width() {
        let corners = hull(&points(&[(1.0, 1.0), (3.0, 3.0), (2.0, 2.0)]));
        let along = diameter(&corners).unwrap();
        assert!((length(along) - 8.0_f64.sqrt()).abs() < 1e-12 && extent_across(&corners, along).abs() < 1e-12);
        assert_eq!(diameter(&[]), None);
        assert_eq!(length(diameter(&points(&[(1.0, 2.0)])).unwrap()), 0.0);
    }

    proptest! {
        #[test]
        fn calipers_find_the_two_points_that_are_furthest_apart(
            pairs in prop::collection::vec((0_i32..40, 0_i32..40), 1..60)
        ) {
            let points: Vec<Point> = pairs.iter().map(|&(x, y)| Point { x: f64::from(x), y: f64::from(y) }).collect();
            let furthest = points.iter().flat_map(|a| points.iter().map(move |b| length([*a, *b]))).fold(0.0, f64::max);
            let corners = hull(&points);
            let found = diameter(&corners).unwrap();
            prop_assert!((length(found) - furthest).abs() < 1e-9, "{} {furthest}", length(found));
            // No point lies outside the hull.
            for (from, to) in corners.iter().zip(corners.iter().cycle().skip(1)).filter(|_| corners.len() > 2) {
                prop_assert!(points.iter().all(|point| turn(*from, *to, *point) >= 0.0));
            }
        }
    }
}
