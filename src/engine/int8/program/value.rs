//! Tensors of a program: shape, layout, place.

use serde::{Deserialize, Serialize};

/// Index into [`Program::values`](super::Program::values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ValueId(pub usize);

/// A tensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Value {
    /// Length of each axis, in the graph's own order (batch, channels, height, width for pictures), whatever the layout.
    pub shape: Vec<usize>,
    /// Order of the axes in memory.
    pub layout: Layout,
    /// Type of one element.
    pub element: Element,
    /// Where it lies.
    pub place: Place,
}

/// Order of a tensor's axes in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layout {
    /// As in the shape, the last axis densest.
    RowMajor,
    /// Four axes, batch, channels, height, width, stored as batch, height, width, channels.
    ChannelsLast,
}

/// Type of one element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Element {
    /// A quantised activation, see [`Code`](super::super::kernels::Code).
    Code,
    /// IEEE 754 single precision.
    F32,
    /// Something that only operators of tract read, of so many bytes.
    Foreign(usize),
}

/// Where a tensor lies. Values that lie at the same place are views of one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// At this byte of the arena, a multiple of 64, with [`READ_SLACK`](super::super::kernels::READ_SLACK) bytes of the arena behind its
    /// end that no step writes while it reads this value.
    Arena(usize),
    /// At this byte of the constants, a multiple of 64.
    Constant(usize),
}

impl Element {
    /// Bytes of one element.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::Code => 1,
            Self::F32 => 4,
            Self::Foreign(size) => size,
        }
    }
}

impl Value {
    /// Number of elements.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// Bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count() * self.element.size()
    }

    /// Whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Distance in elements between neighbours along each axis of the shape.
    #[must_use]
    pub fn strides(&self) -> Vec<usize> {
        strides(&self.shape, self.layout)
    }
}

/// Distance in elements between neighbours along each axis of `shape` when it is stored in `layout`.
#[must_use]
pub fn strides(shape: &[usize], layout: Layout) -> Vec<usize> {
    match (layout, shape) {
        (Layout::ChannelsLast, &[_, channels, height, width]) => vec![height * width * channels, 1, width * channels, channels],
        _ => {
            let mut strides = vec![1; shape.len()];
            for axis in (1..shape.len()).rev() {
                strides[axis - 1] = strides[axis] * shape[axis];
            }
            strides
        }
    }
}
