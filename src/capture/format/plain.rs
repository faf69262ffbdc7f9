//! Every raw format once more in double precision, pixel by pixel from the definitions: what the fixed-point code is held to.
//!
//! Layouts: the kernel's media documentation, "Image Formats". Colours: ITU-R BT.601-7, 2.5.1, 2.5.3 and 2.5.4, limited range.

use proptest::prelude::*;

use super::PixelFormat;

/// Where the samples of the pixel at (`x`, `y`) lie.
enum Samples {
    Yuv(usize, usize, usize),
    Rgb(usize, usize, usize),
    Grey(usize),
}

fn samples(format: PixelFormat, height: usize, stride: usize, x: usize, y: usize) -> Samples {
    let behind = stride * height;
    let (pair, cell_row) = (x / 2, y / 2);
    match format {
        PixelFormat::Yuyv => Samples::Yuv(y * stride + 2 * x, y * stride + 4 * pair + 1, y * stride + 4 * pair + 3),
        PixelFormat::Uyvy => Samples::Yuv(y * stride + 2 * x + 1, y * stride + 4 * pair, y * stride + 4 * pair + 2),
        PixelFormat::Nv12 => Samples::Yuv(y * stride + x, behind + cell_row * stride + 2 * pair, behind + cell_row * stride + 2 * pair + 1),
        PixelFormat::Nv21 => Samples::Yuv(y * stride + x, behind + cell_row * stride + 2 * pair + 1, behind + cell_row * stride + 2 * pair),
        PixelFormat::Yu12 => {
            let u = behind + cell_row * (stride / 2) + pair;
            Samples::Yuv(y * stride + x, u, u + stride / 2 * height.div_ceil(2))
        }
        PixelFormat::Rgb3 => Samples::Rgb(y * stride + 3 * x, y * stride + 3 * x + 1, y * stride + 3 * x + 2),
        PixelFormat::Bgr3 => Samples::Rgb(y * stride + 3 * x + 2, y * stride + 3 * x + 1, y * stride + 3 * x),
        PixelFormat::Grey => Samples::Grey(y * stride + x),
        PixelFormat::Mjpg => unreachable!("a JPEG picture has no samples in fixed places"),
    }
}

fn colour(bytes: &[u8], samples: &Samples) -> [f64; 3] {
    let at = |place: usize| f64::from(bytes[place]);
    match *samples {
        Samples::Rgb(r, g, b) => [at(r), at(g), at(b)],
        Samples::Grey(grey) => [at(grey); 3],
        Samples::Yuv(y, u, v) => {
            // E'Y in [0, 1], E'CB and E'CR in [-0.5, 0.5].
            let (y, u, v) = ((at(y) - 16.0) / 219.0, (at(u) - 128.0) / 224.0, (at(v) - 128.0) / 224.0);
            let (r, b) = (y + 1.402 * v, y + 1.772 * u);
            let g = (y - 0.299 * r - 0.114 * b) / 0.587;
            [r, g, b].map(|level| (level * 255.0).clamp(0.0, 255.0))
        }
    }
}

proptest! {
    #[test]
    fn every_raw_format_is_decoded_to_the_nearest_level_of_the_definition(
        width in 1..24u32, height in 1..24u32, padding in 0..9u32, seed in any::<u64>(),
    ) {
        let mut state = seed | 1;
        let mut noise = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        };
        for format in PixelFormat::RAW {
            let stride = format.least_stride(width) + padding;
            let bytes: Vec<u8> = (0..format.bytes_for(width, height, stride).unwrap()).map(|_| noise()).collect();
            let frame = format.decode(&bytes, width, height, stride).unwrap();
            for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
                let right = colour(&bytes, &samples(format, height as usize, stride as usize, x as usize, y as usize));
                for (found, right) in frame.pixel(x, y).into_iter().zip(right) {
                    // Half a level of rounding, and a hundredth for the coefficients' 16 bits.
                    prop_assert!((f64::from(found) - right).abs() <= 0.51, "{format} at {x}, {y}: {found}, not {right}");
                }
            }
        }
    }
}
