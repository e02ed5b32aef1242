//! Which parts of a point go into an answer.

use std::collections::HashSet;

use qdrant_client::qdrant::with_payload_selector::SelectorOptions as PayloadOptions;
use qdrant_client::qdrant::with_vectors_selector::SelectorOptions as VectorOptions;
use qdrant_client::qdrant::{
    VectorOutput, VectorsOutput, WithPayloadSelector, WithVectorsSelector, vectors_output::VectorsOptions,
};

use super::Error;
use super::collection::Point;
use super::path::{Object, Path};

/// What of a point is asked for.
#[derive(Debug)]
pub(super) struct Select {
    payload: Payload,
    vector: bool,
}

#[derive(Debug)]
enum Payload {
    All,
    None,
    Only(HashSet<String>),
    AllBut(HashSet<String>),
}

impl Select {
    /// Reads the selectors of a request. Without a payload selector the request's default holds, which differs:
    /// scroll and get send payloads, query and search do not.
    pub(super) fn read(
        payload: Option<WithPayloadSelector>,
        payload_by_default: bool,
        vectors: Option<WithVectorsSelector>,
    ) -> Result<Self, Error> {
        let payload = match payload.and_then(|selector| selector.selector_options) {
            None if payload_by_default => Payload::All,
            Some(PayloadOptions::Enable(true)) => Payload::All,
            None | Some(PayloadOptions::Enable(false)) => Payload::None,
            Some(PayloadOptions::Include(include)) => Payload::Only(top_level_keys(&include.fields)?),
            Some(PayloadOptions::Exclude(exclude)) => Payload::AllBut(top_level_keys(&exclude.fields)?),
        };
        let vector = match vectors.and_then(|selector| selector.selector_options) {
            None | Some(VectorOptions::Enable(false)) => false,
            Some(VectorOptions::Enable(true)) => true,
            Some(VectorOptions::Include(named)) => match named.names.iter().find(|name| !name.is_empty()) {
                Some(name) => return Err(Error::no_vector(name)),
                None => !named.names.is_empty(),
            },
        };
        Ok(Self { payload, vector })
    }

    /// The asked-for part of the payload.
    pub(super) fn payload(&self, point: &Point) -> Object {
        let part = |keep: &dyn Fn(&String) -> bool| {
            point.payload.iter().filter(|(key, _)| keep(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        match &self.payload {
            Payload::All => point.payload.clone(),
            Payload::None => Object::new(),
            Payload::Only(keys) => part(&|key| keys.contains(key)),
            Payload::AllBut(keys) => part(&|key| !keys.contains(key)),
        }
    }

    /// The vector, if asked for.
    pub(super) fn vectors(&self, point: &Point) -> Option<VectorsOutput> {
        self.vector.then(|| {
            // Clients of every age read this field, and Qdrant still fills it.
            #[expect(deprecated, reason = "the field every version of the clients reads")]
            let vector = VectorOutput { data: point.vector.clone(), indices: None, vectors_count: None, vector: None };
            VectorsOutput { vectors_options: Some(VectorsOptions::Vector(vector)) }
        })
    }
}

fn top_level_keys(fields: &[String]) -> Result<HashSet<String>, Error> {
    fields
        .iter()
        .map(|field| Path::parse(field)?.top_level().ok_or(Error::Unsupported("payload selectors below the top level")))
        .collect()
}
