//! From the board file to a camera with patients before it.

use std::time::Duration;

use super::{
    board::{Board, CameraBoard, PhantomBoard, ReplayBoard},
    seams::Patients,
};
use crate::capture::{
    Camera, CaptureError, Captured, ControlReading, Replay, ReplayOptions, V4l2Camera, V4l2Settings,
    phantom::{PhantomCamera, PhantomSettings, Shot},
};

/// Out-of-focus frames of a phantom patient when the policy takes no picture of a bad preview: long enough to read the hint.
const BLURRED_PREVIEW: u32 = 3;

/// Opens the camera that `board` names.
///
/// # Errors
/// [`CaptureError`] when it is not there or cannot do what the board file asks for.
pub fn open_camera(board: &Board) -> Result<Box<dyn Patients>, CaptureError> {
    Ok(match &board.camera {
        CameraBoard::Phantom(camera) => Box::new(PhantomPatients::open(camera, board.capture.preview_limit.unwrap_or(BLURRED_PREVIEW))?),
        CameraBoard::Replay(camera) => Box::new(Played { camera: open_replay(camera)?, paced: camera.fps.is_some() }),
        CameraBoard::V4l2(camera) => {
            let settings = V4l2Settings {
                frames_per_second: camera.fps,
                timeout: camera.timeout,
                controls: camera.controls,
                ..V4l2Settings::new(&camera.device, camera.width, camera.height, camera.format)
            };
            // Opened anew and waited for once; the device itself may take a while to answer.
            let patience = settings.timeout.saturating_mul(2) + Duration::from_secs(5);
            Box::new(Real { camera: V4l2Camera::open(settings)?, patience })
        }
    })
}

fn open_replay(board: &ReplayBoard) -> Result<Box<dyn Camera>, CaptureError> {
    let interval = board.fps.map(|fps| Duration::from_secs(1) / fps);
    let options = ReplayOptions { looping: board.repeat, interval, ..ReplayOptions::default() };
    Ok(Box::new(match board.raw {
        Some(raw) => Replay::raw(&board.path, raw.format, raw.width, raw.height, options)?,
        None => Replay::pictures(&board.path, options)?,
    }))
}

/// A frame of a source in memory is made or read within this time, whatever its size.
const MADE_WITHIN: Duration = Duration::from_secs(20);

/// A camera that patients come before by themselves.
struct Real {
    camera: V4l2Camera,
    patience: Duration,
}

impl Camera for Real {
    fn capture(&mut self) -> Result<Captured, CaptureError> {
        self.camera.capture()
    }

    fn hold_still(&mut self) -> Result<(), CaptureError> {
        self.camera.hold_still()
    }

    fn let_go(&mut self) -> Result<(), CaptureError> {
        self.camera.let_go()
    }

    fn controls(&self) -> Vec<ControlReading> {
        self.camera.controls()
    }

    fn now(&self) -> Option<Duration> {
        self.camera.now()
    }

    fn describe(&self) -> String {
        self.camera.describe()
    }
}

impl Patients for Real {
    fn next_patient(&mut self, _patient: u32) -> Result<(), CaptureError> {
        Ok(())
    }

    fn is_live(&self) -> bool {
        true
    }

    fn is_dated(&self) -> bool {
        true
    }

    fn patience(&self) -> Duration {
        self.patience
    }
}

/// Files in the place of a camera.
struct Played {
    camera: Box<dyn Camera>,
    /// Frames come at a rate, as those of a real camera do.
    paced: bool,
}

impl Camera for Played {
    fn capture(&mut self) -> Result<Captured, CaptureError> {
        self.camera.capture()
    }

    fn describe(&self) -> String {
        self.camera.describe()
    }
}

impl Patients for Played {
    fn next_patient(&mut self, _patient: u32) -> Result<(), CaptureError> {
        Ok(())
    }

    fn is_live(&self) -> bool {
        self.paced
    }

    fn is_dated(&self) -> bool {
        false
    }

    fn patience(&self) -> Duration {
        MADE_WITHIN
    }
}

/// A phantom camera that shows one phantom for as long as its patient takes.
struct PhantomPatients {
    board: PhantomBoard,
    blurred: u32,
    camera: PhantomCamera,
    /// Frames of all patients so far; the camera of each counts from 1.
    sequence: u64,
    /// Time of the last patient's last frame; the camera of each begins at 0.
    before: Duration,
    last: Duration,
}

impl PhantomPatients {
    fn open(board: &PhantomBoard, blurred: u32) -> Result<Self, CaptureError> {
        Ok(Self {
            board: board.clone(),
            blurred,
            camera: open_phantom(board, 1, blurred)?,
            sequence: 0,
            before: Duration::ZERO,
            last: Duration::ZERO,
        })
    }
}

impl Camera for PhantomPatients {
    fn capture(&mut self) -> Result<Captured, CaptureError> {
        let captured = self.camera.capture()?;
        self.sequence += 1;
        self.last = self.before + captured.taken_at;
        Ok(Captured { frame: captured.frame, sequence: self.sequence, taken_at: self.last })
    }

    fn describe(&self) -> String {
        self.camera.describe()
    }
}

impl Patients for PhantomPatients {
    fn next_patient(&mut self, patient: u32) -> Result<(), CaptureError> {
        if patient > 1 {
            self.camera = open_phantom(&self.board, patient, self.blurred)?;
            self.before = self.last;
        }
        Ok(())
    }

    fn knows_patients(&self) -> bool {
        true
    }

    fn is_live(&self) -> bool {
        self.board.fps.is_some()
    }

    fn is_dated(&self) -> bool {
        false
    }

    fn patience(&self) -> Duration {
        MADE_WITHIN
    }
}

/// The camera before `patient`, whose lesion is out of focus for `blurred` frames if it has an even number.
fn open_phantom(board: &PhantomBoard, patient: u32, blurred: u32) -> Result<PhantomCamera, CaptureError> {
    /// More frames than any preview has; then it starts again, out of focus.
    const FRAMES: u32 = 100_000;
    let at = (patient.max(1) - 1) as usize % board.patients.len().max(1);
    let number = board.patients.get(at).copied().unwrap_or(patient);
    let mut script = Shot::patient(number, FRAMES);
    if let [missed, _] = script.as_mut_slice() {
        missed.frames = blurred;
    }
    let settings = PhantomSettings {
        width: board.width,
        height: board.height,
        fps: board.fps.map_or(0.0, |fps| fps as f32),
        seed: board.seed.wrapping_add(u64::from(patient)),
        script,
        ..PhantomSettings::default()
    };
    PhantomCamera::open(&settings).map_err(|error| CaptureError::Damaged {
        source_name: format!("phantom {number}"),
        format: "phantom".to_owned(),
        detail: error.to_string(),
    })
}
