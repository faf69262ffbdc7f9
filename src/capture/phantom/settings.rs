//! What a board file says about the simulated camera.

use serde::{Deserialize, Serialize};

use super::parameters::{Phantom, PhantomError, in_range};

/// Frame size, pace and what the simulated camera shows; [`PhantomCamera::open`](super::PhantomCamera::open) takes it.
///
/// ```
/// # use lentigo::capture::{Camera, phantom::{PhantomCamera, PhantomSettings}};
/// let settings: PhantomSettings = toml::from_str("
///     width = 320
///     height = 240
///     patients = [1, 2]
///     repeat = false
/// ")?;
/// let mut camera = PhantomCamera::open(&settings)?;
/// // Patient 2 moves at the first try, so there are three frames.
/// for _ in 0..3 {
///     camera.capture()?;
/// }
/// assert!(camera.capture().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhantomSettings {
    /// Frame width in pixels, as [`Frame`](crate::frame::Frame) allows.
    pub width: u32,
    /// Frame height in pixels, as [`Frame`](crate::frame::Frame) allows.
    pub height: u32,
    /// Frames a second, 0.1 to 240; 0 gives frames as fast as they are asked for.
    pub fps: f32,
    /// Seed of the hand's tremor and of the sensor noise. Any value.
    pub seed: u64,
    /// How far the hand that holds the camera strays, pixels of a 720-pixel field: 0 to 20.
    pub tremor: f32,
    /// Start again after the last frame; otherwise the camera then has finished.
    pub repeat: bool,
    /// Patients to show, by number ([`Phantom::patient`]), each as [`Shot::patient`] says. Not used when there is a `script`.
    pub patients: Vec<u32>,
    /// Frames a patient is held still for once the picture is good: 1 to 100000.
    pub frames: u32,
    /// An explicit sequence instead of `patients`.
    pub script: Vec<Shot>,
}

impl Default for PhantomSettings {
    fn default() -> Self {
        Self {
            width: 1_280,
            height: 720,
            fps: 0.0,
            seed: 1,
            tremor: 1.5,
            repeat: true,
            patients: vec![1, 2, 3],
            frames: 1,
            script: Vec::new(),
        }
    }
}

/// One phantom shown for a number of frames.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shot {
    /// What is seen.
    pub phantom: Phantom,
    /// For how many frames; 0 skips it.
    #[serde(default = "one")]
    pub frames: u32,
}

fn one() -> u32 {
    1
}

impl Shot {
    /// How a patient comes before the camera: every even-numbered one is out of focus in the first frame, so that the
    /// quality gate has something to refuse, and then held still for `frames` frames.
    #[must_use]
    pub fn patient(number: u32, frames: u32) -> Vec<Self> {
        let phantom = Phantom::patient(number);
        let missed = number.is_multiple_of(2).then(|| Self { phantom: phantom.clone().out_of_focus(), frames: 1 });
        missed.into_iter().chain([Self { phantom, frames }]).collect()
    }
}

impl PhantomSettings {
    /// The sequence that these settings describe, each phantom checked, without empty entries.
    ///
    /// # Errors
    /// [`PhantomError`] names the first key that is out of range, or says that there is nothing to show.
    pub fn shots(&self) -> Result<Vec<Shot>, PhantomError> {
        if self.fps != 0.0 {
            in_range("fps", self.fps, &(0.1..=240.0))?;
        }
        in_range("tremor", self.tremor, &(0.0..=20.0))?;
        in_range("frames", self.frames as f32, &(1.0..=100_000.0))?;
        let mut shots: Vec<Shot> = if self.script.is_empty() {
            self.patients.iter().flat_map(|number| Shot::patient(*number, self.frames)).collect()
        } else {
            self.script.clone()
        };
        shots.retain(|shot| shot.frames > 0);
        if shots.is_empty() {
            return Err(PhantomError::EmptyScript);
        }
        shots.iter().try_for_each(|shot| shot.phantom.check())?;
        Ok(shots)
    }
}
