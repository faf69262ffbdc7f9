//! Functions of one real, made of additions, products, quotients and one exponential: the same bits on every processor.

use super::{by_family, exponential::exp};

/// A function of one real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RealFunction {
    /// `1 / (1 + e^-x)`, relative error below 1e-6.
    Sigmoid,
    /// Hyperbolic tangent, absolute error below 1e-6.
    Tanh,
    /// Error function, absolute error below 1e-6 (Abramowitz and Stegun 7.1.26).
    Erf,
    /// `x (1 + erf(x / sqrt 2)) / 2`.
    Gelu,
    /// Square root.
    Sqrt,
    /// `1 / x`.
    Reciprocal,
    /// `|x|`.
    Abs,
    /// `-x`.
    Negate,
}

by_family! {
    /// The function of each element.
    pub fn apply(function: RealFunction, input: &[f32], output: &mut [f32]) = body
}

#[inline(always)]
fn body(function: RealFunction, input: &[f32], output: &mut [f32]) {
    match function {
        RealFunction::Sigmoid => each(sigmoid, input, output),
        RealFunction::Tanh => each(tanh, input, output),
        RealFunction::Erf => each(erf, input, output),
        RealFunction::Gelu => each(|x| 0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2)), input, output),
        RealFunction::Sqrt => each(f32::sqrt, input, output),
        RealFunction::Reciprocal => each(|x| 1.0 / x, input, output),
        RealFunction::Abs => each(f32::abs, input, output),
        RealFunction::Negate => each(|x: f32| -x, input, output),
    }
}

#[inline(always)]
fn each(function: impl Fn(f32) -> f32, input: &[f32], output: &mut [f32]) {
    for (out, &value) in output.iter_mut().zip(input) {
        *out = function(value);
    }
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    let e = exp(-x.abs());
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

#[inline(always)]
fn tanh(x: f32) -> f32 {
    let e = exp(-2.0 * x.abs());
    ((1.0 - e) / (1.0 + e)).copysign(x)
}

#[inline(always)]
fn erf(x: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let mut sum = 1.061_405_4;
    for coefficient in [-1.453_152, 1.421_413_8, -0.284_496_72, 0.254_829_6] {
        sum = sum * t + coefficient;
    }
    (1.0 - sum * t * exp(-x * x)).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::{super::super::Processor, RealFunction, apply};

    /// erf by its power series, in f64: exact enough up to 4, beyond which f32 knows only 1.
    fn erf(x: f64) -> f64 {
        if x.abs() > 4.0 {
            return x.signum();
        }
        let (mut term, mut sum) = (x, x);
        for n in 1..120 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    }

    #[test]
    fn each_function_is_as_precise_as_it_says_and_the_same_on_every_family() {
        type Exact = fn(f64) -> f64;
        let reals: Vec<f32> = (-2000..=2000).map(|at| at as f32 / 128.0).collect();
        let cases: [(RealFunction, Exact, f64); 8] = [
            (RealFunction::Sigmoid, |x| 1.0 / (1.0 + (-x).exp()), 1e-6),
            (RealFunction::Tanh, f64::tanh, 1e-6),
            (RealFunction::Erf, erf, 1e-6),
            (RealFunction::Gelu, |x| 0.5 * x * (1.0 + erf(x * std::f64::consts::FRAC_1_SQRT_2)), 1e-5),
            (RealFunction::Sqrt, f64::sqrt, 1e-6),
            (RealFunction::Reciprocal, |x| 1.0 / x, 1e-5),
            (RealFunction::Abs, f64::abs, 0.0),
            (RealFunction::Negate, |x| -x, 0.0),
        ];
        for (function, exact, tolerance) in cases {
            let mut first: Option<Vec<u32>> = None;
            for processor in Processor::available() {
                let mut output = vec![f32::NAN; reals.len()];
                apply(processor, function, &reals, &mut output);
                for (&x, &found) in reals.iter().zip(&output) {
                    let expected = exact(f64::from(x));
                    let same = expected.is_nan() && found.is_nan() || expected.is_infinite() && found.is_infinite();
                    assert!(same || (f64::from(found) - expected).abs() <= tolerance, "{function:?}: {found} for {x}, not {expected}");
                }
                let bits: Vec<u32> = output.iter().map(|value| if value.is_nan() { 0 } else { value.to_bits() }).collect();
                assert!(*first.get_or_insert_with(|| bits.clone()) == bits, "{function:?}, {}", processor.family());
            }
        }
    }

    #[test]
    fn a_sigmoid_keeps_its_relative_precision_near_0() {
        for processor in Processor::available() {
            let reals: Vec<f32> = (-200..=200).map(|at| at as f32 / 8.0).collect();
            let mut output = vec![f32::NAN; reals.len()];
            apply(processor, RealFunction::Sigmoid, &reals, &mut output);
            for (x, found) in reals.iter().zip(output) {
                let expected = 1.0 / (1.0 + f64::from(-x).exp());
                assert!((f64::from(found) / expected - 1.0).abs() < 1e-6, "{found} for {x}");
            }
        }
    }
}
