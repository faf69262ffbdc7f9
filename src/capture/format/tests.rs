use proptest::prelude::*;

use super::*;

/// Pictures of any small size, odd ones too.
fn frames() -> impl Strategy<Value = Frame> {
    (1..40u32, 1..40u32).prop_flat_map(|(width, height)| {
        prop::collection::vec(any::<u8>(), (width * height * 3) as usize).prop_map(move |pixels| Frame::new(width, height, pixels).unwrap())
    })
}

/// Pictures whose colour is constant over cells of 2x2 pixels.
fn cells() -> impl Strategy<Value = Frame> {
    (frames(), 0..2u32, 0..2u32).prop_map(|(colours, cut_x, cut_y)| {
        Frame::from_fn(colours.width() * 2 - cut_x, colours.height() * 2 - cut_y, |x, y| colours.pixel(x / 2, y / 2)).unwrap()
    })
}

/// Colour ramps, as smooth as skin without hair.
fn ramps() -> impl Strategy<Value = Frame> {
    (1..100u32, 1..100u32, any::<[u8; 3]>(), any::<[u8; 3]>()).prop_map(|(width, height, from, to)| {
        Frame::from_fn(width, height, |x, y| {
            let share = (x + y) as f32 / (width + height) as f32;
            std::array::from_fn(|c| (f32::from(from[c]) * (1.0 - share) + f32::from(to[c]) * share) as u8)
        })
        .unwrap()
    })
}

fn there_and_back(format: PixelFormat, frame: &Frame, padding: u32) -> Frame {
    let stride = format.least_stride(frame.width()) + padding;
    let bytes = format.encode(frame, stride).unwrap();
    format.decode(&bytes, frame.width(), frame.height(), stride).unwrap()
}

