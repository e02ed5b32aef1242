//! Shared strings and origins: telemetry repeats the same few thousand millions of times.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Origin, Resource, Scope};

/// An immutable shared string. Two equal strings of one capture are usually one allocation.
pub type Str = Arc<str>;

/// Longest string that is worth remembering, in bytes: longer ones (a document, a stack trace) rarely repeat.
const LONGEST_SHARED: usize = 256;

/// Most distinct strings an interner remembers. Past it, new strings are allocated
/// on their own, so that a service with unbounded names cannot fill the table.
const MOST_SHARED: usize = 1 << 20;

/// Most resources, and most origins, an interner remembers: it looks through all of them.
const MOST_ORIGINS: usize = 16;

/// Hands out one [`Str`] for all equal strings seen.
#[derive(Debug, Default)]
pub struct Interner {
    seen: FxHashSet<Str>,
    resources: Vec<Arc<Resource>>,
    origins: Vec<Arc<Origin>>,
}

impl Interner {
    /// The shared form of `text`.
    pub fn intern(&mut self, text: &str) -> Str {
        if text.len() > LONGEST_SHARED {
            return Arc::from(text);
        }
        if let Some(known) = self.seen.get(text) {
            return known.clone();
        }
        let fresh: Str = Arc::from(text);
        if self.seen.len() < MOST_SHARED {
            self.seen.insert(fresh.clone());
        }
        fresh
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
