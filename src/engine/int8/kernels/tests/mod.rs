//! Every family that this processor can run equals the scalar twin bit for bit.

mod depthwise;
mod product;

use std::{ffi::c_void, ptr::null_mut};

use proptest::{collection::vec, prelude::*};
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

use super::{CHANNEL_PADDING, Code, Family, READ_SLACK, Requantise};

/// A value that no kernel writes on purpose next to another one like it: shows what was overwritten.
const UNTOUCHED: Code = 0x55;

/// Families to compare with the scalar twin.
fn fast_families() -> impl Iterator<Item = Family> {
    Family::available().filter(|family| *family != Family::Scalar)
}

/// What a [`Requantise`] borrows.
#[derive(Debug, Clone)]
struct Tables {
    bias: Vec<i32>,
    scale: Vec<f32>,
    zero_point: i32,
    clamp: (Code, Code),
}

impl Tables {
    /// Bias and scale, to be borrowed by [`Self::requantise`].
    fn guarded(&self) -> (Guarded<i32>, Guarded<f32>) {
        (Guarded::new(&self.bias, 0, 4), Guarded::new(&self.scale, 0, 4))
    }

    fn requantise<'a>(&self, (bias, scale): &'a (Guarded<i32>, Guarded<f32>)) -> Requantise<'a> {
        let Self { zero_point, clamp: (lowest, highest), .. } = *self;
        Requantise { bias, scale, zero_point, lowest, highest }
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
    bytes(count)
        .prop_map(|bytes| bytes.map(|(byte, end)| end.map_or(byte as Code, |high| if high { Code::MAX } else { Code::MIN })).collect())
}

/// Any weights that packed kernels take, with many at both ends.
fn weights(count: usize) -> impl Strategy<Value = Vec<i8>> {
    bytes(count)
        .prop_map(|bytes| bytes.map(|(byte, end)| end.map_or((byte as i8).max(-127), |high| if high { 127 } else { -127 })).collect())
}

/// `count` bytes, each with whether it is to be one end of its range (and which) instead: one in four. Grown from a seed, because a strategy for
/// each byte would take longer than the kernels.
fn bytes(count: usize) -> impl Strategy<Value = impl Iterator<Item = (u8, Option<bool>)>> {
    any::<u64>().prop_map(move |seed| {
        let mut state = seed | 1;
        (0..count).map(move |_| {
            // Marsaglia's xorshift64
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let [byte, choice, ..] = (state >> 16).to_le_bytes();
            (byte, (choice < 64).then_some(choice % 2 == 0))
        })
    })
}

/// Memory that ends where nothing may be touched any more: a kernel that reads or writes beyond what its contract allows dies of it.
struct Guarded<T> {
    mapping: *mut c_void,
    mapped: usize,
    start: *mut T,
    len: usize,
}

impl<T: Copy> Guarded<T> {
    /// `values`, then readable `slack` bytes, then the forbidden page. The start is aligned to `align` bytes, which may leave a gap behind the slack.
    fn new(values: &[T], slack: usize, align: usize) -> Self {
        const PAGE: usize = 1 << 16; // the largest that Linux has on these processors
        let bytes = size_of_val(values);
        let usable = (bytes + slack + align).next_multiple_of(PAGE);
        let mapped = usable + PAGE;
        // SAFETY: a fresh private mapping, whose last page nobody uses; `usable` leaves room to align.
        unsafe {
            let mapping = mmap_anonymous(null_mut(), mapped, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE).unwrap();
            mprotect(mapping.byte_add(usable), PAGE, MprotectFlags::empty()).unwrap();
            let start = (mapping as usize + usable - slack - bytes) / align * align;
            let start = mapping.byte_add(start - mapping as usize);
            start.cast::<u8>().write_bytes(0x6b, bytes + slack);
            start.cast::<T>().copy_from_nonoverlapping(values.as_ptr(), values.len());
            Self { mapping, mapped, start: start.cast(), len: values.len() }
        }
    }

    /// Input codes or packed weights, with the slack that kernels may count on.
    fn input(values: &[T], align: usize) -> Self {
        Self::new(values, READ_SLACK, align)
    }
}

impl<T> std::ops::Deref for Guarded<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: `len` values were written there.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

impl<T> std::ops::DerefMut for Guarded<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: `len` values were written there, and nobody else has them.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.len) }
    }
}

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, and no reference outlives this.
        unsafe { munmap(self.mapping, self.mapped).unwrap() };
    }
}
