//! Just enough of the dependencies, on real sockets.

pub(crate) mod model;
pub(crate) mod qdrant;
pub(crate) mod redis;

use std::sync::{Arc, Mutex};

/// What a fake does with the next calls of a kind, one after the other, and with all others: its work.
pub(crate) struct Script<B>(Arc<Mutex<Vec<B>>>);

impl<B> Clone for Script<B> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<B> Default for Script<B> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<B> Script<B> {
    pub(crate) fn then(&self, behaviour: B) -> &Self {
        self.0.lock().unwrap().push(behaviour);
        self
    }

    pub(crate) fn next(&self) -> Option<B> {
        let mut behaviours = self.0.lock().unwrap();
        if behaviours.is_empty() { None } else { Some(behaviours.remove(0)) }
    }
}

/// The headers or metadata a fake was sent, by call.
pub(crate) type Received = Arc<Mutex<Vec<http::HeaderMap>>>;

pub(crate) fn header(received: &Received, name: &str) -> Vec<Option<String>> {
    let calls = received.lock().unwrap();
    calls.iter().map(|headers| headers.get(name).map(|value| value.to_str().unwrap().to_owned())).collect()
}
