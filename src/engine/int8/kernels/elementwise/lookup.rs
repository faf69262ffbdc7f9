//! Any function of one code, by a table.

use super::super::{Code, Family, Processor};

/// `output = table[input - Code::MIN]`, element by element.
pub fn lookup(processor: Processor, table: &[Code; 256], input: &[Code], output: &mut [Code]) {
    match processor.family() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has the family's instructions.
        Family::Avx512Vnni => unsafe { vbmi(table, input, output) },
        #[cfg(target_arch = "aarch64")]
        Family::Neon | Family::DotProd | Family::I8mm => neon(table, input, output),
        _ => plain(table, input, output),
    }
}

/// Where in a table the value of `code` is.
#[inline(always)]
pub(super) fn place(code: Code) -> usize {
    (i32::from(code) - i32::from(Code::MIN)) as usize
}

fn plain(table: &[Code; 256], input: &[Code], output: &mut [Code]) {
    for (result, &code) in output.iter_mut().zip(input) {
        *result = table[place(code)];
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn vbmi(table: &[u8; 256], input: &[u8], output: &mut [u8]) {
    use std::arch::x86_64::{
        __m512i, _mm512_loadu_si512, _mm512_mask_blend_epi8, _mm512_mask_storeu_epi8, _mm512_maskz_loadu_epi8, _mm512_movepi8_mask,
        _mm512_permutex2var_epi8, _mm512_storeu_si512,
    };
    let (quarters, _) = table.as_chunks::<64>();
    // SAFETY: each quarter is 64 bytes.
    let load = |bytes: &[u8; 64]| unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
    let quarters = [load(&quarters[0]), load(&quarters[1]), load(&quarters[2]), load(&quarters[3])];
    let find = |codes: __m512i| {
        let low = _mm512_permutex2var_epi8(quarters[0], codes, quarters[1]);
        let high = _mm512_permutex2var_epi8(quarters[2], codes, quarters[3]);
        _mm512_mask_blend_epi8(_mm512_movepi8_mask(codes), low, high)
    };
    let len = output.len().min(input.len());
    let (codes, rest) = input[..len].as_chunks::<64>();
    let (results, last) = output[..len].as_chunks_mut::<64>();
    for (result, codes) in results.iter_mut().zip(codes) {
        let found = find(load(codes));
        // SAFETY: the chunk is 64 bytes.
        unsafe { _mm512_storeu_si512(result.as_mut_ptr().cast(), found) };
    }
    if !rest.is_empty() {
        let mask = u64::MAX >> (64 - rest.len());
        // SAFETY: no lane behind either rest is touched.
        unsafe {
            let found = find(_mm512_maskz_loadu_epi8(mask, rest.as_ptr().cast()));
            _mm512_mask_storeu_epi8(last.as_mut_ptr().cast(), mask, found);
        }
    }
}

#[cfg(target_arch = "aarch64")]
fn neon(table: &[i8; 256], input: &[i8], output: &mut [i8]) {
    use std::arch::aarch64::{
        int8x16x4_t, uint8x16_t, vdupq_n_u8, veorq_u8, vld1q_s8_x4, vld1q_u8, vqtbl4q_s8, vqtbx4q_s8, vst1q_s8, vsubq_u8,
    };
    let (quarters, _) = table.as_chunks::<64>();
    // SAFETY: NEON is part of aarch64; each quarter is 64 bytes.
    let load = |bytes: &[i8; 64]| -> int8x16x4_t { unsafe { vld1q_s8_x4(bytes.as_ptr()) } };
    let quarters = [load(&quarters[0]), load(&quarters[1]), load(&quarters[2]), load(&quarters[3])];
    let len = output.len().min(input.len());
    let (codes, rest) = input[..len].as_chunks::<16>();
    let (results, last) = output[..len].as_chunks_mut::<16>();
    for (result, codes) in results.iter_mut().zip(codes) {
        // SAFETY: NEON is part of aarch64; both chunks are 16 bytes.
        unsafe {
            let place: uint8x16_t = veorq_u8(vld1q_u8(codes.as_ptr().cast()), vdupq_n_u8(0x80));
            // A place beyond a quarter gives 0 the first time, then leaves what was found.
            let mut found = vqtbl4q_s8(quarters[0], place);
            found = vqtbx4q_s8(found, quarters[1], vsubq_u8(place, vdupq_n_u8(64)));
            found = vqtbx4q_s8(found, quarters[2], vsubq_u8(place, vdupq_n_u8(128)));
            found = vqtbx4q_s8(found, quarters[3], vsubq_u8(place, vdupq_n_u8(192)));
            vst1q_s8(result.as_mut_ptr(), found);
        }
    }
    plain(table, rest, last);
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{
        super::super::{Code, Processor},
        lookup, place,
    };

    #[test]
    fn the_table_begins_with_the_lowest_code() {
        assert_eq!((place(Code::MIN), place(Code::MAX)), (0, 255));
    }

    proptest! {
        #[test]
        fn every_family_finds_what_is_in_the_table(table in vec(any::<Code>(), 256), input in vec(any::<Code>(), 0..300)) {
            let expected: Vec<Code> = input.iter().map(|&code| table[place(code)]).collect();
            let table = table.first_chunk().unwrap();
            for processor in Processor::available() {
                let mut output = vec![0; input.len()];
                lookup(processor, table, &input, &mut output);
                prop_assert_eq!(&output, &expected, "{}", processor.family());
            }
        }
    }
}
