//! Lists of attributes that are filled, read and emptied again, without an allocation for each.

use std::cell::RefCell;

use opentelemetry::KeyValue;
use smallvec::SmallVec;

/// Lists of labels are filled inside of each other, but hardly deeper than this.
const KEPT: usize = 4;

thread_local!(static LISTS: RefCell<Vec<Vec<KeyValue>>> = const { RefCell::new(Vec::new()) });

/// The attributes of a span, being listed. Its functions stay out of line: they are called from everywhere, and to make an
/// attribute is more code than to call something that does.
pub(crate) struct AttributeList(SmallVec<[KeyValue; USUAL]>);

/// Hardly any span gets more attributes at once. More take an allocation.
const USUAL: usize = 8;

impl AttributeList {
    #[inline(never)]
    pub(crate) fn int(&mut self, key: &'static str, value: i64) {
        self.push(KeyValue::new(key, value));
    }

    /// A number of things. Counts are attributes of type int.
    #[inline(never)]
    pub(crate) fn count(&mut self, key: &'static str, value: usize) {
        self.int(key, i64::try_from(value).unwrap_or(i64::MAX));
    }

    #[inline(never)]
    pub(crate) fn tokens(&mut self, key: &'static str, value: u64) {
        self.int(key, i64::try_from(value).unwrap_or(i64::MAX));
    }

    #[inline(never)]
    pub(crate) fn double(&mut self, key: &'static str, value: f64) {
        self.push(KeyValue::new(key, value));
    }

    #[inline(never)]
    pub(crate) fn flag(&mut self, key: &'static str, value: bool) {
        self.push(KeyValue::new(key, value));
    }

    #[inline(never)]
    pub(crate) fn text(&mut self, key: &'static str, value: &'static str) {
        self.push(KeyValue::new(key, value));
    }

    #[inline(never)]
    pub(crate) fn push(&mut self, attribute: KeyValue) {
        self.0.push(attribute);
    }

    /// The attributes of an `Option`, an array, an iterator.
    pub(crate) fn extend(&mut self, attributes: impl IntoIterator<Item = KeyValue>) {
        self.0.extend(attributes);
    }

    #[inline]
    pub(super) fn new() -> Self {
        Self(SmallVec::new())
    }

    pub(super) fn list(&self) -> &[KeyValue] {
        &self.0
    }

    /// All of them; none are left.
    pub(super) fn take(&mut self) -> impl Iterator<Item = KeyValue> {
        self.0.drain(..)
    }
}

/// Does `work` with an empty list.
pub(crate) fn with_attributes<R>(work: impl FnOnce(&mut Vec<KeyValue>) -> R) -> R {
    let mut list = lend();
    let result = work(&mut list);
    give_back(list);
    result
}

#[inline(never)]
fn lend() -> Vec<KeyValue> {
    // A thread that is ending has no lists any more.
    let kept = LISTS.try_with(|lists| lists.borrow_mut().pop()).ok().flatten();
    kept.unwrap_or_else(|| Vec::with_capacity(16))
}

#[inline(never)]
fn give_back(mut list: Vec<KeyValue>) {
    list.clear();
    // As above.
    let _ = LISTS.try_with(|lists| {
        let mut lists = lists.borrow_mut();
        if lists.len() < KEPT {
            lists.push(list);
        }
    });
}
