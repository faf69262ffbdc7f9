//! Picture files, folders and raw dumps as a person hands them over: good, odd and broken ones.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests fail the test")]

use std::{
    fs,
    io::Cursor,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use image::{DynamicImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage, Rgba};
use lentigo::{
    capture::{Camera, CaptureError, PixelFormat, Replay, ReplayOptions, picture_from_bytes, pictures_in, read_picture},
    frame::Frame,
};
use tempfile::TempDir;

const KINDS: [ImageFormat; 5] = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp, ImageFormat::WebP];

fn pattern(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([(x * 9) as u8, (y * 7) as u8, (x + y) as u8]))
}

fn encoded(image: impl Into<DynamicImage>, kind: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, kind).unwrap();
    bytes.into_inner()
}

fn in_folder(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// The message a person gets for these bytes, checked to name the file.
fn complaint(bytes: &[u8]) -> String {
    let (_folder, path) = in_folder("mole.jpg", bytes);
    let message = read_picture(&path).expect_err("a refusal").to_string();
    assert!(message.contains("mole.jpg"), "{message}");
    message
}

#[test]
fn every_kind_is_read_whatever_the_file_is_called() {
    for kind in KINDS {
        let (_folder, path) = in_folder("picture.dat", &encoded(pattern(33, 21), kind));
        let frame = read_picture(&path).unwrap();
        assert_eq!((frame.width(), frame.height()), (33, 21), "{kind:?}");
        if kind != ImageFormat::Jpeg {
            assert_eq!(frame.pixels(), pattern(33, 21).as_raw().as_slice(), "{kind:?}");
        }
    }
}

#[test]
fn the_smallest_picture_is_read() {
    for kind in KINDS {
        let frame = picture_from_bytes(&encoded(RgbImage::from_pixel(1, 1, Rgb([200, 200, 200])), kind)).unwrap();
        assert_eq!((frame.width(), frame.height()), (1, 1));
        assert!(frame.pixel(0, 0).iter().all(|level| level.abs_diff(200) <= 2), "{kind:?}");
    }
}

#[test]
fn deep_grey_and_transparent_pictures_become_eight_bit_rgb() {
    let deep = ImageBuffer::<Rgb<u16>, _>::from_pixel(2, 1, Rgb([0, 0x8080, 0xffff]));
    let grey = ImageBuffer::<Luma<u8>, _>::from_pixel(2, 1, Luma([90]));
    let deep_grey = ImageBuffer::<Luma<u16>, _>::from_pixel(2, 1, Luma([0x5a5a]));
    let clear = ImageBuffer::<Rgba<u8>, _>::from_pixel(2, 1, Rgba([200, 100, 50, 128]));
    for kind in [ImageFormat::Png, ImageFormat::Tiff] {
        let first = |image: DynamicImage| picture_from_bytes(&encoded(image, kind)).unwrap().pixel(0, 0);
        assert_eq!(first(deep.clone().into()), [0, 128, 255]);
        assert_eq!(first(grey.clone().into()), [90; 3]);
        assert_eq!(first(deep_grey.clone().into()), [90; 3]);
        assert_eq!(first(clear.clone().into()), [100, 50, 25], "half transparent on black");
    }
    let grey_jpeg = picture_from_bytes(&encoded(grey, ImageFormat::Jpeg)).unwrap().pixel(0, 0);
    assert!(grey_jpeg.iter().all(|level| level.abs_diff(90) <= 2));
}

#[test]
fn a_file_cut_short_anywhere_is_refused_or_complete() {
    let noisy = RgbImage::from_fn(40, 30, |x, y| Rgb([(x * x * 7 + y) as u8, (y * y * 13 + x * 5) as u8, (x * y * 3) as u8]));
    for kind in KINDS {
        let whole = encoded(noisy.clone(), kind);
        let picture = picture_from_bytes(&whole).unwrap();
        for length in 0..whole.len() {
            if let Ok(cut) = picture_from_bytes(&whole[..length]) {
                assert!(cut == picture, "{kind:?} cut to {length} of {} bytes gives another picture", whole.len());
            }
        }
        assert!(complaint(&whole[..whole.len() / 2]).contains("cut short"), "{kind:?}");
    }
}

#[test]
fn files_that_are_no_pictures_are_named_with_what_would_be_right() {
    assert!(complaint(b"").contains("is empty"));
    assert!(complaint(b"patient,age\n1,54\n").contains("JPEG, PNG, TIFF, BMP and WebP"));
    assert!(complaint(b"GIF89a\x01\0\x01\0\0\0\0;").contains("Gif"));
    assert!(complaint(&[0; 5000]).contains("not a picture"));
}

#[test]
fn paths_that_hold_no_picture_are_named_with_what_is_wrong() {
    let folder = TempDir::new().unwrap();
    let message = |path: &Path| read_picture(path).unwrap_err().to_string();
    assert!(message(folder.path()).contains("is a folder"));
    assert!(message(&folder.path().join("gone.png")).contains("gone.png: it is not there"));
    assert!(message(Path::new("/dev/zero")).contains("not an ordinary file"));
    let secret = folder.path().join("secret.png");
    fs::write(&secret, encoded(pattern(2, 2), ImageFormat::Png)).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads everything.
    if fs::File::open(&secret).is_err() {
        assert!(message(&secret).contains("may not be read"));
    }
}

/// The check sum at the end of a PNG chunk (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1))))
}

