//! A buffer that each thread keeps to write into.

use std::cell::Cell;

/// A buffer that grew beyond this is freed: one huge item is no reason to keep its size for good.
const KEPT_CAPACITY: usize = 64 << 10;

thread_local!(static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) });

/// Does `work` with an empty buffer. Inside of it, another one is lent.
pub(crate) fn with_buffer<R>(work: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    // A thread that is ending keeps none any more.
    let mut buffer = BUFFER.try_with(Cell::take).unwrap_or_default();
    buffer.clear();
    let result = work(&mut buffer);
    if buffer.capacity() <= KEPT_CAPACITY {
        let _ = BUFFER.try_with(|kept| kept.set(buffer));
    }
    result
}
