//! Cutting a loop into blocks of lengths that the compiler knows, so that each becomes whole vectors.

/// A loop whose iterations do not depend on one another, and may be done twice.
pub(super) trait Blocks {
    /// Iterations `at..at + N`.
    fn block<const N: usize>(&mut self, at: usize);
}

/// Iterations `0..len`. A last block that is not whole begins earlier and does some iterations a second time: single iterations are left only
/// where there are fewer than 8 in all.
#[inline(always)]
pub(super) fn in_blocks(len: usize, body: &mut impl Blocks) {
    let mut at = 0;
    while at + 64 <= len {
        body.block::<64>(at);
        at += 64;
    }
    while at + 16 <= len {
        body.block::<16>(at);
        at += 16;
    }
    if at == len {
        return;
    }
    if len >= 16 {
        return body.block::<16>(len - 16);
    }
    if len >= 8 {
        body.block::<8>(0);
        return body.block::<8>(len - 8);
    }
    for at in 0..len {
        body.block::<1>(at);
    }
}

/// `values[at..at + N]`, by value: the compiler need not fear that writing results changes what is still to be read.
#[inline(always)]
pub(super) fn chunk<T: Copy + Default, const N: usize>(values: &[T], at: usize) -> [T; N] {
    let mut chunk = [T::default(); N];
    chunk.copy_from_slice(&values[at..at + N]);
    chunk
}

/// Writes `values[at..at + N]`.
#[inline(always)]
pub(super) fn set_chunk<T: Copy, const N: usize>(values: &mut [T], at: usize, chunk: [T; N]) {
    values[at..at + N].copy_from_slice(&chunk);
}

#[cfg(test)]
mod tests {
    use super::{Blocks, in_blocks};

    struct Count(Vec<u32>);

    impl Blocks for Count {
        fn block<const N: usize>(&mut self, at: usize) {
            self.0[at..at + N].iter_mut().for_each(|count| *count += 1);
        }
    }

    #[test]
    fn every_iteration_is_done() {
        for len in 0..300 {
            let mut count = Count(vec![0; len]);
            in_blocks(len, &mut count);
            assert!(count.0.iter().all(|count| (1..=2).contains(count)), "{len}");
        }
    }
}
