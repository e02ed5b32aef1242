//! What a service answered, and whether two services answered the same.

use bytes::Bytes;
use http::StatusCode;
use serde_json::Value as Json;

/// An answer, read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub body: Bytes,
}

/// Whether two bodies are the same, but for what the JSON pointers `volatile` lead to.
#[must_use]
pub fn same_but_for(volatile: &[String], one: &[u8], other: &[u8]) -> bool {
    if one == other {
        return true;
    }
    if volatile.is_empty() {
        return false;
    }
    let read = |body: &[u8]| serde_json::from_slice::<Json>(body).ok();
    let (Some(mut one), Some(mut other)) = (read(one), read(other)) else { return false };
    for pointer in volatile {
        for body in [&mut one, &mut other] {
            if let Some(value) = body.pointer_mut(pointer) {
                *value = Json::Null;
            }
        }
    }
    one == other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_seen_unless_it_is_volatile() {
        let (one, other) = (br#"{"answer": "a", "took": 1}"#, br#"{"answer": "a", "took": 2}"#);

        assert!(!same_but_for(&[], one, other));
        assert!(same_but_for(&["/took".to_owned()], one, other));
        assert!(!same_but_for(&["/answer".to_owned()], one, other));
    }

    #[test]
    fn a_volatile_value_that_only_one_has_is_a_difference() {
        assert!(!same_but_for(&["/took".to_owned()], br#"{"took": 1}"#, b"{}"));
    }

    #[test]
    fn bodies_that_are_no_json_are_compared_as_they_stand() {
        assert!(same_but_for(&["/took".to_owned()], b"data: 1", b"data: 1"));
        assert!(!same_but_for(&["/took".to_owned()], b"data: 1", b"data: 2"));
    }
}
