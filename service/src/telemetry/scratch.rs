//! Lists of attributes that are filled, read and emptied again, without an allocation for each.

use std::cell::RefCell;

use opentelemetry::KeyValue;

/// Operations start and end inside of each other, but hardly deeper than this.
const KEPT: usize = 4;

thread_local!(static LISTS: RefCell<Vec<Vec<KeyValue>>> = const { RefCell::new(Vec::new()) });

/// Does `work` with an empty list.
pub(crate) fn with_attributes<R>(work: impl FnOnce(&mut Vec<KeyValue>) -> R) -> R {
    // A thread that is ending has no lists any more.
    let kept = LISTS.try_with(|lists| lists.borrow_mut().pop()).ok().flatten();
    let mut list = kept.unwrap_or_else(|| Vec::with_capacity(16));
    let result = work(&mut list);
    list.clear();
    // As above.
    let _ = LISTS.try_with(|lists| {
        let mut lists = lists.borrow_mut();
        if lists.len() < KEPT {
            lists.push(list);
        }
    });
    result
}
