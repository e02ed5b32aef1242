//! Text that telemetry repeats in every span and series: names of models, servers and routes.

use std::sync::{LazyLock, PoisonError, RwLock};

use rustc_hash::FxHashSet;

static KNOWN: LazyLock<RwLock<FxHashSet<&'static str>>> = LazyLock::new(RwLock::default);

/// The same text for good, so that every attribute with it is made without a copy.
///
/// It is never freed: for what the settings and the routes say, never for what a request says.
pub(crate) fn interned(text: &str) -> &'static str {
    if let Some(known) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(text) {
        return known;
    }
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known.get(text) {
        return known;
    }
    let kept: &'static str = Box::leak(text.into());
    known.insert(kept);
    kept
}

#[cfg(test)]
mod tests {
    use super::interned;

    #[test]
    fn the_same_text_is_kept_once() {
        let first = interned(&String::from("gpt-4o-mini"));

        assert_eq!(first, "gpt-4o-mini");
        assert!(std::ptr::eq(first, interned(&String::from("gpt-4o-mini"))));
    }
}
