//! Pixels of a camera to codes.

use super::super::{Code, Processor};

/// Most channels of a picture.
pub const MAX_CHANNELS: usize = 4;

/// `output[p][c] = tables[c][pixels[p][c]]` for interleaved pixels of `tables.len()` channels, at most [`MAX_CHANNELS`]: normalisation and
/// quantisation in one, without an image of f32 in between.
pub fn picture(processor: Processor, tables: &[[Code; 256]], pixels: &[u8], output: &mut [Code]) {
    match *tables {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has the family's instructions.
        [ref a, ref b, ref c] if processor.family() == super::super::Family::Avx512Vnni => unsafe { vbmi([a, b, c], pixels, output) },
        [ref a, ref b, ref c] => plain([a, b, c], pixels, output),
        [ref a] => plain([a], pixels, output),
        _ => {
            let _ = processor;
            for (output, pixel) in output.chunks_exact_mut(tables.len().max(1)).zip(pixels.chunks_exact(tables.len().max(1))) {
                output.iter_mut().zip(pixel).zip(tables).for_each(|((code, &value), table)| *code = table[usize::from(value)]);
            }
        }
    }
}

fn plain<const N: usize>(tables: [&[Code; 256]; N], pixels: &[u8], output: &mut [Code]) {
    for (output, pixel) in output.as_chunks_mut::<N>().0.iter_mut().zip(pixels.as_chunks::<N>().0) {
        *output = std::array::from_fn(|channel| tables[channel][usize::from(pixel[channel])]);
    }
}

/// 64 pixels of 3 channels are 3 vectors: each is looked up in the three tables and takes from each the lanes of its channel.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn vbmi(tables: [&[u8; 256]; 3], pixels: &[u8], output: &mut [u8]) {
    use std::arch::x86_64::{
        __m512i, _mm512_loadu_si512, _mm512_mask_blend_epi8, _mm512_maskz_permutex2var_epi8, _mm512_movepi8_mask, _mm512_or_si512,
        _mm512_permutex2var_epi8, _mm512_setzero_si512, _mm512_storeu_si512,
    };
    // SAFETY: each array is 64 bytes.
    let load = |bytes: &[u8; 64]| unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
    let quarters: [[__m512i; 4]; 3] = tables.map(|table| {
        let quarters = table.as_chunks::<64>().0;
        [load(&quarters[0]), load(&quarters[1]), load(&quarters[2]), load(&quarters[3])]
    });
    let len = output.len().min(pixels.len());
    let (blocks, rest) = pixels[..len].as_chunks::<192>();
    let (results, last) = output[..len].as_chunks_mut::<192>();
    // Lanes 0, 3, 6 and so on; shifted for the other channels, and for vectors that begin with another channel.
    const EVERY_THIRD: u64 = 0x9249_2492_4924_9249;
    for (result, pixels) in results.iter_mut().zip(blocks) {
        for (number, (result, values)) in result.as_chunks_mut::<64>().0.iter_mut().zip(pixels.as_chunks::<64>().0).enumerate() {
            let values = load(values);
            let upper = _mm512_movepi8_mask(values);
            let mut found = _mm512_setzero_si512();
            for (channel, quarters) in quarters.iter().enumerate() {
                // Lane `i` of vector `number` is of channel `(64 * number + i) % 3`, and 64 is 1 more than a multiple of 3.
                let lanes = EVERY_THIRD << ((channel + 3 - number) % 3);
                let low = _mm512_maskz_permutex2var_epi8(lanes, quarters[0], values, quarters[1]);
                let high = _mm512_permutex2var_epi8(quarters[2], values, quarters[3]);
                found = _mm512_or_si512(found, _mm512_mask_blend_epi8(upper & lanes, low, high));
            }
            // SAFETY: the chunk is 64 bytes.
            unsafe { _mm512_storeu_si512(result.as_mut_ptr().cast(), found) };
        }
    }
    plain(tables, rest, last);
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{
        super::super::{Code, Processor},
        picture,
    };

    proptest! {
        #[test]
        fn every_family_finds_each_channel_in_its_table(
            tables in vec(vec(any::<Code>(), 256), 1..=4),
            pixels in vec(any::<u8>(), 0..1000),
        ) {
            let tables: Vec<[Code; 256]> = tables.iter().map(|table| *table.first_chunk().unwrap()).collect();
            let count = pixels.len() / tables.len() * tables.len();
            let expected: Vec<Code> = (0..count).map(|i| tables[i % tables.len()][usize::from(pixels[i])]).collect();
            for processor in Processor::available() {
                let mut output = vec![0; count];
                picture(processor, &tables, &pixels[..count], &mut output);
                prop_assert_eq!(&output, &expected, "{}", processor.family());
            }
        }
    }
}
