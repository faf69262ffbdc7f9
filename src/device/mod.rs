//! The device: the [`board`] file says what it is made of, and [`Device::run`] turns frames into verdicts on a screen.
//!
//! The loop knows the other rooms only by the small traits of `seams`, so that tests run it with fakes.

mod assess;
pub mod board;
mod camera;
mod command;
mod event;
mod fault;
mod link;
mod run;
mod screen;
mod seams;
pub mod signals;
mod start;
pub mod supervise;

pub use camera::open_camera;
pub use command::Command;
pub use event::{End, Event, Summary};
pub use fault::{Fault, RunError};
pub use link::{Answer, CameraStatus, Check, Link, Refusal, Restart, Status, ThreadStatus, Trouble};
pub use run::Device;
pub use screen::{open_screen, open_surface};
pub use seams::{Assess, Cause, Clock, Patients, ShowScene, SystemClock};
pub use start::StartError;
