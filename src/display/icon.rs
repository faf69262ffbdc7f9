//! One shape for every state, so that colour is never the only sign.
//!
//! No tick stands for "no referral indicated": a tick says that all is well, and that is more than the device knows.

use embedded_graphics::{
    pixelcolor::BinaryColor,
    prelude::*,
    primitives::{Arc, Circle, PrimitiveStyle, PrimitiveStyleBuilder, Rectangle, StrokeAlignment},
};

use super::canvas::Stencil;

/// A shape with a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    /// Refer: a full disc with an arrow that leads on.
    Refer,
    /// No referral indicated: a ring with a level bar.
    NoReferral,
    /// Retake: an arrow that turns round.
    Retake,
    /// Cannot assess: a diamond with a question mark.
    CannotAssess,
    /// Something is broken: a triangle with an exclamation mark.
    Fault,
    /// Ready to take a picture, or done: a ring with a tick.
    Ready,
    /// A test that failed: a ring with a cross.
    Failed,
    /// Not tested yet: an empty ring.
    Pending,
    /// A code with data: three finder squares and some cells.
    Code,
    /// A form to fill in: three lines with a dot before each.
    Form,
    /// The picture is taken: a full disc in a ring, as a shutter button has.
    Captured,
    /// Not ready yet: the corners of a viewfinder around a dot.
    Aim,
    /// Working: an hourglass.
    Working,
}

impl Icon {
    /// Draws the shape over the whole of `on`, which must be square.
    pub(super) fn draw(self, on: &mut Stencil) {
        let pen = Pen { side: on.size().width as f32 };
        match self {
            Self::Refer => {
                pen.disc(on, (0.5, 0.5), 0.48, BinaryColor::On);
                pen.stroke(on, &[(0.24, 0.5), (0.60, 0.5)], 0.12, BinaryColor::Off);
                pen.triangle(on, [(0.53, 0.25), (0.80, 0.5), (0.53, 0.75)], BinaryColor::Off);
            }
            Self::NoReferral => {
                pen.ring(on, 0.46, 0.09);
                pen.stroke(on, &[(0.28, 0.5), (0.72, 0.5)], 0.11, BinaryColor::On);
            }
            Self::Retake => {
                pen.arc(on, (0.5, 0.53), 0.36, -50.0, 290.0, 0.11);
                pen.triangle(on, [(0.44, 0.02), (0.44, 0.38), (0.70, 0.20)], BinaryColor::On);
            }
            Self::CannotAssess => {
                pen.stroke(on, &[(0.5, 0.06), (0.94, 0.5), (0.5, 0.94), (0.06, 0.5), (0.5, 0.06), (0.6, 0.16)], 0.075, BinaryColor::On);
                pen.arc(on, (0.5, 0.40), 0.12, 180.0, 270.0, 0.08);
                pen.stroke(on, &[(0.5, 0.52), (0.5, 0.58)], 0.08, BinaryColor::On);
                pen.disc(on, (0.5, 0.715), 0.055, BinaryColor::On);
            }
            Self::Fault => {
                pen.stroke(on, &[(0.5, 0.10), (0.95, 0.88), (0.05, 0.88), (0.5, 0.10), (0.6, 0.28)], 0.09, BinaryColor::On);
                pen.stroke(on, &[(0.5, 0.40), (0.5, 0.62)], 0.10, BinaryColor::On);
                pen.disc(on, (0.5, 0.755), 0.06, BinaryColor::On);
            }
            Self::Ready => {
                pen.ring(on, 0.46, 0.09);
                pen.stroke(on, &[(0.28, 0.52), (0.44, 0.67), (0.73, 0.35)], 0.11, BinaryColor::On);
            }
            Self::Failed => {
                pen.ring(on, 0.46, 0.09);
                pen.stroke(on, &[(0.33, 0.33), (0.67, 0.67)], 0.11, BinaryColor::On);
                pen.stroke(on, &[(0.67, 0.33), (0.33, 0.67)], 0.11, BinaryColor::On);
            }
            Self::Pending => pen.ring(on, 0.40, 0.09),
            Self::Code => {
                for (x, y) in [(0.06, 0.06), (0.60, 0.06), (0.06, 0.60)] {
                    pen.block(on, (x, y), 0.34, BinaryColor::On);
                    pen.block(on, (x + 0.08, y + 0.08), 0.18, BinaryColor::Off);
                    pen.block(on, (x + 0.13, y + 0.13), 0.08, BinaryColor::On);
                }
                for (x, y) in [(0.60, 0.60), (0.82, 0.60), (0.71, 0.71), (0.60, 0.82), (0.82, 0.82)] {
                    pen.block(on, (x, y), 0.12, BinaryColor::On);
                }
            }
            Self::Form => {
                for y in [0.2, 0.5, 0.8] {
                    pen.disc(on, (0.12, y), 0.07, BinaryColor::On);
                    pen.stroke(on, &[(0.34, y), (0.92, y)], 0.11, BinaryColor::On);
                }
            }
            Self::Captured => {
                pen.ring(on, 0.46, 0.08);
                pen.disc(on, (0.5, 0.5), 0.30, BinaryColor::On);
            }
            Self::Aim => {
                for (x, y) in [(0.08, 0.08), (0.92, 0.08), (0.92, 0.92), (0.08, 0.92)] {
                    let inward = |from: f32| from + (0.5 - from) * 0.62;
                    pen.stroke(on, &[(inward(x), y), (x, y), (x, inward(y))], 0.10, BinaryColor::On);
                }
                pen.disc(on, (0.5, 0.5), 0.13, BinaryColor::On);
            }
            Self::Working => {
                for y in [0.07, 0.93] {
                    pen.stroke(on, &[(0.18, y), (0.82, y)], 0.10, BinaryColor::On);
                }
                pen.triangle(on, [(0.24, 0.14), (0.76, 0.14), (0.5, 0.54)], BinaryColor::On);
                pen.triangle(on, [(0.24, 0.86), (0.76, 0.86), (0.5, 0.46)], BinaryColor::On);
            }
        }
    }
}

