//! From a board file to a device that is ready to run.

use std::sync::{Arc, atomic::AtomicBool};

use thiserror::Error;

use super::{
    board::{Board, BoardError, ModelBoard},
    camera::open_camera,
    fault::Fault,
    run::Device,
    screen::open_screen,
    seams::{ShowScene, SystemClock},
};
use crate::{
    bundle::{Bundle, BundleError, Trust},
    capture::CaptureError,
    display::{DisplayError, scene::Scene},
    engine::{self, Options},
    pipeline::{Analyser, LoadError},
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

impl Device<'_> {
    /// Opens everything that `board` names. What goes wrong is also shown on the display, if that can be used.
    ///
    /// # Errors
    /// [`StartError`] with the first thing that does not work; things that are not there are named all at once.
    pub fn start(board: &Board, stop: Arc<AtomicBool>) -> Result<Self, StartError> {
        // That something is not there at all is the better message than that it cannot be opened.
        let present = board.check_present();
        let mut screen = match open_screen(board) {
            Ok(screen) => screen,
            Err(error) => return Err(present.err().map_or(error.into(), StartError::Board)),
        };
        let opened = present.map_err(StartError::Board).and_then(|()| {
            // The quickest to fail comes first: nobody should wait for a model to hear that a folder is missing.
            let records = RecordLog::open(&board.records)?;
            let camera = open_camera(board)?;
            let analyser = load_model(&board.model)?;
            Ok((records, camera, analyser))
        });
        let (records, camera, analyser) = opened.inspect_err(|error| show(screen.as_mut(), error))?;
        tracing::info!(camera = camera.describe(), bundle = analyser.bundle().name, "started");
        Ok(Self {
            policy: board.capture.clone(),
            camera,
            assessor: Box::new(analyser),
            screen,
            records,
            clock: Box::new(SystemClock),
            stop,
        })
    }
}

/// Opens the bundle, whose signature must be by a key that is trusted, and runs its golden case.
fn load_model(board: &ModelBoard) -> Result<Analyser, StartError> {
    let trust = board.trusted_keys.iter().try_fold(Trust::release()?, |trust, key| {
        // The text of a minisign key file is a comment line and the key.
        trust.with_key("model.trusted_keys", &format!("untrusted comment: from the board file\n{key}\n"))
    })?;
    let bundle = Bundle::open(&board.bundle, &trust)?;
    let options = Options { threads: board.threads.into(), kernels: board.kernels, caches: engine::caches_beside(bundle.folder()) };
    let analyser = Analyser::load_with(&bundle, &options)?;
    match &board.operating_point {
        Some(name) => Ok(analyser.with_operating_point(name)?),
        None => Ok(analyser),
    }
}

fn show(screen: &mut dyn ShowScene, error: &StartError) {
    let Fault { cause, next_step } = Fault::from(error);
    if let Err(error) = screen.show(&Scene::Fault { cause: &cause, next_step }) {
        tracing::error!(%error, "the fault cannot be shown");
    }
}

impl From<&StartError> for Fault {
    fn from(error: &StartError) -> Self {
        let (cause, next_step) = match error {
            StartError::Camera(error) => {
                return Self { next_step: "Check the camera, then switch the device off and on.", ..Self::from(error) };
            }
            StartError::Board(_) => {
                ("Something is not there that the board file names.", "Check camera and cables, then switch the device off and on.")
            }
            StartError::Display(_) => ("The screen does not work.", "Switch the device off and on. If it stays, send it to service."),
            StartError::Bundle(_) | StartError::Load(_) => {
                ("The model is missing or damaged.", "Send the device to service: the model must be installed again.")
            }
            StartError::Record(_) => ("Records cannot be kept.", "Check the storage, then switch the device off and on."),
        };
        Self { cause: cause.to_owned(), next_step }
    }
}
