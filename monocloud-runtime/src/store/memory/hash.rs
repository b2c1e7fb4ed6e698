//! Keys are HMACs: a part of one is as good a hash of it as any.

use std::hash::{BuildHasherDefault, Hasher};

pub(super) type ByHmac = BuildHasherDefault<LastBytes>;

/// The last eight bytes; the first says in which shard a key is.
#[derive(Default)]
pub(super) struct LastBytes(u64);

impl Hasher for LastBytes {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last_chunk() {
            self.0 = u64::from_le_bytes(*last);
        }
    }

    /// The length, which all have.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
