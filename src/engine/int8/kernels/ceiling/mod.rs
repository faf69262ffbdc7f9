//! How fast a processor could multiply at best: the instruction of each family in a loop that touches no memory.
//!
//! Kernels are judged against this, not against a data sheet: it holds the clock that the processor really runs at.

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::time::Instant;

use super::Family;

/// A loop of multiply-adds between registers.
struct Loop {
    /// Runs so many rounds. Only for processors of the family.
    run: unsafe fn(rounds: u64),
    /// Multiply-adds of a round.
    per_round: u64,
}

/// Billions of 8-bit multiply-adds each second that one core does with the instruction of `family` when nothing else holds it up:
/// the best of several short trials, about 30 ms in all. 0 where this processor cannot run the family; for the scalar twins,
/// whatever the compiler makes of a loop over integers.
#[must_use]
pub fn ceiling(family: Family) -> f64 {
    const TRIALS: usize = 12;
    const NANOSECONDS: u128 = 2_000_000;
    if !family.is_available() {
        return 0.0;
    }
    let Loop { run, per_round } = loop_of(family);
    let timed = |rounds: u64| {
        let start = Instant::now();
        // SAFETY: the processor runs this family; the loop touches registers only.
        unsafe { run(rounds) };
        start.elapsed().as_nanos().max(1)
    };
    // The first rounds also wake the processor up.
    let mut rounds = 1000;
    while timed(rounds) < NANOSECONDS {
        rounds *= 2;
    }
    let fastest = (0..TRIALS).map(|_| timed(rounds)).min().unwrap_or(1);
    (rounds * per_round) as f64 / fastest as f64
}

fn loop_of(family: Family) -> Loop {
    match family {
        #[cfg(target_arch = "x86_64")]
        Family::Avx2 => x86::AVX2,
        #[cfg(target_arch = "x86_64")]
        Family::AvxVnni => x86::AVX_VNNI,
        #[cfg(target_arch = "x86_64")]
        Family::Avx512Vnni => x86::AVX512_VNNI,
        #[cfg(target_arch = "aarch64")]
        Family::Neon => aarch64::NEON,
        #[cfg(target_arch = "aarch64")]
        Family::DotProd => aarch64::DOT_PROD,
        #[cfg(target_arch = "aarch64")]
        Family::I8mm => aarch64::I8MM,
        _ => Loop { run: scalar, per_round: 16 },
    }
}

/// Sixteen independent sums, so that the latency of a multiplication does not count.
fn scalar(rounds: u64) {
    let mut sums = [0i32; 16];
    for round in 0..rounds {
        let code = std::hint::black_box(round as i32);
        for (weight, sum) in sums.iter_mut().enumerate() {
            *sum = sum.wrapping_add(code.wrapping_mul(weight as i32 + 3));
        }
    }
    std::hint::black_box(sums);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_available_family_has_a_ceiling_and_no_other() {
        for family in Family::ALL {
            let measured = ceiling(family);
            assert_eq!(measured > 0.0, family.is_available(), "{family}: {measured}");
            assert!(measured.is_finite());
        }
    }
}
