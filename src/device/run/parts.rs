//! How each thread opens what it works with: again and again, because what was opened may go.

use std::sync::Arc;

use crate::{
    capture::CaptureError,
    device::{
        seams::{Assess, Clock, Patients, ShowScene},
        start::StartError,
    },
    display::DisplayError,
    frame::Frame,
    record::{RecordError, RecordLog},
};

/// Opens the camera.
pub type OpenCamera = dyn Fn() -> Result<Box<dyn Patients>, CaptureError> + Send + Sync;
/// Opens the display.
pub type OpenScreen = dyn Fn() -> Result<Box<dyn ShowScene>, DisplayError> + Send + Sync;
/// Opens gate and model.
pub type OpenAssessor = dyn Fn() -> Result<Box<dyn Assess>, StartError> + Send + Sync;
/// Opens the records.
pub type OpenRecords = dyn Fn() -> Result<RecordLog, RecordError> + Send + Sync;

/// What a device is made of.
#[derive(Clone)]
pub struct Parts {
    /// Camera and who is before it.
    pub camera: Arc<OpenCamera>,
    /// Gate and model.
    pub assessor: Arc<OpenAssessor>,
    /// Display.
    pub screen: Arc<OpenScreen>,
    /// Where cases are recorded.
    pub records: Arc<OpenRecords>,
    /// The date.
    pub clock: Arc<dyn Clock>,
    /// How sharp a frame is: of a burst, the sharpest counts. No unit; larger is sharper.
    pub sharpness: fn(&Frame) -> f32,
}
