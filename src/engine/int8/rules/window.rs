//! The attributes of sliding windows.

use super::super::{
    graph::Kept,
    operator::Window,
};

/// The window of `kept` over a picture of `input` height and width that gives one of `output`; `kernel` where the attribute is left out.
/// `None` for other than two axes.
pub(super) fn read(kept: &Kept, kernel: Option<[usize; 2]>, input: [usize; 2], output: [usize; 2]) -> Option<Window> {
    let pair = |name: &str| -> Option<Option<[usize; 2]>> {
        let Some(values) = kept.integers(name).ok()? else { return Some(None) };
        let [y, x] = values.as_slice() else { return None };
        Some(Some([usize::try_from(*y).ok()?, usize::try_from(*x).ok()?]))
    };
    let kernel = pair("kernel_shape")?.or(kernel)?;
    let stride = pair("strides")?.unwrap_or([1, 1]);
    let dilation = pair("dilations")?.unwrap_or([1, 1]);
    let same = |upper: bool| {
        [0, 1].map(|axis| {
            let reach = (output[axis] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1;
            let total = reach.saturating_sub(input[axis]);
            if upper { total / 2 } else { total.div_ceil(2) }
        })
    };
    let padding = match kept.attribute::<&str>("auto_pad").ok()?.unwrap_or("NOTSET") {
        "SAME_UPPER" => same(true),
        "SAME_LOWER" => same(false),
        "VALID" => [0, 0],
        _ => match kept.integers("pads").ok()? {
            Some(pads) => [usize::try_from(*pads.first()?).ok()?, usize::try_from(*pads.get(1)?).ok()?],
            None => [0, 0],
        },
    };
    Some(Window { kernel, stride, dilation, padding })
}
