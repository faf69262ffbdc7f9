//! The one reader of picture files for the whole project, and the one list of what is a picture file.
//!
//! What a file is, its first bytes say, never its name. A picture comes back whole or not at all, and nothing is allocated
//! on the word of a header alone. Colour profiles are not applied: dermatoscopes save sRGB.

use std::{
    fs,
    io::{Cursor, ErrorKind},
    path::{Path, PathBuf},
};

use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage, metadata::Orientation};

use super::{CaptureError, format, format::FormatError};
use crate::frame::{Frame, FrameError, MAX_SIDE};

/// The largest file that is read: 64 megapixels with 16-bit RGBA, uncompressed, and its headers.
const MAX_FILE_BYTES: u64 = 1 << 29;

/// The endings, in any case, by which [`pictures_in`] knows picture files.
pub const PICTURE_EXTENSIONS: [&str; 7] = ["jpg", "jpeg", "png", "tif", "tiff", "bmp", "webp"];

const KINDS: &str = "JPEG, PNG, TIFF, BMP and WebP pictures are read";

/// Reads a JPEG, PNG, TIFF, BMP or WebP file; everything that [`picture_from_bytes`] says holds.
///
/// # Errors
/// [`CaptureError::File`] names the file, says what is wrong with it and what to do.
pub fn read_picture(path: &Path) -> Result<Frame, CaptureError> {
    let fail = |detail: String| CaptureError::File { path: path.to_owned(), detail };
    let about = fs::metadata(path).map_err(|cause| fail(unreadable(&cause)))?;
    if about.is_dir() {
        return Err(fail("it is a folder where a picture file is expected".into()));
    }
    if !about.is_file() {
        return Err(fail("it is not an ordinary file: give a picture file".into()));
    }
    if about.len() > MAX_FILE_BYTES {
        return Err(fail(format!(
            "it is too large ({} MB, at most {} are read): save it smaller",
            about.len() >> 20,
            MAX_FILE_BYTES >> 20
        )));
    }
    let bytes = fs::read(path).map_err(|cause| fail(unreadable(&cause)))?;
    picture_from_bytes(&bytes).map_err(|error| fail(error.to_string()))
}

/// Decodes a JPEG, PNG, TIFF, BMP or WebP picture that lies in memory.
///
/// 16-bit channels are rounded to 8, grey becomes R = G = B, transparent parts are laid on black (the surround of a dermatoscope's view),
/// the EXIF orientation is applied, and of several pages or moving pictures the first is taken.
///
/// # Errors
/// [`FormatError`] for what is no picture, is cut short or damaged, is larger than a [`Frame`] may be (judged by its header,
/// before anything is unpacked), or whose colours on a screen are not known (CMYK, floating point).
pub fn picture_from_bytes(bytes: &[u8]) -> Result<Frame, FormatError> {
    if bytes.is_empty() {
        return Err(FormatError::Picture("it is empty: copy it again".into()));
    }
    let Ok(kind) = image::guess_format(bytes) else {
        return Err(FormatError::Picture(format!("it is not a picture: {KINDS}")));
    };
    let image = match kind {
        ImageFormat::Jpeg => return jpeg(bytes),
        ImageFormat::Png | ImageFormat::Tiff | ImageFormat::Bmp | ImageFormat::WebP => decode(bytes, kind)?,
        other => return Err(FormatError::Picture(format!("it is a {other:?} file: {KINDS}"))),
    };
    frame(image)
}

/// All picture files under `path` in the order of their paths, byte by byte; `path` itself when it is a file, whatever its name.
///
/// Hidden files and folders (`.name`) are skipped, and so is what has another ending than [`PICTURE_EXTENSIONS`].
/// With `recursive` sub-folders are gone through too, except through symbolic links. A folder without pictures gives an empty list.
///
/// # Errors
/// [`CaptureError::File`] for a path that is not there or a folder that may not be read.
pub fn pictures_in(path: &Path, recursive: bool) -> Result<Vec<PathBuf>, CaptureError> {
    let fail = |path: &Path, cause: &std::io::Error| CaptureError::File { path: path.to_owned(), detail: unreadable(cause) };
    if !fs::metadata(path).map_err(|cause| fail(path, &cause))?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut pictures = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|cause| fail(&folder, &cause))? {
            let entry = entry.map_err(|cause| fail(&folder, &cause))?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if recursive {
                    folders.push(path);
                }
            } else if has_picture_ending(&path) && !path.is_dir() {
                pictures.push(path);
            }
        }
    }
    pictures.sort();
    Ok(pictures)
}

fn has_picture_ending(path: &Path) -> bool {
    path.extension().is_some_and(|ending| PICTURE_EXTENSIONS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

fn jpeg(bytes: &[u8]) -> Result<Frame, FormatError> {
    let jpeg = format::read_jpeg(bytes, |_, _| Ok(()))?;
    let orientation = jpeg.exif.as_deref().and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms);
    match (orientation, RgbImage::from_raw(jpeg.width, jpeg.height, jpeg.pixels)) {
        (_, None) => Err(FormatError::Picture("it is damaged: it has fewer pixels than its header says".into())),
        (Orientation::NoTransforms, Some(image)) => Ok(Frame::new(jpeg.width, jpeg.height, image.into_raw())?),
        (_, Some(image)) => {
            let mut image = DynamicImage::from(image);
            image.apply_orientation(orientation);
            frame(image)
        }
    }
}

fn decode(bytes: &[u8], kind: ImageFormat) -> Result<DynamicImage, FormatError> {
    let refuse = |error: ImageError| FormatError::Picture(explain(&error, kind));
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_FILE_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), kind);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > Frame::MAX_PIXELS {
        return Err(FrameError::Size { width, height }.into());
    }
    let colours = decoder.original_color_type();
    match colours {
        ExtendedColorType::Cmyk8 | ExtendedColorType::Cmyk16 => {
            return Err(FormatError::Picture("it is made for print (CMYK), so its colours on screen are not known: save it as RGB".into()));
        }
        ExtendedColorType::Rgb32F | ExtendedColorType::Rgba32F => {
            return Err(FormatError::Picture(
                "it has floating-point colours without a known range: save it with 8 or 16 bits a channel".into(),
            ));
        }
        _ => {}
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(refuse)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn frame(image: DynamicImage) -> Result<Frame, FormatError> {
    let (width, height) = (image.width(), image.height());
    let pixels = if image.color().has_alpha() {
        let on_black = |level: u8, alpha: u8| ((u32::from(level) * u32::from(alpha) + 127) / 255) as u8;
        image.into_rgba8().pixels().flat_map(|&image::Rgba([r, g, b, a])| [r, g, b].map(|level| on_black(level, a))).collect()
    } else {
        image.into_rgb8().into_raw()
    };
    Ok(Frame::new(width, height, pixels)?)
}

fn explain(error: &ImageError, kind: ImageFormat) -> String {
    match error {
        ImageError::Limits(_) => format!("it is larger than is read: save it with at most {} megapixels", Frame::MAX_PIXELS / 1_000_000),
        ImageError::Unsupported(what) => format!("it is a {kind:?} picture of a kind that is not read ({what}): save it as PNG"),
        other => format!("it is cut short or damaged ({other}): copy it again"),
    }
}

fn unreadable(cause: &std::io::Error) -> String {
    match cause.kind() {
        ErrorKind::NotFound => "it is not there: check the path".into(),
        ErrorKind::PermissionDenied => "it may not be read: give this user the right to read it".into(),
        _ => format!("it cannot be read ({cause}): check the storage and copy it again"),
    }
}
