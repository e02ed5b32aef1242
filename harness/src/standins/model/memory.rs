//! Answers given before, for load: looked up by everything they depend on.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

/// Enough for the distinct requests of a load scenario; later ones are answered anew.
const MOST: usize = 10_000;

/// A request, as far as its answer depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) authorization: Option<HeaderValue>,
    pub(super) body: Bytes,
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Good answers, by their questions.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<HashMap<Question, Answer>>);

impl Memory {
    /// The answer given before.
    pub(super) fn recall(&self, question: &Question) -> Option<Answer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(question).cloned()
    }

    /// Keeps a good answer.
    pub(super) fn keep(&self, question: Question, answer: &Answer) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answer.status.is_success() && answers.len() < MOST {
            answers.insert(question, answer.clone());
        }
    }
}
