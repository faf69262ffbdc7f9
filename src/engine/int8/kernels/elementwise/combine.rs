//! Two tensors of codes into one, element by element, with broadcasting.

use std::ops::Range;

use super::{
    super::Code,
    MAX_LOOPS, Rounding,
    blocks::{Blocks, chunk, in_blocks, set_chunk},
    by_family,
};

/// What to do with two codes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Combine {
    /// `code((a - a_zero) as f32 * a_scale + (b - b_zero) as f32 * b_scale)`.
    Add {
        /// Zero point of the first.
        a_zero: i32,
        /// Factor of the first.
        a_scale: f32,
        /// Zero point of the second.
        b_zero: i32,
        /// Factor of the second.
        b_scale: f32,
        /// How the sum becomes a code.
        rounding: Rounding,
    },
    /// `code(((a - a_zero) * (b - b_zero)) as f32 * scale)`.
    Multiply {
        /// Zero point of the first.
        a_zero: i32,
        /// Zero point of the second.
        b_zero: i32,
        /// Factor of the product.
        scale: f32,
        /// How the product becomes a code.
        rounding: Rounding,
    },
}

by_family! {
    /// Combines `a` and `b` along `loops` (from the outermost to the innermost: length, stride of `a`, of `b`; at most [`MAX_LOOPS`]) into
    /// `output`, which is dense. Only the iterations `outer` of the outermost loop are done, and `output` begins with them.
    pub fn combine(what: &Combine, loops: &[[usize; 3]], outer: Range<usize>, a: &[Code], b: &[Code], output: &mut [Code]) = body
}

#[inline(always)]
fn body(what: &Combine, loops: &[[usize; 3]], outer: Range<usize>, a: &[Code], b: &[Code], output: &mut [Code]) {
    match *what {
        Combine::Add { a_zero, a_scale, b_zero, b_scale, rounding } => {
            walk(Add { a_zero, a_scale, b_zero, b_scale, rounding }, loops, outer, a, b, output);
        }
        Combine::Multiply { a_zero, b_zero, scale, rounding } => {
            walk(Multiply { a_zero, b_zero, scale, rounding }, loops, outer, a, b, output);
        }
    }
}

/// A function of two codes: a trait and not a closure, so that it is inlined before vectorisation.
trait Function: Copy {
    fn code(self, a: Code, b: Code) -> Code;
}

#[derive(Clone, Copy)]
struct Add {
    a_zero: i32,
    a_scale: f32,
    b_zero: i32,
    b_scale: f32,
    rounding: Rounding,
}

impl Function for Add {
    #[inline(always)]
    fn code(self, a: Code, b: Code) -> Code {
        let a = (i32::from(a) - self.a_zero) as f32 * self.a_scale;
        let b = (i32::from(b) - self.b_zero) as f32 * self.b_scale;
        self.rounding.code(a + b)
    }
}

#[derive(Clone, Copy)]
struct Multiply {
    a_zero: i32,
    b_zero: i32,
    scale: f32,
    rounding: Rounding,
}

impl Function for Multiply {
    #[inline(always)]
    fn code(self, a: Code, b: Code) -> Code {
        // Of integers below 2^24: exact, and faster than a product of i32.
        let product = (i32::from(a) - self.a_zero) as f32 * (i32::from(b) - self.b_zero) as f32;
        self.rounding.code(product * self.scale)
    }
}

#[inline(always)]
fn walk(function: impl Function, loops: &[[usize; 3]], outer: Range<usize>, a: &[Code], b: &[Code], output: &mut [Code]) {
    match *loops {
        // Pixels of a picture with one code each, as of a mask: lines of three elements would cost more than the elements.
        [.., [_, RGB, 1], [RGB, 1, 0]] => lines(Masked(function), &loops[..loops.len() - 1], outer, a, b, output),
        [.., [_, 1, RGB], [RGB, 0, 1]] => lines(Masked(Swapped(function)), &swapped(loops)[..loops.len() - 1], outer, b, a, output),
        _ => lines(Single(function), loops, outer, a, b, output),
    }
}

/// Channels of a picture.
const RGB: usize = 3;

/// The loops with the operands in the other order.
#[inline(always)]
fn swapped(loops: &[[usize; 3]]) -> [[usize; 3]; MAX_LOOPS] {
    let mut swapped = [[0; 3]; MAX_LOOPS];
    for (swapped, &[len, a, b]) in swapped.iter_mut().zip(loops) {
        *swapped = [len, b, a];
    }
    swapped
}

/// The innermost loop.
trait Line: Copy {
    /// Elements of one iteration.
    const WIDTH: usize;

