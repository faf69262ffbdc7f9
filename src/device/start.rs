//! From a board file to a device that is ready to run. Nothing is opened here: each thread opens what it works with.

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

use thiserror::Error;

use super::{
    board::{Board, BoardError, CameraBoard, InputsBoard, ModelBoard},
    camera::open_camera,
    run::{Device, Parts},
    screen::open_screen,
    seams::SystemClock,
    talk,
};
use crate::{
    bundle::{Bundle, BundleError, Trust},
    capture::CaptureError,
    display::DisplayError,
    engine::{self, Options},
    init,
    pipeline::{Analyser, LoadError},
    quality::Measurements,
    record::{RecordError, RecordLog},
};

/// Why a device cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The board file names things that are not there.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The display cannot be used.
    #[error(transparent)]
    Display(#[from] DisplayError),
    /// The bundle cannot be opened.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The bundle cannot be put to work.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The camera cannot be used.
    #[error(transparent)]
    Camera(#[from] CaptureError),
    /// Records cannot be kept.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl Device {
    /// The device that `board` describes. What it names is opened when it runs.
    ///
    /// # Errors
    /// [`StartError::Board`] with everything that is not there, for a run that nobody watches: where somebody does, a camera may be
    /// plugged in later, and what stays away is a fault on the screen.
    pub fn of(board: &Board, stop: Arc<AtomicBool>) -> Result<Self, StartError> {
        let unattended = board.capture.patients.is_some() || matches!(&board.camera, CameraBoard::Replay(replay) if !replay.repeat);
        if unattended {
            board.check_present()?;
        }
        let mut policy = board.capture.clone();
        if matches!(board.camera, CameraBoard::Replay(_)) {
            // The next frame of a replay is another picture, not the same one again.
            policy.burst = 1;
        }
        let board = Arc::new(board.clone());
        let of = || Arc::clone(&board);
        let (camera, screen, model, records) = (of(), of(), of(), of());
        Ok(Self {
            policy,
            power: board.power.clone(),
            supervision: board.supervision.clone(),
            parts: Parts {
                camera: Arc::new(move || open_camera(&camera)),
                assessor: Arc::new(move || Ok(Box::new(load_model(&model.model, &model.state)?))),
                screen: Arc::new(move || open_screen(&screen)),
                records: Arc::new(move || RecordLog::open(&records.records)),
                clock: Arc::new(SystemClock),
                sharpness: |frame| Measurements::of(frame).focus,
            },
            console: talk::console(&board),
            inputs: (board.inputs != InputsBoard::default()).then(|| talk::inputs(&board.inputs)),
            operators: board.inputs.operators.clone(),
            scale: board.optics.scale,
            language: board.report.language,
            records: board.records.clone(),
            notices: init::notices(),
            unattended,
            stop,
            restart: Arc::default(),
        })
    }
}

impl ModelBoard {
    /// Whose signature on a bundle is believed: the release keys, and those of the board file.
    ///
    /// # Errors
    /// [`BundleError`] when a key cannot be read.
    pub fn trust(&self) -> Result<Trust, BundleError> {
        self.trusted_keys.iter().try_fold(Trust::release()?, |trust, key| {
            // The text of a minisign key file is a comment line and the key.
            trust.with_key("model.trusted_keys", &format!("untrusted comment: from the board file\n{key}\n"))
        })
    }
}

/// Opens the bundle, whose signature must be by a key that is trusted, and runs its golden case.
///
/// Compiled programs are kept beside the bundle, or else in the `state` folder: under lentigo's own init nothing else can be written.
fn load_model(board: &ModelBoard, state: &Path) -> Result<Analyser, StartError> {
    let bundle = Bundle::open(&board.bundle, &board.trust()?)?;
    let mut caches = engine::caches_beside(bundle.folder());
    caches.push(state.join("programs").join(&bundle.id().name));
    let options = Options { threads: board.threads.into(), kernels: board.kernels, caches };
    let analyser = Analyser::load_with(&bundle, &options)?;
    match &board.operating_point {
        Some(name) => Ok(analyser.with_operating_point(name)?),
        None => Ok(analyser),
    }
}
