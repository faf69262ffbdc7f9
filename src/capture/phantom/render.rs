//! From parameters to a picture and its truth.

use super::{
    canvas::Canvas,
    maths::{Dice, Stream},
    optics,
    outline::Outline,
    overlay,
    parameters::{Phantom, PhantomError},
    surface,
    truth::Truth,
};
use crate::frame::{Frame, FrameError, Mask};

/// A phantom as a camera sees it, and what is true about it.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The picture.
    pub frame: Frame,
    /// Which pixels of `frame` lie inside the lesion's border; hairs and reflections over it do not count as outside.
    pub mask: Mask,
    /// What a perfect observer would measure.
    pub truth: Truth,
}

impl Phantom {
    /// Draws the phantom as a `width` x `height` frame; the same parameters give the same bytes on every platform
    /// (see the [module's guarantee](super)).
    ///
    /// # Errors
    /// [`PhantomError::Parameter`] and [`PhantomError::Colours`] as [`check`](Self::check); [`PhantomError::Size`] when no
    /// frame can have this size.
    pub fn render(&self, width: u32, height: u32) -> Result<Rendered, PhantomError> {
        let scene = Scene::draw(self, width, height, 0)?;
        let frame = scene.frame([0, 0], &mut Dice::new(self.seed, Stream::Noise))?;
        Ok(Rendered { frame, mask: scene.mask, truth: scene.truth })
    }
}

/// A drawn phantom with a margin around the frame, from which frames can be read again and again.
#[derive(Debug)]
pub(super) struct Scene {
    canvas: Canvas,
    size: [u32; 2],
    margin: u32,
    noise: f32,
    /// The mask of a frame read without shift.
    pub(super) mask: Mask,
    /// The truth of a frame read without shift.
    pub(super) truth: Truth,
}

impl Scene {
    /// Draws `phantom` for frames of `width` x `height` that may later be shifted by up to `margin` pixels.
    pub(super) fn draw(phantom: &Phantom, width: u32, height: u32, margin: u32) -> Result<Self, PhantomError> {
        phantom.check()?;
        // The size rules are the frame's own: an empty buffer fails for its length only when the size is right.
        if let Err(error @ FrameError::Size { .. }) = Frame::new(width, height, Vec::new()) {
            return Err(error.into());
        }
        let mut canvas = Canvas::new(width, height, margin);
        let outline = Outline::new(&phantom.lesion, phantom.seed);
        let painted = surface::paint(phantom, outline.as_ref(), &mut canvas);
        overlay::hairs(&phantom.hair, phantom.seed, &mut canvas);
        overlay::contact(&phantom.contact, phantom.seed, &mut canvas);
        let sigma = canvas.scaled(phantom.optics.blur);
        optics::blur(&mut canvas, sigma);
        optics::expose(&mut canvas, &phantom.optics);
        let rows = painted.labels.chunks_exact(canvas.width).skip(margin as usize).take(height as usize);
        let labels: Vec<u8> = rows.flat_map(|row| &row[margin as usize..][..width as usize]).copied().collect();
        let mask = Mask::new(width, height, labels.iter().map(|label| *label > 0).collect())?;
        let truth = Truth::measure(phantom, outline.as_ref(), &mask, &labels);
        Ok(Self { canvas, size: [width, height], margin, noise: phantom.optics.noise, mask, truth })
    }

    /// One frame, its content moved by `shift` pixels right and down (held to the margin), with fresh noise.
    pub(super) fn frame(&self, shift: [i32; 2], dice: &mut Dice) -> Result<Frame, PhantomError> {
        let margin = self.margin.cast_signed();
        let corner = shift.map(|by| (margin - by.clamp(-margin, margin)).unsigned_abs() as usize);
        let [width, height] = self.size;
        let bytes = optics::read_out(&self.canvas, corner, [width as usize, height as usize], self.noise, dice);
        Ok(Frame::new(width, height, bytes)?)
    }
}
