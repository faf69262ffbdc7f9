//! A camera that shows phantoms, held by a hand that trembles a little.

use std::time::{Duration, Instant};

use super::{
    maths::{Dice, Stream},
    parameters::{Phantom, PhantomError},
    render::Scene,
    settings::{PhantomSettings, Shot},
    truth::Truth,
};
use crate::capture::{Camera, CaptureError, Captured};

/// Shows a script of phantoms, one frame a call.
///
/// Pixels depend on the settings and on how many frames came before, never on the clock. A phantom is drawn when its first
/// frame is due; its further frames only shift that picture by whole pixels and add fresh noise.
#[derive(Debug)]
pub struct PhantomCamera {
    settings: PhantomSettings,
    shots: Vec<Shot>,
    /// Shot being shown, and frames of it already shown.
    at: usize,
    shown: u32,
    scene: Option<Scene>,
    hand: Dice,
    noise: Dice,
    place: [f32; 2],
    sequence: u64,
    opened: Instant,
    due: Duration,
    last: Duration,
}

impl PhantomCamera {
    /// Checks the settings and draws the first phantom, so that a size that cannot be is known at once.
    ///
    /// # Errors
    /// [`PhantomError`] names the setting that is out of range.
    pub fn open(settings: &PhantomSettings) -> Result<Self, PhantomError> {
        let shots = settings.shots()?;
        let mut camera = Self {
            settings: settings.clone(),
            shots,
            at: 0,
            shown: 0,
            scene: None,
            hand: Dice::new(settings.seed, Stream::Tremor),
            noise: Dice::new(settings.seed, Stream::Noise),
            place: [0.0; 2],
            sequence: 0,
            opened: Instant::now(),
            due: Duration::ZERO,
            last: Duration::ZERO,
        };
        camera.scene = Some(camera.draw()?);
        Ok(camera)
    }

    /// The phantom of the frame handed over last (before the first: of the first).
    #[must_use]
    pub fn phantom(&self) -> Option<&Phantom> {
        self.shots.get(self.at).map(|shot| &shot.phantom)
    }

    /// The truth about that phantom, for a hand that does not tremble.
    #[must_use]
    pub fn truth(&self) -> Option<&Truth> {
        self.scene.as_ref().map(|scene| &scene.truth)
    }

    /// Tremor in frame pixels, rounded up: the margin that a scene needs.
    fn reach(&self) -> u32 {
        let side = self.settings.width.min(self.settings.height) as f32;
        (self.settings.tremor * side / 720.0).ceil() as u32
    }

    fn draw(&self) -> Result<Scene, PhantomError> {
        let shot = self.shots.get(self.at).ok_or(PhantomError::EmptyScript)?;
        Scene::draw(&shot.phantom, self.settings.width, self.settings.height, self.reach())
    }

    /// Steps to the next shot when the current one has been shown in full; false when there is none.
    fn advance(&mut self) -> bool {
        if self.shots.get(self.at).is_some_and(|shot| self.shown < shot.frames) {
            return true;
        }
        if self.at + 1 >= self.shots.len() && !self.settings.repeat {
            return false;
        }
        self.at = (self.at + 1) % self.shots.len();
        self.shown = 0;
        // A single phantom on repeat need not be drawn again.
        if self.shots.len() > 1 {
            self.scene = None;
        }
        true
    }

    /// A damped random walk, so that the picture drifts around its place instead of jumping.
    fn tremble(&mut self) -> [i32; 2] {
        let reach = self.reach() as f32;
        let side = self.settings.width.min(self.settings.height) as f32;
        let step = self.settings.tremor * side / 720.0 * 0.5;
        for axis in 0..2 {
            self.place[axis] = (self.place[axis] * 0.8 + step * self.hand.normal()).clamp(-reach, reach);
        }
        self.place.map(|place| (place + 0.5).floor() as i32)
    }

    /// Waits until the next frame is due and gives its time.
    fn wait(&mut self) -> Duration {
        if self.settings.fps > 0.0 {
            std::thread::sleep(self.due.saturating_sub(self.opened.elapsed()));
            // A caller that was late gets no burst of old frames: the pace starts again from now.
            self.due = self.due.max(self.opened.elapsed()) + Duration::from_secs_f32(1.0 / self.settings.fps);
        }
        self.last = self.opened.elapsed().max(self.last + Duration::from_nanos(1));
        self.last
    }

    fn failed(&self, error: &PhantomError) -> CaptureError {
        CaptureError::Damaged { source_name: self.describe(), format: "phantom".into(), detail: error.to_string() }
    }
}

impl Camera for PhantomCamera {
    fn capture(&mut self) -> Result<Captured, CaptureError> {
        if !self.advance() {
            return Err(CaptureError::Finished { source_name: self.describe() });
        }
        let taken_at = self.wait();
        let scene = match self.scene.take() {
            Some(scene) => scene,
            None => self.draw().map_err(|error| self.failed(&error))?,
        };
        let shift = self.tremble();
        let frame = scene.frame(shift, &mut self.noise);
        self.scene = Some(scene);
        let frame = frame.map_err(|error| self.failed(&error))?;
        self.shown += 1;
        self.sequence += 1;
        Ok(Captured { frame, sequence: self.sequence, taken_at })
    }

    fn describe(&self) -> String {
        let PhantomSettings { width, height, fps, .. } = &self.settings;
        let pace = if *fps > 0.0 { format!(" at {fps} frames a second") } else { String::new() };
        format!("phantom camera, {width}x{height}{pace}")
    }
}
