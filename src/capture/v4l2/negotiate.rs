//! Agreeing on a format: a device answers every wish with something, and only what was asked for will do.

use tracing::warn;

use super::{
    V4l2Settings,
    driver::{Given, Node, Offer},
};
use crate::capture::{CaptureError, PixelFormat, format::FormatError};

/// How the frames of a session lie in their buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// Bytes a line; 0 for MJPG.
    pub(super) stride: u32,
    /// Bytes that a whole frame takes at least.
    pub(super) bytes: usize,
}

/// Asks for the format and checks the answer: code, size, whole pictures, lines long enough, buffers that hold a frame.
pub(super) fn agree(node: &mut dyn Node, settings: &V4l2Settings) -> Result<Layout, CaptureError> {
    let V4l2Settings { format, width, height, .. } = *settings;
    // A size that no picture can have is the board file's mistake, whatever the device says.
    let tight = format.bytes_for(width, height, 0).map_err(|error| impossible(settings, error))?;
    let given =
        node.set_format(format, width, height).map_err(|cause| CaptureError::Open { source_name: settings.device_name(), cause })?;
    let stride = if format == PixelFormat::Mjpg { 0 } else { given.stride };
    let bytes = format.bytes_for(width, height, stride).ok().filter(|&bytes| bytes >= tight && bytes <= given.size as usize);
    let same = given.fourcc == format.fourcc() && (given.width, given.height) == (width, height) && given.progressive;
    let Some(bytes) = bytes.filter(|_| same) else {
        return Err(refuse(node, settings, given));
    };
    if given.full_range && format.is_yuv() {
        warn!(device = %settings.device.display(), "the camera says it sends full-range YUV; it is read as limited range, so contrast is higher than it should be");
    }
    Ok(Layout { stride, bytes })
}

fn refuse(node: &mut dyn Node, settings: &V4l2Settings, given: Given) -> CaptureError {
    let offers = node.offers();
    let is_read = |offer: &&Offer| PixelFormat::ALL.iter().any(|format| format.fourcc() == offer.fourcc);
    let readable: Vec<_> = offers.iter().filter(is_read).map(ToString::to_string).collect();
    CaptureError::Format {
        device: settings.device_name(),
        wanted: format!("{} {}x{}", settings.format, settings.width, settings.height),
        given: given.to_string(),
        offered: if readable.is_empty() { "none of them is read, so this camera cannot be used".into() } else { readable.join("; ") },
    }
}

fn impossible(settings: &V4l2Settings, error: FormatError) -> CaptureError {
    match error {
        FormatError::Size(cause) => CaptureError::Frame { source_name: settings.device_name(), cause },
        other => {
            CaptureError::Damaged { source_name: settings.device_name(), format: settings.format.to_string(), detail: other.to_string() }
        }
    }
}