#[test]
fn a_header_that_claims_a_huge_picture_is_refused_before_unpacking() {
    let mut png = encoded(pattern(4, 4), ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let sum = crc(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&sum);

    let mut bmp = encoded(pattern(4, 4), ImageFormat::Bmp);
    bmp[18..26].copy_from_slice(&[0x60, 0xea, 0, 0, 0x60, 0xea, 0, 0]);

    let mut jpeg = encoded(pattern(4, 4), ImageFormat::Jpeg);
    let size = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap() + 5;
    jpeg[size..size + 4].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);

    for (bytes, kind) in [(png, "PNG"), (bmp, "BMP"), (jpeg, "JPEG")] {
        let begun = Instant::now();
        let message = complaint(&bytes);
        assert!(message.contains("60000"), "{kind}: {message}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{kind}");
    }
}

#[test]
fn a_jpeg_made_for_print_is_refused_with_the_way_out() {
    let mut cmyk = vec![0xff, 0xd8, 0xff, 0xee, 0, 14];
    cmyk.extend_from_slice(b"Adobe\0\x64\0\0\0\0\0");
    cmyk.extend_from_slice(&[0xff, 0xdb, 0, 67, 0]);
    cmyk.extend_from_slice(&[1; 64]);
    cmyk.extend_from_slice(&[0xff, 0xc0, 0, 20, 8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0]);
    cmyk.extend_from_slice(&[0xff, 0xda, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0, 0x28, 0xa2, 0x8a, 0x3f, 0xff, 0xd9]);
    let message = complaint(&cmyk);
    assert!(message.contains("CMYK") && message.contains("save it as RGB"), "{message}");
}

#[test]
fn the_orientation_that_a_camera_noted_is_applied() {
    let mut upright = RgbImage::new(16, 8);
    for (x, _, pixel) in upright.enumerate_pixels_mut() {
        *pixel = if x < 8 { Rgb([255; 3]) } else { Rgb([0; 3]) };
    }
    let plain = encoded(upright, ImageFormat::Jpeg);
    // An EXIF block with one entry: orientation 6, "turn clockwise to see it upright".
    let exif = b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let turned = picture_from_bytes(&[&plain[..2], exif, &plain[2..]].concat()).unwrap();
    assert_eq!((turned.width(), turned.height()), (8, 16));
    assert!(turned.pixel(4, 2)[0] > 250 && turned.pixel(4, 13)[0] < 5);
}

#[test]
fn a_folder_lists_its_pictures_in_a_stable_order_without_hidden_files() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("b.png/inner")).unwrap();
    fs::create_dir(at(".cache")).unwrap();
    for name in ["c.JPG", "a.tiff", "notes.txt", ".thumb.png", "b.png/z.png", "b.png/inner/y.WebP", ".cache/x.png", "noending"] {
        fs::write(at(name), b"x").unwrap();
    }
    symlink(folder.path(), at("loop")).unwrap();
    assert_eq!(pictures_in(folder.path(), false).unwrap(), [at("a.tiff"), at("c.JPG")]);
    assert_eq!(pictures_in(folder.path(), true).unwrap(), [at("a.tiff"), at("b.png/inner/y.WebP"), at("b.png/z.png"), at("c.JPG")]);
    assert_eq!(pictures_in(&at("noending"), false).unwrap(), [at("noending")], "a file that was named is taken");
    assert!(pictures_in(&at("nowhere"), false).unwrap_err().to_string().contains("nowhere"));
}

