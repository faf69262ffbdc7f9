//! Packed weights and tables of a program, in one aligned block of memory.

use serde::{Deserialize, Serialize};

use super::{super::kernels::READ_SLACK, operation::Table};

/// 64 bytes at a 64-byte boundary: a cache line, and the widest vector.
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
pub(crate) struct Block([u8; 64]);

impl Block {
    /// As many as `bytes` need, all zero.
    pub(crate) fn zeroed(bytes: usize) -> Vec<Self> {
        vec![Self([0; 64]); bytes.div_ceil(size_of::<Self>())]
    }
}

/// Everything constant of a program: each [`Table`] begins at a 64-byte boundary and has [`READ_SLACK`] readable bytes behind it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Constants {
    blocks: Vec<Block>,
}

impl Constants {
    /// Appends `bytes`.
    pub fn push(&mut self, bytes: &[u8]) -> Table {
        let start = self.blocks.len() * size_of::<Block>();
        let slack = READ_SLACK.div_ceil(size_of::<Block>());
        self.blocks.resize(self.blocks.len() + bytes.len().div_ceil(size_of::<Block>()) + slack, Block([0; 64]));
        bytemuck::cast_slice_mut(&mut self.blocks)[start..start + bytes.len()].copy_from_slice(bytes);
        Table { start, len: bytes.len() }
    }

    /// All bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        bytemuck::cast_slice(&self.blocks)
    }

    /// The bytes of `table`; none when it reaches past the end.
    #[must_use]
    pub fn bytes(&self, table: Table) -> &[u8] {
        table.start.checked_add(table.len).and_then(|end| self.as_bytes().get(table.start..end)).unwrap_or_default()
    }

    /// The values of `table`, whose length is a multiple of theirs.
    #[must_use]
    pub fn values<T: bytemuck::AnyBitPattern>(&self, table: Table) -> &[T] {
        bytemuck::cast_slice(self.bytes(table))
    }
}

impl Serialize for Constants {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.as_bytes())
    }
}

impl<'de> Deserialize<'de> for Constants {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl serde::de::Visitor<'_> for Bytes {
            type Value = Constants;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes in blocks of 64")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Constants, E> {
                if !bytes.len().is_multiple_of(size_of::<Block>()) {
                    return Err(E::invalid_length(bytes.len(), &self));
                }
                let mut blocks = vec![Block([0; 64]); bytes.len() / size_of::<Block>()];
                bytemuck::cast_slice_mut(&mut blocks).copy_from_slice(bytes);
                Ok(Constants { blocks })
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
