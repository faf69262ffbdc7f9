//! The device: the [`board`] file says what it is made of, and [`Device::run`] turns frames into verdicts on a screen.
//!
//! The loop knows the other rooms only by the small traits of `seams`, so that tests run it with fakes.

mod assess;
pub mod board;
mod camera;
mod command;
mod fault;
mod link;
mod news;
mod run;
mod screen;
mod seams;
pub mod signals;
mod start;
pub mod state;
pub mod supervise;
mod talk;

pub use camera::open_camera;
pub use command::Command;
pub use fault::RunError;
pub use link::{Answer, CameraStatus, Check, Link, Refusal, Restart, Status, ThreadStatus, Told, Trouble};
pub use news::{News, Summary};
pub use run::{Device, OpenAssessor, OpenCamera, OpenRecords, OpenScreen, Parts, Port, Talk};
pub use screen::{open_screen, open_surface};
pub use seams::{Assess, Cause, Clock, ModelFacts, OnGlass, Patients, ShowScene, SystemClock};
pub use start::StartError;
pub use state::End;