    fn run(self, strides: [usize; 2], a: &[Code], b: &[Code], output: &mut [Code]);
}

#[inline(always)]
fn lines<L: Line>(line: L, loops: &[[usize; 3]], outer: Range<usize>, a: &[Code], b: &[Code], output: &mut [Code]) {
    let Some((&[len, a_stride, b_stride], outers)) = loops.split_last() else {
        return line.run([0, 0], a, b, &mut output[..1]);
    };
    let Some(&[_, a_first, b_first]) = outers.first() else {
        return line.run(
            [a_stride, b_stride],
            &a[outer.start * a_stride..],
            &b[outer.start * b_stride..],
            &mut output[..outer.len() * L::WIDTH],
        );
    };
    let mut at = [outer.start * a_first, outer.start * b_first];
    let mut index = [0; MAX_LOOPS];
    for output in output.chunks_exact_mut(len * L::WIDTH) {
        line.run([a_stride, b_stride], &a[at[0]..], &b[at[1]..], output);
        for (axis, &[len, a_stride, b_stride]) in outers.iter().enumerate().rev() {
            at = [at[0] + a_stride, at[1] + b_stride];
            index[axis] += 1;
            if axis == 0 || index[axis] < len {
                break;
            }
            index[axis] = 0;
            at = [at[0] - len * a_stride, at[1] - len * b_stride];
        }
    }
}

/// One element of each operand, its common forms in blocks.
#[derive(Clone, Copy)]
struct Single<F>(F);

impl<F: Function> Line for Single<F> {
    const WIDTH: usize = 1;

    #[inline(always)]
    fn run(self, strides: [usize; 2], a: &[Code], b: &[Code], output: &mut [Code]) {
        let (function, len) = (self.0, output.len());
        if len == 0 {
            return;
        }
        match strides {
            [1, 1] => in_blocks(len, &mut Both { function, a: &a[..len], b: &b[..len], output }),
            [1, 0] => in_blocks(len, &mut First { function, a: &a[..len], b: b[0], output }),
            [0, 1] => in_blocks(len, &mut Second { function, a: a[0], b: &b[..len], output }),
            [a_stride, b_stride] => {
                for (i, code) in output.iter_mut().enumerate() {
                    *code = function.code(a[i * a_stride], b[i * b_stride]);
                }
            }
        }
    }
}

/// Pixels that [`Masked`] does at a time.
const PIXELS: usize = 64;

/// The channels of a pixel with the code of that pixel.
#[derive(Clone, Copy)]
struct Masked<F>(F);

impl<F: Function> Line for Masked<F> {
    const WIDTH: usize = RGB;

    #[inline(always)]
    fn run(self, _: [usize; 2], a: &[Code], b: &[Code], output: &mut [Code]) {
        let mut spread = [[0; RGB]; PIXELS];
        for ((output, a), b) in output.chunks_mut(PIXELS * RGB).zip(a.chunks(PIXELS * RGB)).zip(b.chunks(PIXELS)) {
            for i in 0..PIXELS.min(b.len()) {
                spread[i] = [b[i]; RGB];
            }
            let len = output.len();
            in_blocks(len, &mut Both { function: self.0, a: &a[..len], b: &spread.as_flattened()[..len], output });
        }
    }
}

/// A function with its operands in the other order.
#[derive(Clone, Copy)]
struct Swapped<F>(F);

impl<F: Function> Function for Swapped<F> {
    #[inline(always)]
    fn code(self, a: Code, b: Code) -> Code {
        self.0.code(b, a)
    }
}

/// Two rows of codes.
struct Both<'a, F> {
    function: F,
    a: &'a [Code],
    b: &'a [Code],
    output: &'a mut [Code],
}

/// A row of codes and the same code again and again.
struct First<'a, F> {
    function: F,
    a: &'a [Code],
    b: Code,
    output: &'a mut [Code],
}

/// As [`First`], the other way round.
struct Second<'a, F> {
    function: F,
    a: Code,
    b: &'a [Code],
    output: &'a mut [Code],
}

impl<F: Function> Blocks for Both<'_, F> {
    #[inline(always)]
    fn block<const N: usize>(&mut self, at: usize) {
        let (a, b) = (chunk::<_, N>(self.a, at), chunk::<_, N>(self.b, at));
        let mut output = [0; N];
        for i in 0..N {
            output[i] = self.function.code(a[i], b[i]);
        }
        set_chunk(self.output, at, output);
    }
}

