//! Frames from files in place of a camera: pictures, folders of pictures, raw dumps of a camera's bytes.
//!
//! For tests, demonstrations and support: what was seen on a device can be shown again, frame by frame, on a bench.
//! Unlike a camera it never skips a frame.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{Camera, CaptureError, Captured, PixelFormat, pictures_in, read_picture};
use crate::frame::Frame;

/// How a [`Replay`] goes about its frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReplayOptions {
    /// Begin again after the last frame, for ever.
    pub looping: bool,
    /// Time from one frame to the next; [`Replay::capture`] waits for it. `None`: as fast as they are asked for.
    pub interval: Option<Duration>,
    /// Go through the sub-folders of a folder too.
    pub recursive: bool,
}

/// A [`Camera`] that shows files.
#[derive(Debug)]
pub struct Replay {
    path: PathBuf,
    frames: Frames,
    options: ReplayOptions,
    /// Frames tried since the start, whether or not they could be read.
    sequence: u64,
    /// When the first frame was asked for.
    started: Option<Instant>,
    /// Time of the last frame since then.
    last: Duration,
}

#[derive(Debug)]
enum Frames {
    Pictures(Vec<PathBuf>),
    Raw { file: File, format: PixelFormat, width: u32, height: u32, bytes: Vec<u8>, count: u64 },
}

impl Replay {
    /// Shows a picture file, or all pictures of a folder in the order of [`pictures_in`].
    ///
    /// Pictures are read when their turn comes: one that cannot be read is an error of that one [`capture`](Camera::capture), and the next call goes on.
    ///
    /// # Errors
    /// [`CaptureError::File`] when `path` is not there, may not be read, or holds no picture.
    pub fn pictures(path: &Path, options: ReplayOptions) -> Result<Self, CaptureError> {
        let pictures = pictures_in(path, options.recursive)?;
        if pictures.is_empty() {
            let detail = format!("it holds no picture: put files in it that end in {}", super::PICTURE_EXTENSIONS.join(", "));
            return Err(CaptureError::File { path: path.to_owned(), detail });
        }
        Ok(Self { path: path.to_owned(), frames: Frames::Pictures(pictures), options, sequence: 0, started: None, last: Duration::ZERO })
    }

    /// Shows a file of frames one after another as a camera sends them, without padding, all of one size, such as
    /// `v4l2-ctl --stream-mmap --stream-to=FILE` writes them.
    ///
    /// # Errors
    /// [`CaptureError::File`] when the file is not there or may not be read; [`CaptureError::Damaged`] when the size cannot be,
    /// when `format` is MJPG (its frames have no fixed weight), or when the file does not hold a whole number of frames.
    pub fn raw(path: &Path, format: PixelFormat, width: u32, height: u32, options: ReplayOptions) -> Result<Self, CaptureError> {
        let damaged =
            |detail: String| CaptureError::Damaged { source_name: path.display().to_string(), format: format.to_string(), detail };
        let unreadable = |cause: std::io::Error| CaptureError::File {
            path: path.to_owned(),
            detail: format!("it cannot be read as a raw dump: {cause}. Check the path"),
        };
        if format == PixelFormat::Mjpg {
            return Err(damaged("a dump of MJPG frames is not read: save each frame as a .jpg file and replay the folder".into()));
        }
        let weight = format.bytes_for(width, height, 0).map_err(|error| damaged(error.to_string()))?;
        let file = File::open(path).map_err(unreadable)?;
        let about = file.metadata().map_err(unreadable)?;
        if !about.is_file() {
            return Err(CaptureError::File { path: path.to_owned(), detail: "it is not an ordinary file: give a raw dump".into() });
        }
        let (count, rest) = (about.len() / weight as u64, about.len() % weight as u64);
        if count == 0 || rest != 0 {
            let length = about.len();
            return Err(damaged(format!(
                "{length} bytes are {count} frames of {width}x{height} and {rest} bytes over: check the size and the format, or dump it again"
            )));
        }
        let frames = Frames::Raw { file, format, width, height, bytes: vec![0; weight], count };
        Ok(Self { path: path.to_owned(), frames, options, sequence: 0, started: None, last: Duration::ZERO })
    }

    /// How many frames one round has.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a replay is never empty")]
    pub fn len(&self) -> u64 {
        match &self.frames {
            Frames::Pictures(pictures) => pictures.len() as u64,
            Frames::Raw { count, .. } => *count,
        }
    }

    /// Where frame number `index` of a round comes from, for messages and for naming results after their picture.
    #[must_use]
    pub fn name_of(&self, index: u64) -> String {
        match &self.frames {
            Frames::Pictures(pictures) => {
                usize::try_from(index).ok().and_then(|index| pictures.get(index)).unwrap_or(&self.path).display().to_string()
            }
            Frames::Raw { .. } => format!("{} frame {index}", self.path.display()),
        }
    }

    fn read(&mut self, index: u64) -> Result<Frame, CaptureError> {
        let name = self.name_of(index);
        match &mut self.frames {
            Frames::Pictures(pictures) => {
                let picture = usize::try_from(index).ok().and_then(|index| pictures.get(index));
                picture.map_or(Err(CaptureError::Finished { source_name: name }), |path| read_picture(path))
            }
            Frames::Raw { file, format, width, height, bytes, .. } => {
                file.seek(SeekFrom::Start(index * bytes.len() as u64)).and_then(|_| file.read_exact(bytes)).map_err(|cause| {
                    CaptureError::File {
                        path: self.path.clone(),
                        detail: format!("it cannot be read any more: {cause}. Check the storage"),
                    }
                })?;
                format.decode(bytes, *width, *height, 0).map_err(|error| CaptureError::Damaged {
                    source_name: name,
                    format: format.to_string(),
                    detail: error.to_string(),
                })
            }
        }
    }

    /// Waits until frame number `sequence` is due and gives its time since the start, later than any before.
    fn wait(&mut self, sequence: u64) -> Duration {
        let started = *self.started.get_or_insert_with(Instant::now);
        let Some(interval) = self.options.interval else {
            self.last = started.elapsed().max(self.last + Duration::from_nanos(1));
            return self.last;
        };
        let due = Duration::try_from_secs_f64(interval.as_secs_f64() * sequence as f64).unwrap_or(Duration::MAX);
        std::thread::sleep(due.saturating_sub(started.elapsed()));
        due
    }
}

impl Camera for Replay {
    fn capture(&mut self) -> Result<Captured, CaptureError> {
        let (sequence, count) = (self.sequence, self.len());
        if sequence >= count && !self.options.looping {
            return Err(CaptureError::Finished { source_name: self.path.display().to_string() });
        }
        let taken_at = self.wait(sequence);
        self.sequence += 1;
        let frame = self.read(sequence % count)?;
        Ok(Captured { frame, sequence, taken_at })
    }

    fn describe(&self) -> String {
        let (path, count) = (self.path.display(), self.len());
        match &self.frames {
            Frames::Pictures(_) => format!("replay of {path}, {count} pictures"),
            Frames::Raw { format, width, height, .. } => format!("replay of {path}, {count} frames {width}x{height} {format}"),
        }
    }
}
