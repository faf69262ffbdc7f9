//! Every family that this processor can run equals the scalar twin bit for bit.

mod depthwise;
mod product;

use proptest::{collection::vec, prelude::*};

use super::{CHANNEL_PADDING, Code, Family, Requantise};

/// A value that no kernel writes on purpose next to another one like it: shows what was overwritten.
const UNTOUCHED: Code = 0x55;

/// Families to compare with the scalar twin.
fn fast_families() -> impl Iterator<Item = Family> {
    Family::available().filter(|family| *family != Family::Scalar)
}

/// Owned tables of a [`Requantise`].
#[derive(Debug, Clone)]
struct Tables {
    bias: Vec<i32>,
    scale: Vec<f32>,
    zero_point: i32,
    clamp: (Code, Code),
}

impl Tables {
    fn requantise(&self) -> Requantise<'_> {
        let Self { bias, scale, zero_point, clamp: (lowest, highest) } = self;
        Requantise { bias, scale, zero_point: *zero_point, lowest: *lowest, highest: *highest }
    }
}

/// Tables for `channels` channels whose sums are about as large as `magnitude`: from nearly all saturated to nearly all equal.
fn tables(channels: usize, magnitude: f32) -> impl Strategy<Value = Tables> {
    let padded = channels.next_multiple_of(CHANNEL_PADDING);
    let bias = vec(-(magnitude as i32)..=magnitude as i32, padded);
    let scale = vec(prop_oneof![0.2f32..2.0, 10.0f32..200.0, 0.001f32..0.01], padded);
    let clamp = prop_oneof![Just((Code::MIN, Code::MAX)), any::<(Code, Code)>().prop_map(|(a, b)| (a.min(b), a.max(b)))];
    (bias, scale, i32::from(Code::MIN)..=i32::from(Code::MAX), clamp).prop_map(move |(bias, steps, zero_point, clamp)| {
        let scale = steps.iter().map(|step| step * 128.0 / magnitude).collect();
        Tables { bias, scale, zero_point, clamp }
    })
}

/// Any codes, with many at both ends.
fn codes(count: usize) -> impl Strategy<Value = Vec<Code>> {
    vec(prop_oneof![4 => any::<Code>(), 1 => Just(Code::MIN), 1 => Just(Code::MAX)], count)
}

/// Any weights that packed kernels take, with many at both ends.
fn weights(count: usize) -> impl Strategy<Value = Vec<i8>> {
    vec(prop_oneof![4 => -127i8..=127, 1 => Just(-127i8), 1 => Just(127i8)], count)
}

/// `bytes` at a 64-byte boundary with readable slack behind them.
struct Aligned {
    storage: Vec<i8>,
    start: usize,
}

impl Aligned {
    fn new(bytes: &[i8]) -> Self {
        let mut storage = vec![0x33i8; bytes.len() + 64 + super::READ_SLACK];
        let start = storage.as_ptr().align_offset(64);
        storage[start..start + bytes.len()].copy_from_slice(bytes);
        Self { storage, start }
    }

    fn as_ptr(&self) -> *const i8 {
        self.storage[self.start..].as_ptr()
    }
}
