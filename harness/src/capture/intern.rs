//! Shared strings and origins: telemetry repeats the same few thousand millions of times.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Origin, Resource, Scope};

/// An immutable shared string. Two equal strings of one capture are usually one allocation.
pub type Str = Arc<str>;

/// Longest string that is worth remembering, in bytes: longer ones (a document, a stack trace) rarely repeat.
const LONGEST_SHARED: usize = 256;

/// Distinct strings of a generation. The names of a service are some thousands; a table of this size stays in the
/// processor's cache, and a service with unbounded names cannot make it larger.
const GENERATION: usize = 1 << 14;

/// Most resources, and most origins, an interner remembers: it looks through all of them.
const MOST_ORIGINS: usize = 16;

/// Hands out one [`Str`] for all equal strings seen lately.
///
/// It remembers two generations. When the young one is full it becomes the old one, and what was in the old one is
/// forgotten, unless it was asked for since: strings in use stay, those of one span only go.
#[derive(Debug, Default)]
pub struct Interner {
    young: FxHashSet<Str>,
    old: FxHashSet<Str>,
    resources: Vec<Arc<Resource>>,
    origins: Vec<Arc<Origin>>,
}

impl Interner {
    /// The shared form of `text`.
    pub fn intern(&mut self, text: &str) -> Str {
        if text.len() > LONGEST_SHARED {
            return Arc::from(text);
        }
        if let Some(known) = self.young.get(text) {
            return known.clone();
        }
        let shared = self.old.take(text).unwrap_or_else(|| Arc::from(text));
        if self.young.len() == GENERATION {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert(shared.clone());
        shared
    }

    /// The shared form of a resource.
    pub fn share_resource(&mut self, resource: Resource) -> Arc<Resource> {
        share(&mut self.resources, |known| **known == resource).unwrap_or_else(|| {
            let fresh = Arc::new(resource);
            self.resources.push(fresh.clone());
            fresh
        })
    }

    /// The shared form of a resource and a scope. A resource that came from [`share_resource`](Self::share_resource)
    /// is compared by its address.
    pub fn share_origin(&mut self, resource: &Arc<Resource>, scope: Scope) -> Arc<Origin> {
        let same = |known: &Arc<Origin>| Arc::ptr_eq(&known.resource, resource) && *known.scope == scope;
        share(&mut self.origins, same).unwrap_or_else(|| {
            let fresh = Arc::new(Origin { resource: resource.clone(), scope: Arc::new(scope) });
            self.origins.push(fresh.clone());
            fresh
        })
    }
}

/// The known value, if it is known; makes room for it otherwise.
fn share<T>(known: &mut Vec<Arc<T>>, same: impl Fn(&Arc<T>) -> bool) -> Option<Arc<T>> {
    // The latest first: telemetry comes in runs of one origin.
    let found = known.iter().rev().find(|candidate| same(candidate)).cloned();
    if found.is_none() && known.len() == MOST_ORIGINS {
        known.remove(0);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_in_use_stays_shared_among_any_number_of_others() {
        let mut strings = Interner::default();
        let first = strings.intern("http.request.method");

        for number in 0..5 * GENERATION {
            strings.intern(&number.to_string());
            let again = strings.intern("http.request.method");
            assert!(Arc::ptr_eq(&first, &again), "after {number} others");
        }

        assert!(strings.young.len() + strings.old.len() <= 2 * GENERATION);
    }

    #[test]
    fn origins_are_shared_and_bounded() {
        let mut strings = Interner::default();
        let origin = |name: &str, strings: &mut Interner| {
            let resource = strings.share_resource(Resource { schema_url: name.into(), ..Resource::default() });
            strings.share_origin(&resource, Scope::default())
        };
        let first = origin("first", &mut strings);

        assert!(Arc::ptr_eq(&first, &origin("first", &mut strings)));
        for number in 0..2 * MOST_ORIGINS {
            origin(&number.to_string(), &mut strings);
        }

        assert!(strings.origins.len() <= MOST_ORIGINS && strings.resources.len() <= MOST_ORIGINS);
    }
}
