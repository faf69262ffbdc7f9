//! Bytes as a hostile camera or a damaged card may send them: every pixel format and every kind of picture file.
//!
//! The first seven bytes choose the format or file kind, width, height and stride. The rest is the frame or, with the highest bit set,
//! a list of edits (place, byte) to a whole one, so that no seeds are needed to get past headers.
//! Must hold: no panic, no picture of another size, no picture from fewer bytes than it takes, and RGB3 comes back byte for byte.

#![no_main]

use std::io::Cursor;

use image::{ImageFormat, RgbImage};
use lentigo::{
    capture::{PixelFormat, picture_from_bytes},
    frame::Frame,
};
use libfuzzer_sys::fuzz_target;

const FILES: [ImageFormat; 5] = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp, ImageFormat::WebP];

fuzz_target!(|data: &[u8]| {
    let Some((&[choice, w0, w1, h0, h1, s0, s1], rest)) = data.split_first_chunk::<7>() else {
        return;
    };
    let [width, height, stride] = [[w0, w1], [h0, h1], [s0, s1]].map(|pair| u32::from(u16::from_le_bytes(pair)));
    let edited = choice & 0x80 != 0;
    let choice = usize::from(choice & 0x7f) % (PixelFormat::ALL.len() + FILES.len());
    if let Some(&format) = PixelFormat::ALL.get(choice) {
        let (width, height) = if edited { (width % 40 + 1, height % 40 + 1) } else { (width, height) };
        let bytes = if edited { edit(format.encode(&pattern(width, height), stride).unwrap_or_default(), rest) } else { rest.to_vec() };
        if let Ok(frame) = format.decode(&bytes, width, height, stride) {
            assert_eq!((frame.width(), frame.height()), (width, height));
            assert!(format.bytes_for(width, height, stride).is_ok_and(|least| least <= bytes.len()));
            check(&frame);
        }
    } else {
        let kind = FILES[choice - PixelFormat::ALL.len()];
        let bytes = if edited { edit(file(kind, &pattern(width % 40 + 1, height % 40 + 1)), rest) } else { rest.to_vec() };
        if let Ok(frame) = picture_from_bytes(&bytes) {
            check(&frame);
        }
    }
});

fn pattern(width: u32, height: u32) -> Frame {
    Frame::from_fn(width, height, |x, y| [(x * 31) as u8, (y * 17) as u8, (x * y) as u8]).expect("a small size")
}

fn file(kind: ImageFormat, frame: &Frame) -> Vec<u8> {
    let image = RgbImage::from_raw(frame.width(), frame.height(), frame.pixels().to_vec()).expect("as many bytes as a frame has");
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, kind).expect("an encoder for every kind that is read");
    bytes.into_inner()
}

/// Replaces the byte at each place; place 65535 cuts the rest off instead.
fn edit(mut bytes: Vec<u8>, edits: &[u8]) -> Vec<u8> {
    for &[low, high, byte] in edits.as_chunks::<3>().0 {
        let place = usize::from(u16::from_le_bytes([low, high]));
        if place == usize::from(u16::MAX) {
            bytes.truncate(bytes.len() * usize::from(byte) / 255);
        } else if let Some(old) = bytes.get_mut(place) {
            *old = byte;
        }
    }
    bytes
}

/// Every picture that was read can be laid out in every format and read again.
fn check(frame: &Frame) {
    // Large ones only cost time here.
    if frame.pixels().len() > 1 << 16 {
        return;
    }
    for format in PixelFormat::ALL {
        let Ok(bytes) = format.encode(frame, 0) else {
            panic!("{format} does not take {frame:?}");
        };
        match format.decode(&bytes, frame.width(), frame.height(), 0) {
            Ok(again) if format == PixelFormat::Rgb3 => assert!(again == *frame),
            Ok(_) => {}
            Err(error) => panic!("{format} does not come back from {frame:?}: {error}"),
        }
    }
}
