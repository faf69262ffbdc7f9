//! The trait [`Surface`]: where a finished canvas goes.

use super::{Canvas, DisplayError};

/// Something that shows pictures: glass, or files in its place.
pub trait Surface: Send {
    /// Width and height in pixels; scenes are drawn in this size.
    fn size(&self) -> (u32, u32);

    /// Shows `canvas` in place of what was shown before.
    ///
    /// # Errors
    /// [`DisplayError`] says what happened and what the person can do. The surface may be used again after an error.
    fn show(&mut self, canvas: &Canvas) -> Result<(), DisplayError>;

    /// What this surface is, for status screens and messages: `/dev/fb0, 320x240, 16 bits a pixel`.
    fn describe(&self) -> String;
}
