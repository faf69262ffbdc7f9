//! Arithmetic that gives the same bits on every platform, and the dice built on it.
//!
//! Rust's `f32` addition, multiplication, division, `sqrt` and `floor` are exact IEEE-754 on every target with hardware or
//! soft `f32`; `sin`, `exp2` and `powf` are whatever the platform's libm gives. So the latter are written out here
//! and nothing in this room may call the standard ones.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

/// The sine of an angle in turns (1 turn = 360 degrees), within 1e-5.
pub(super) fn sin_turns(turns: f32) -> f32 {
    let wrapped = turns - (turns + 0.5).floor();
    let folded = if wrapped > 0.25 {
        0.5 - wrapped
    } else if wrapped < -0.25 {
        -0.5 - wrapped
    } else {
        wrapped
    };
    let x = folded * std::f32::consts::TAU;
    let square = x * x;
    x * (1.0 + square * (-1.0 / 6.0 + square * (1.0 / 120.0 + square * (-1.0 / 5_040.0 + square / 362_880.0))))
}

/// The cosine of an angle in turns, within 1e-5.
pub(super) fn cos_turns(turns: f32) -> f32 {
    sin_turns(turns + 0.25)
}

/// Two to the power of `x`, within 1e-5 of the value; `x` is held to -16..16.
pub(super) fn exp2(x: f32) -> f32 {
    let x = x.clamp(-16.0, 16.0);
    let whole = x.floor();
    let t = (x - whole) * std::f32::consts::LN_2;
    let mut value = 1.0 + t * (1.0 + t * (0.5 + t * (1.0 / 6.0 + t * (1.0 / 24.0 + t * (1.0 / 120.0 + t / 720.0)))));
    for _ in 0..(whole.abs() as u32) {
        value *= if whole < 0.0 { 0.5 } else { 2.0 };
    }
    value
}

/// 0 below 0, 1 above 1, and a smooth cubic between.
pub(super) fn smoothstep(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// The straight mixture of `a` (at `t` = 0) and `b` (at `t` = 1).
pub(super) fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// What a stream of random numbers is for. Each part of a phantom has its own, so that one more hair moves no blotch.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    /// Drawing a whole parameter set.
    Parameters = 1,
    /// The shared texture tiles.
    Tiles,
    /// Where the textures lie on this skin.
    Skin,
    /// Shape of the border.
    Outline,
    /// Where the colours lie.
    Colours,
    /// Paths of the hairs.
    Hair,
    /// Specular spots and bubbles.
    Contact,
    /// Sensor noise.
    Noise,
    /// The hand that holds the camera.
    Tremor,
}

/// A seeded source of random numbers (ChaCha8, whose output is the same on every platform).
#[derive(Debug, Clone)]
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of `seed` that serves one purpose.
    pub(super) fn new(seed: u64, stream: Stream) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream as u64);
        Self(generator)
    }

    /// 32 random bits.
    pub(super) fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Uniform in 0..1; 24 random bits, exactly representable.
    pub(super) fn unit(&mut self) -> f32 {
        (self.bits() >> 8) as f32 / 16_777_216.0
    }

    /// Uniform in `low..high`.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        mix(low, high, self.unit())
    }

    /// Uniform in `0..count`; 0 when `count` is 0.
    pub(super) fn below(&mut self, count: u32) -> u32 {
        ((u64::from(self.bits()) * u64::from(count)) >> 32) as u32
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// Close to a standard normal: four uniforms (Irwin-Hall), so never beyond 3.5.
    pub(super) fn normal(&mut self) -> f32 {
        (self.unit() + self.unit() + self.unit() + self.unit() - 2.0) * 1.732_050_8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_out_functions_agree_with_the_standard_ones() {
        for step in -400..=400 {
            let x = step as f32 / 100.0;
            assert!((sin_turns(x) - (x * std::f32::consts::TAU).sin()).abs() < 2e-5, "sin {x}");
            assert!((cos_turns(x) - (x * std::f32::consts::TAU).cos()).abs() < 2e-5, "cos {x}");
            assert!((exp2(x) / x.exp2() - 1.0).abs() < 1e-5, "exp2 {x}");
        }
    }

    #[test]
    fn normal_draws_have_mean_zero_and_deviation_one() {
        let mut dice = Dice::new(5, Stream::Noise);
        let draws: Vec<f32> = (0..20_000).map(|_| dice.normal()).collect();
        let mean = draws.iter().sum::<f32>() / 20_000.0;
        let variance = draws.iter().map(|d| (d - mean) * (d - mean)).sum::<f32>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }

    #[test]
    fn streams_of_one_seed_differ() {
        assert_ne!(Dice::new(1, Stream::Hair).bits(), Dice::new(1, Stream::Skin).bits());
    }
}
