//! The collections of the stand-in, and everything it can do with them: no gRPC, no clock, no lock.

mod collection;
mod condition;
mod distance;
#[cfg(feature = "qdrant-edge")]
mod edge;
mod engine;
mod error;
mod filter;
mod id;
mod path;
mod read;
mod search;
mod select;
mod write;

use std::collections::BTreeMap;

use qdrant_client::qdrant::CreateCollection;

use collection::Collection;
pub(super) use error::Error;

use super::Engine;

/// All collections, by name.
#[derive(Debug)]
pub(super) struct Store {
    engine: Engine,
    collections: BTreeMap<String, Collection>,
}

impl Store {
    /// A store without collections.
    pub(super) fn new(engine: Engine) -> Self {
        Self { engine, collections: BTreeMap::new() }
    }

    /// What finds the points of its collections.
    pub(super) fn engine(&self) -> Engine {
        self.engine
    }

    /// The collection called `name`.
    pub(super) fn get(&self, name: &str) -> Result<&Collection, Error> {
        self.collections.get(name).ok_or_else(|| Error::no_collection(name))
    }

    /// The collection called `name`, to change it.
    pub(super) fn get_mut(&mut self, name: &str) -> Result<&mut Collection, Error> {
        self.collections.get_mut(name).ok_or_else(|| Error::no_collection(name))
    }

    /// Adds a collection; its name must be free.
    pub(super) fn create(&mut self, request: CreateCollection) -> Result<(), Error> {
        let name = request.collection_name.clone();
        check_name(&name)?;
        if self.collections.contains_key(&name) {
            return Err(Error::AlreadyExists(format!("Collection `{name}` already exists!")));
        }
        self.collections.insert(name, Collection::create(request, self.engine)?);
        Ok(())
    }

    /// Removes a collection; whether there was one.
    pub(super) fn remove(&mut self, name: &str) -> bool {
        self.collections.remove(name).is_some()
    }

    /// Whether there is a collection called `name`.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.collections.contains_key(name)
    }

    /// The names of all collections, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.collections.keys().map(String::as_str)
    }
}

/// Qdrant's rules for the names of collections, which are names of folders there.
fn check_name(name: &str) -> Result<(), Error> {
    const LONGEST: usize = 255;
    const FORBIDDEN: &[char] = &['<', '>', ':', '"', '/', '\\', '|', '?', '*', '\0', '\u{1F}'];
    let refuse = |why: String| Err(Error::Malformed(format!("Validation error in body: [collection_name: {why}]")));
    if !(1..=LONGEST).contains(&name.len()) {
        return refuse(format!("collection name must be from 1 to {LONGEST} bytes long"));
    }
    match name.chars().find(|character| FORBIDDEN.contains(character)) {
        Some(character) => refuse(format!("collection name cannot contain \"{character}\" char")),
        None => Ok(()),
    }
}
