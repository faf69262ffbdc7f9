//! `test`: the self-test, the pattern on the screen, the camera's picture.

use std::{sync::Arc, time::Duration};

use image::{ExtendedColorType, ImageEncoder, RgbImage, codecs::png::PngEncoder, imageops};

use super::{Call, Command, Usage, press::refused, removable};
use crate::{
    capture::Captured,
    console::{
        desk::{Desk, Role},
        reply::{Complaint, Reply},
    },
};

/// Columns of a picture over the line when nothing is said; a wider one takes long at 9600 baud.
const USUAL_WIDTH: u32 = 240;
/// Seconds of the pattern when nothing is said.
const USUAL_SECONDS: u64 = 10;
/// A picture goes over the line in pieces of this many bytes, so that it can be dropped between two.
const PIECE: usize = 512;

pub(super) const TEST: Command = Command {
    name: "test",
    summary: "self-test, pattern, picture",
    usages: &[
        Usage { words: "self", role: Role::Operator, meaning: "test everything that can be tested without a person; also `test` alone" },
        Usage {
            words: "pattern [SECONDS]",
            role: Role::Operator,
            meaning: "show the test pattern on the screen, for 10 s when nothing is said, 120 s at most",
        },
        Usage {
            words: "frame [WIDTH]",
            role: Role::Operator,
            meaning: "the camera's newest frame as a sixel picture in the terminal, 240 columns wide, or 64 to 800",
        },
        Usage {
            words: "save FOLDER",
            role: Role::Technician,
            meaning: "the camera's newest frame as a PNG file in a folder, such as on a memory stick",
        },
    ],
    notes: "A terminal that knows no sixel shows nothing or a line of characters; Ctrl-C ends it. Machine mode has no sixel: use `test save`.",
    example: "test pattern 5",
    run,
    complete: super::nothing_more,
};

fn run(desk: &mut Desk, call: &Call<'_>) -> Result<Reply, Complaint> {
    match call.words.as_slice() {
        [] | ["self"] => self_test(desk),
        ["pattern"] => pattern(desk, USUAL_SECONDS),
        ["pattern", seconds] => {
            let seconds = seconds.parse().ok().filter(|seconds| (1..=120).contains(seconds));
            pattern(desk, seconds.ok_or_else(|| TEST.misused("SECONDS is 1 to 120"))?)
        }
        ["frame", ..] if call.machine => Err(Complaint::new("a picture is no line of JSON", "Type `test save FOLDER`.")),
        ["frame"] => frame(desk, USUAL_WIDTH),
        ["frame", width] => {
            let width = width.parse().ok().filter(|width| (64..=800).contains(width));
            frame(desk, width.ok_or_else(|| TEST.misused("WIDTH is 64 to 800"))?)
        }
        ["save", folder] => save(desk, folder),
        _ => Err(TEST.misused("that is not a way to use it")),
    }
}

fn self_test(desk: &Desk) -> Result<Reply, Complaint> {
    let checks = desk.link.self_test().map_err(refused)?;
    let failed = checks.iter().filter(|check| check.passed == Some(false)).count();
    let mut reply = Reply::default();
    for check in &checks {
        let verdict = match check.passed {
            Some(true) => "good",
            Some(false) => "FAILED",
            None => "not tested yet",
        };
        reply = reply.row(check.name, format_args!("{verdict}: {}", check.detail));
    }
    reply = reply.line(if failed == 0 { "Nothing failed.".to_owned() } else { format!("{failed} failed.") });
    Ok(reply.with("checks", &checks).with("failed", failed))
}

fn pattern(desk: &Desk, seconds: u64) -> Result<Reply, Complaint> {
    desk.link.show_pattern(Duration::from_secs(seconds)).map_err(refused)?;
    Ok(Reply::say(format!("The test pattern is on the screen for {seconds} s.")).with("seconds", seconds))
}

fn frame(desk: &Desk, width: u32) -> Result<Reply, Complaint> {
    let captured = newest(desk)?;
    let picture = picture_of(&captured)?;
    let height = (u64::from(picture.height()) * u64::from(width) / u64::from(picture.width().max(1))).clamp(1, 800) as u32;
    let small = imageops::thumbnail(&picture, width, height);
    let (width, height) = (small.width() as usize, small.height() as usize);
    let pixels = small.pixels().flat_map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2], 255]).collect();
    let sixel = icy_sixel::SixelImage::try_from_rgba(pixels, width, height).and_then(|image| image.encode());
    let sixel = sixel.map_err(|error| Complaint::new(format!("the frame cannot be drawn here: {error}"), "Type `test save FOLDER`."))?;
    // Sixel is plain ASCII, so that it can be cut anywhere.
    let pieces: Vec<String> = sixel.as_bytes().chunks(PIECE).map(|piece| String::from_utf8_lossy(piece).into_owned()).collect();
    let mut reply = Reply::default().line(format!(
        "Frame {}, {}x{} pixels, here {width}x{height}:",
        captured.sequence,
        picture.width(),
        picture.height()
    ));
    let end = std::iter::once("\r\n".to_owned());
    reply.stream = Some(("sixel", Box::new(pieces.into_iter().chain(end))));
    Ok(reply)
}

fn save(desk: &Desk, folder: &str) -> Result<Reply, Complaint> {
    let captured = newest(desk)?;
    let frame = &captured.frame;
    let path = removable::write(folder, &format!("lentigo-frame-{}", removable::stamp()), "png", |file| {
        let encoder = PngEncoder::new(file);
        encoder.write_image(frame.pixels(), frame.width(), frame.height(), ExtendedColorType::Rgb8).map_err(std::io::Error::other)
    })?;
    let path = path.display().to_string();
    Ok(Reply::say(format!("Frame {} was saved as {path}.", captured.sequence)).with("file", path).with("sequence", captured.sequence))
}

fn newest(desk: &Desk) -> Result<Arc<Captured>, Complaint> {
    desk.link.newest_frame().ok_or_else(|| Complaint::new("the camera has given no frame yet", "Look at `show camera`."))
}

fn picture_of(captured: &Captured) -> Result<RgbImage, Complaint> {
    let frame = &captured.frame;
    RgbImage::from_raw(frame.width(), frame.height(), frame.pixels().to_vec())
        .ok_or_else(|| Complaint::new("the frame is damaged", "Try again, and look at `show camera`."))
}