#[test]
fn a_folder_is_replayed_in_order_past_a_broken_picture_to_its_end() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("1.png"), encoded(pattern(3, 3), ImageFormat::Png)).unwrap();
    fs::write(at("2.png"), b"broken").unwrap();
    fs::write(at("3.bmp"), encoded(pattern(5, 3), ImageFormat::Bmp)).unwrap();
    let mut replay = Replay::pictures(folder.path(), ReplayOptions::default()).unwrap();
    assert!(replay.describe().contains("3 pictures"));
    assert_eq!(replay.name_of(2), at("3.bmp").display().to_string());
    let first = replay.capture().unwrap();
    assert!(replay.capture().unwrap_err().to_string().contains("2.png"));
    let third = replay.capture().unwrap();
    assert_eq!((first.frame.width(), third.frame.width()), (3, 5));
    assert!(third.sequence > first.sequence && third.taken_at >= first.taken_at);
    assert!(matches!(replay.capture(), Err(CaptureError::Finished { .. })));
    assert!(matches!(replay.capture(), Err(CaptureError::Finished { .. })), "and stays finished");
}

#[test]
fn a_looping_replay_begins_again_and_keeps_its_rate() {
    let (_folder, path) = in_folder("one.png", &encoded(pattern(2, 2), ImageFormat::Png));
    let interval = Duration::from_millis(20);
    let mut replay = Replay::pictures(&path, ReplayOptions { looping: true, interval: Some(interval), recursive: false }).unwrap();
    let begun = Instant::now();
    let times: Vec<_> = (0..4).map(|_| replay.capture().unwrap()).map(|taken| (taken.sequence, taken.taken_at)).collect();
    assert_eq!(times, [(0, Duration::ZERO), (1, interval), (2, interval * 2), (3, interval * 3)]);
    assert!(begun.elapsed() >= interval * 3);
}

#[test]
fn an_empty_folder_is_refused_with_what_to_put_in() {
    let folder = TempDir::new().unwrap();
    let message = Replay::pictures(folder.path(), ReplayOptions::default()).unwrap_err().to_string();
    assert!(message.contains("no picture") && message.contains("png"), "{message}");
}

#[test]
fn a_raw_dump_gives_all_its_frames() {
    let colours = [[10, 10, 10], [200, 90, 60], [250, 250, 250]];
    let frames = colours.map(|colour| Frame::from_fn(6, 4, |_, _| colour).unwrap());
    for format in PixelFormat::RAW.into_iter().filter(|format| *format != PixelFormat::Grey) {
        let dump: Vec<u8> = frames.iter().flat_map(|frame| format.encode(frame, 0).unwrap()).collect();
        let (_folder, path) = in_folder("dump.raw", &dump);
        let mut replay = Replay::raw(&path, format, 6, 4, ReplayOptions::default()).unwrap();
        for colour in colours {
            let seen = replay.capture().unwrap().frame.pixel(5, 3);
            assert!(seen.iter().zip(colour).all(|(seen, sent)| seen.abs_diff(sent) <= 2), "{format} {seen:?} {colour:?}");
        }
        assert!(matches!(replay.capture(), Err(CaptureError::Finished { .. })));
    }
}

#[test]
fn a_raw_dump_that_does_not_add_up_is_refused() {
    let (_folder, path) = in_folder("dump.yuyv", &[0; 6 * 4 * 2 + 5]);
    let open =
        |path: &Path, format, width, height| Replay::raw(path, format, width, height, ReplayOptions::default()).unwrap_err().to_string();
    assert!(open(&path, PixelFormat::Yuyv, 6, 4).contains("5 bytes over"));
    assert!(open(&path, PixelFormat::Yuyv, 640, 480).contains("0 frames"));
    assert!(open(&path, PixelFormat::Yuyv, 0, 4).contains("cannot be 0x4"));
    assert!(open(&path, PixelFormat::Mjpg, 6, 4).contains("MJPG"));
    assert!(open(Path::new("/nowhere.yuyv"), PixelFormat::Yuyv, 6, 4).contains("/nowhere.yuyv"));
}