impl<F: Function> Blocks for First<'_, F> {
    #[inline(always)]
    fn block<const N: usize>(&mut self, at: usize) {
        let a = chunk::<_, N>(self.a, at);
        let mut output = [0; N];
        for i in 0..N {
            output[i] = self.function.code(a[i], self.b);
        }
        set_chunk(self.output, at, output);
    }
}

impl<F: Function> Blocks for Second<'_, F> {
    #[inline(always)]
    fn block<const N: usize>(&mut self, at: usize) {
        let b = chunk::<_, N>(self.b, at);
        let mut output = [0; N];
        for i in 0..N {
            output[i] = self.function.code(self.a, b[i]);
        }
        set_chunk(self.output, at, output);
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{
        super::super::{Code, Processor},
        Combine, Rounding, combine,
    };

    #[derive(Debug, Clone)]
    struct Case {
        what: Combine,
        loops: Vec<[usize; 3]>,
        a: Vec<Code>,
        b: Vec<Code>,
    }

    fn case() -> impl Strategy<Value = Case> {
        let zero = || i32::from(Code::MIN)..=i32::from(Code::MAX);
        let scale = || prop_oneof![0.5f32..2.0, 0.001f32..0.02, -2.0f32..-0.1];
        let rounding = (zero(), zero(), zero()).prop_map(|(zero_point, a, b)| Rounding { zero_point, lowest: a.min(b), highest: a.max(b) });
        let what =
            (zero(), zero(), scale(), scale(), rounding, any::<bool>()).prop_map(|(a_zero, b_zero, a_scale, b_scale, rounding, add)| {
                if add {
                    Combine::Add { a_zero, a_scale, b_zero, b_scale, rounding }
                } else {
                    Combine::Multiply { a_zero, b_zero, scale: a_scale.abs() / 100.0, rounding }
                }
            });
        let inner = (1usize..70, 0usize..=2, 0usize..=2).prop_map(|(len, a, b)| [len, a, b]);
        let outers = vec((1usize..5, 0usize..9, 0usize..9).prop_map(|(len, a, b)| [len, a, b]), 0..4);
        let masked = (1usize..150, any::<bool>())
            .prop_map(|(pixels, first)| if first { vec![[pixels, 1, 3], [3, 0, 1]] } else { vec![[pixels, 3, 1], [3, 1, 0]] });
        let inner = prop_oneof![3 => inner.prop_map(|inner| vec![inner]), 1 => masked];
        (what, inner, outers).prop_flat_map(|(what, inner, mut loops)| {
            loops.extend(inner);
            let reach = |operand: usize| loops.iter().map(|l| (l[0] - 1) * l[operand]).sum::<usize>() + 1;
            (vec(any::<Code>(), reach(1)), vec(any::<Code>(), reach(2))).prop_map(move |(a, b)| Case { what, loops: loops.clone(), a, b })
        })
    }

    /// The equation in exact steps of f32, one element at a time.
    fn expected(case: &Case) -> Vec<Code> {
        let count: usize = case.loops.iter().map(|l| l[0]).product();
        let element = |number: usize| {
            let (mut left, mut at) = (number, [0, 0]);
            for &[len, a, b] in case.loops.iter().rev() {
                at = [at[0] + left % len * a, at[1] + left % len * b];
                left /= len;
            }
            let (a, b) = (i32::from(case.a[at[0]]), i32::from(case.b[at[1]]));
            let (real, rounding) = match case.what {
                Combine::Add { a_zero, a_scale, b_zero, b_scale, rounding } => {
                    ((a - a_zero) as f32 * a_scale + (b - b_zero) as f32 * b_scale, rounding)
                }
                Combine::Multiply { a_zero, b_zero, scale, rounding } => (((a - a_zero) * (b - b_zero)) as f32 * scale, rounding),
            };
            (real.round_ties_even() as i32 + rounding.zero_point).clamp(rounding.lowest, rounding.highest) as Code
        };
        (0..count).map(element).collect()
    }

    proptest! {
        #[test]
        fn equals_the_equation_on_every_family(case in case(), cut in any::<prop::sample::Index>()) {
            let expected = expected(&case);
            let outer = case.loops[0][0];
            let cut = cut.index(outer + 1);
            for processor in Processor::available() {
                let mut output = vec![0; expected.len()];
                let (first, second) = output.split_at_mut(cut * (expected.len() / outer));
                if cut > 0 {
                    combine(processor, &case.what, &case.loops, 0..cut, &case.a, &case.b, first);
                }
                if cut < outer {
                    combine(processor, &case.what, &case.loops, cut..outer, &case.a, &case.b, second);
                }
                prop_assert_eq!(&output, &expected, "{}", processor.family());
            }
        }
    }
}
