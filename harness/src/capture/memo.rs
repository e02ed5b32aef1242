//! Remembers which shared strings have been looked at.

use std::sync::Arc;

use super::Str;

/// Slots. Most strings of a capture are a few hundred, shared; the table stays in the processor's second cache.
const SLOTS: usize = 1 << 12;

/// Remembers strings by their address. Forgets a string when another takes its slot, so that a capture of
/// endless unique strings costs no more a string than a small one: looking twice is harmless.
///
/// The strings must outlive the memo, or an address could come to mean another string.
pub(crate) struct Memo<T> {
    slots: Vec<Option<(usize, T)>>,
}

impl<T: Copy> Memo<T> {
    pub(crate) fn new() -> Self {
        Self { slots: vec![None; SLOTS] }
    }

    /// What `look` said about this string, now or before.
    pub(crate) fn get_or(&mut self, text: &Str, look: impl FnOnce(&str) -> T) -> T {
        let address = Arc::as_ptr(text).cast::<u8>().addr();
        // Allocations are 16 bytes apart at least; the multiplication spreads neighbours.
        let slot = (address >> 4).wrapping_mul(0x9E37_79B1) >> 7 & (SLOTS - 1);
        match &self.slots[slot] {
            Some((known, said)) if *known == address => *said,
            _ => {
                let said = look(text);
                self.slots[slot] = Some((address, said));
                said
            }
        }
    }
}