fn paint(on: &mut Stencil, shape: &impl Drawable<Color = BinaryColor>) {
    let Ok(_) = shape.draw(on);
}

/// Turns shares of a square into cells of a stencil.
struct Pen {
    side: f32,
}

impl Pen {
    fn cells(&self, share: f32) -> i32 {
        (share * self.side).round() as i32
    }

    fn at(&self, (x, y): (f32, f32)) -> Point {
        Point::new(self.cells(x), self.cells(y))
    }

    fn circle(&self, middle: (f32, f32), radius: f32) -> Circle {
        Circle::with_center(self.at(middle), self.cells(2.0 * radius).max(1) as u32)
    }

    fn disc(&self, on: &mut Stencil, middle: (f32, f32), radius: f32, ink: BinaryColor) {
        paint(on, &self.circle(middle, radius).into_styled(PrimitiveStyle::with_fill(ink)));
    }

    /// A filled square from its left upper corner.
    fn block(&self, on: &mut Stencil, corner: (f32, f32), side: f32, ink: BinaryColor) {
        let square = Rectangle::new(self.at(corner), Size::new_equal(self.cells(side).max(1) as u32));
        paint(on, &square.into_styled(PrimitiveStyle::with_fill(ink)));
    }

    fn ring(&self, on: &mut Stencil, radius: f32, thickness: f32) {
        paint(on, &self.circle((0.5, 0.5), radius).into_styled(self.inside(thickness)));
    }

    fn arc(&self, on: &mut Stencil, middle: (f32, f32), radius: f32, from: f32, sweep: f32, thickness: f32) {
        let arc = Arc::from_circle(self.circle(middle, radius), from.deg(), sweep.deg());
        paint(on, &arc.into_styled(PrimitiveStyle::with_stroke(BinaryColor::On, self.cells(thickness) as u32)));
    }

    /// A line through `points` with round ends and joints.
    fn stroke(&self, on: &mut Stencil, points: &[(f32, f32)], thickness: f32, ink: BinaryColor) {
        let points: Vec<Point> = points.iter().map(|point| self.at(*point)).collect();
        let middle = |point: Point| (point.x as f32, point.y as f32);
        for pair in points.windows(2) {
            let ((x1, y1), (x2, y2)) = (middle(pair[0]), middle(pair[1]));
            let (dx, dy) = (x2 - x1, y2 - y1);
            let half = thickness * self.side / 2.0 / dx.hypot(dy).max(1.0);
            let (across, down) = (-dy * half, dx * half);
            let corners = [(x1 + across, y1 + down), (x1 - across, y1 - down), (x2 - across, y2 - down), (x2 + across, y2 + down)];
            on.polygon(&corners, ink.is_on());
        }
        for point in points {
            paint(on, &Circle::with_center(point, self.cells(thickness).max(1) as u32).into_styled(PrimitiveStyle::with_fill(ink)));
        }
    }

    fn triangle(&self, on: &mut Stencil, corners: [(f32, f32); 3], ink: BinaryColor) {
        on.polygon(&corners.map(|(x, y)| (x * self.side, y * self.side)), ink.is_on());
    }

    fn inside(&self, thickness: f32) -> PrimitiveStyle<BinaryColor> {
        PrimitiveStyleBuilder::new()
            .stroke_color(BinaryColor::On)
            .stroke_width(self.cells(thickness).max(1) as u32)
            .stroke_alignment(StrokeAlignment::Inside)
            .build()
    }
}
