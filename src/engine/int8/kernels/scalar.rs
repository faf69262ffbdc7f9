//! The scalar twins: each kernel in the plainest words, which every SIMD implementation equals bit for bit.

use super::{Depthwise, PanelLayout, Product, depthwise};

/// Layout of packed weights for [`product`].
pub const LAYOUT: PanelLayout = PanelLayout { width: 8, narrow: 1, group: 1 };

/// The twin of every matrix product.
///
/// # Safety
/// See [`Product`].
pub unsafe fn product(task: &Product) {
    let segment_len = |width: usize| width * task.depth;
    for first in task.channels.clone().step_by(LAYOUT.width) {
        let width = LAYOUT.panel_width(first, task.all_channels);
        let panel = LAYOUT.panel_offset(first, task.segments.len(), task.depth);
        for (y, x) in (0..task.rows).flat_map(|y| (0..task.pixels).map(move |x| (y, x))) {
            for channel in first..task.channels.end.min(first + width) {
                let mut sum = task.requantise.bias[channel];
                for (segment, offset) in task.segments.iter().enumerate() {
                    for k in 0..task.depth {
                        // SAFETY: the caller guarantees that every code and weight that the sum names is readable.
                        let (code, weight) = unsafe {
                            let code = *task.input.add(y * task.row_stride + x * task.pixel_stride + offset + k);
                            (code, *task.weights.add(panel + segment * segment_len(width) + k * width + channel - first))
                        };
                        sum += i32::from(code) * i32::from(weight);
                    }
                }
                // SAFETY: the caller guarantees that this output is writable and ours.
                unsafe {
                    *task.output.add(y * task.out_row_stride + x * task.out_pixel_stride + channel) = task.requantise.code(channel, sum);
                }
            }
        }
    }
}

/// The twin of every depthwise convolution, with weights from [`depthwise::pack_portable`].
///
/// # Safety
/// See [`Depthwise`].
pub unsafe fn depthwise(task: &Depthwise) {
    // SAFETY: the same contract.
    unsafe { depthwise::portable(task) }
}