fn furthest(a: &Frame, b: &Frame) -> u8 {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    a.pixels().iter().zip(b.pixels()).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

proptest! {
    #[test]
    fn rgb_comes_back_exactly(frame in frames(), padding in 0..9u32) {
        for format in [PixelFormat::Rgb3, PixelFormat::Bgr3] {
            prop_assert_eq!(&there_and_back(format, &frame, padding), &frame);
        }
    }

    #[test]
    fn grey_comes_back_exactly_where_the_picture_is_grey(frame in frames(), padding in 0..9u32) {
        let grey = Frame::from_fn(frame.width(), frame.height(), |x, y| [frame.pixel(x, y)[0]; 3]).unwrap();
        prop_assert_eq!(there_and_back(PixelFormat::Grey, &grey, padding), grey);
    }

    #[test]
    fn yuv_comes_back_within_two_levels_where_colour_is_constant_over_a_cell(frame in cells(), padding in 0..9u32) {
        for format in PixelFormat::ALL.into_iter().filter(|format| format.is_yuv()) {
            prop_assert!(furthest(&there_and_back(format, &frame, padding), &frame) <= 2, "{}", format);
        }
    }

    #[test]
    fn mjpg_comes_back_within_twelve_levels_where_the_picture_is_smooth(frame in ramps()) {
        let back = there_and_back(PixelFormat::Mjpg, &frame, 0);
        prop_assert!(furthest(&back, &frame) <= 12, "{}", furthest(&back, &frame));
    }

    #[test]
    fn any_bytes_of_any_size_give_a_picture_or_an_error(
        bytes in prop::collection::vec(any::<u8>(), 0..4000),
        width in prop_oneof![0..50u32, any::<u32>()],
        height in prop_oneof![0..50u32, any::<u32>()],
        stride in prop_oneof![Just(0), 0..200u32, any::<u32>()],
    ) {
        for format in PixelFormat::ALL {
            if let Ok(frame) = format.decode(&bytes, width, height, stride) {
                prop_assert_eq!((frame.width(), frame.height()), (width, height));
                prop_assert!(format.bytes_for(width, height, stride).unwrap() <= bytes.len());
            }
        }
    }

    #[test]
    fn a_frame_cut_short_is_refused(frame in frames(), share in 0.0..1.0f64, padding in 0..9u32) {
        for format in PixelFormat::ALL {
            let stride = format.least_stride(frame.width()) + padding;
            let bytes = format.encode(&frame, stride).unwrap();
            let cut = &bytes[..(bytes.len() as f64 * share) as usize];
            prop_assert!(format.decode(cut, frame.width(), frame.height(), stride).is_err(), "{} {}", format, cut.len());
        }
    }

    #[test]
    fn a_damaged_mjpg_frame_never_panics(frame in frames(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = PixelFormat::Mjpg.encode(&frame, 0).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = PixelFormat::Mjpg.decode(&bytes, frame.width(), frame.height(), 0);
    }
}

/// A busy picture that takes many bytes as JPEG.
fn busy() -> Frame {
    Frame::from_fn(160, 120, |x, y| [((x * 37) ^ (y * 11)) as u8, (x * y) as u8, (x * 5 + y * 3) as u8]).unwrap()
}

#[test]
fn an_mjpg_frame_with_data_lost_before_its_end_marker_is_refused() {
    let whole = PixelFormat::Mjpg.encode(&busy(), 0).unwrap();
    let scan = whole.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap() + 14;
    for kept in (scan..whole.len() - 8).step_by(7) {
        let lost = [&whole[..kept], &[0xff, 0xd9]].concat();
        assert!(PixelFormat::Mjpg.decode(&lost, 160, 120, 0).is_err(), "{kept} of {} bytes", whole.len());
    }
}

#[test]
fn an_mjpg_frame_without_huffman_tables_gets_the_standard_ones() {
    let whole = PixelFormat::Mjpg.encode(&busy(), 0).unwrap();
    let mut bare = Vec::new();
    let mut rest = &whole[..];
    while let [0xff, marker, tail @ ..] = rest {
        let length = if *marker == 0xd8 { 0 } else { usize::from(u16::from_be_bytes([tail[0], tail[1]])) };
        let (segment, after) = rest.split_at(2 + length);
        if *marker != 0xc4 {
            bare.extend_from_slice(segment);
        }
        rest = after;
        if *marker == 0xda {
            break;
        }
    }
    bare.extend_from_slice(rest);
    assert!(bare.len() < whole.len() - 400, "the encoder wrote tables");
    assert_eq!(PixelFormat::Mjpg.decode(&bare, 160, 120, 0).unwrap(), PixelFormat::Mjpg.decode(&whole, 160, 120, 0).unwrap());
}

#[test]
fn an_mjpg_frame_of_another_size_is_refused_and_padding_after_it_is_not() {
    let mut bytes = PixelFormat::Mjpg.encode(&busy(), 0).unwrap();
    assert!(matches!(
        PixelFormat::Mjpg.decode(&bytes, 320, 240, 0),
        Err(FormatError::OtherSize { found_width: 160, found_height: 120, .. })
    ));
    bytes.extend_from_slice(&[0; 300]);
    assert!(PixelFormat::Mjpg.decode(&bytes, 160, 120, 0).is_ok());
}

#[test]
fn yuv_levels_are_those_of_bt_601() {
    // Reference levels of BT.601: black, white, and the 75 % colour bar red of SMPTE EG 1.
    let yuyv = [16, 128, 235, 128, 65, 100, 65, 212];
    let frame = PixelFormat::Yuyv.decode(&yuyv, 4, 1, 0).unwrap();
    assert_eq!(frame.pixel(0, 0), [0, 0, 0]);
    assert_eq!(frame.pixel(1, 0), [255, 255, 255]);
    let [r, g, b] = frame.pixel(2, 0);
    assert!(r.abs_diff(191) <= 1 && g <= 1 && b <= 1, "{r} {g} {b}");
}

#[test]
fn names_are_found_in_any_case_and_unknown_ones_are_not() {
    for format in PixelFormat::ALL {
        assert_eq!(PixelFormat::from_name(&format.name().to_lowercase()), Some(format));
        assert_eq!(format.name().as_bytes(), format.fourcc());
    }
    assert_eq!(PixelFormat::from_name("H264"), None);
}
