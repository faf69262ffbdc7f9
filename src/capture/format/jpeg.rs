//! JPEG pictures, whole or not at all: MJPG frames and picture files go through the same strict decoder.
//!
//! `zune-jpeg` decodes; by default (and always behind the `image` crate) it fills what is missing with grey and reports success.
//! Its strict mode still takes a picture whose scan ends early with an end marker in place, as USB packet loss makes them.
//! Both are met here: the end marker must be there, and in front of it is put a code that no JPEG uses (see [`END_GUARD`]).

use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder};
use zune_jpeg::{
    JpegDecoder,
    errors::DecodeErrors,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::FormatError;
use crate::frame::{Frame, FrameError, MAX_SIDE};

/// Weight in bytes of the start and the end marker, without which nothing is a JPEG picture.
pub(super) const END_MARKERS: usize = 4;

const START: [u8; 2] = [0xff, 0xd8];
const END: [u8; 2] = [0xff, 0xd9];

/// Put between the scan and its end marker: 32 one bits (each `ff` stuffed with `00`).
///
/// A Huffman code of only ones is reserved (ITU-T T.81, F.1.2.1.2 and K.2), and a whole scan ends before them, padded with ones.
/// So a decoder that has pixels left to fill trips over them instead of filling with grey.
const END_GUARD: [u8; 8] = [0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00];

/// Put behind the start marker: an `AVI1` application segment, by which the decoder knows that missing Huffman tables
/// are the standard ones. Frames of many UVC cameras lack both the tables and this segment.
const STANDARD_TABLES: [u8; 11] = *b"\xff\xe0\x00\x09AVI1\0\0\0";

/// Quality of encoded frames, of 100.
const QUALITY: u8 = 95;

/// A whole JPEG picture.
pub(in crate::capture) struct Jpeg {
    pub(in crate::capture) width: u32,
    pub(in crate::capture) height: u32,
    /// `RGBRGB...`, rows from the top.
    pub(in crate::capture) pixels: Vec<u8>,
    /// The EXIF block, if there is one.
    pub(in crate::capture) exif: Option<Vec<u8>>,
}

/// Decodes a whole picture of at most [`Frame::MAX_PIXELS`]; refuses one that is cut short, damaged, or made for print (CMYK).
///
/// `accept` sees width and height from the header and may refuse before anything is unpacked.
pub(in crate::capture) fn read(bytes: &[u8], accept: impl FnOnce(u32, u32) -> Result<(), FormatError>) -> Result<Jpeg, FormatError> {
    let guarded = guard(bytes)?;
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(guarded.as_slice()), options);
    decoder.decode_headers().map_err(refuse)?;
    let (Some(info), Some(colours)) = (decoder.info(), decoder.input_colorspace()) else {
        return Err(FormatError::Picture("its header does not say its size".into()));
    };
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    if u64::from(width) * u64::from(height) > Frame::MAX_PIXELS {
        return Err(FrameError::Size { width, height }.into());
    }
    accept(width, height)?;
    match colours {
        ColorSpace::YCbCr | ColorSpace::RGB | ColorSpace::Luma => {}
        ColorSpace::CMYK | ColorSpace::YCCK => {
            return Err(FormatError::Picture("it is made for print (CMYK), so its colours on screen are not known: save it as RGB".into()));
        }
        other => return Err(FormatError::Picture(format!("its colours ({other:?}) are not read: save it as RGB"))),
    }
    let pixels = decoder.decode().map_err(refuse)?;
    let exif = decoder.exif().cloned();
    Ok(Jpeg { width, height, pixels, exif })
}

/// Encodes a frame as a camera would send it.
pub(super) fn write(frame: &Frame) -> Result<Vec<u8>, FormatError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .write_image(frame.pixels(), frame.width(), frame.height(), ExtendedColorType::Rgb8)
        .map_err(|error| FormatError::Picture(error.to_string()))?;
    Ok(bytes)
}

/// The picture with [`STANDARD_TABLES`] behind its start marker, [`END_GUARD`] before its end marker and nothing after it.
fn guard(bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    let Some(body) = bytes.strip_prefix(&START) else {
        return Err(FormatError::Picture("it does not begin with the JPEG start marker".into()));
    };
    let Some(body) = body.windows(END.len()).rposition(|pair| pair == END).and_then(|end| body.get(..end)) else {
        return Err(FormatError::Picture("it is cut short: the end marker is missing".into()));
    };
    Ok([&START[..], &STANDARD_TABLES, body, &END_GUARD, &END].concat())
}

fn refuse(error: DecodeErrors) -> FormatError {
    match error {
        DecodeErrors::LargeDimensions(side) => {
            FormatError::Picture(format!("a side of {side} pixels is too long: at most {MAX_SIDE} are read"))
        }
        DecodeErrors::Unsupported(scheme) => {
            FormatError::Picture(format!("this kind of JPEG is not read ({scheme:?}): save it as baseline JPEG"))
        }
        other => FormatError::Picture(format!("it is cut short or damaged ({other:?})")),
    }
}
