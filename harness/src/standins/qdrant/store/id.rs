//! Point ids.

use qdrant_client::qdrant::PointId;
use qdrant_client::qdrant::point_id::PointIdOptions;
use uuid::Uuid;

use super::Error;

/// A point's id, ordered as Qdrant orders them: numbers first, then UUIDs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Id {
    Number(u64),
    Uuid(Uuid),
}

impl Id {
    /// Reads an id a request must have.
    pub(super) fn read(id: Option<&PointId>) -> Result<Self, Error> {
        match id.and_then(|id| id.point_id_options.as_ref()) {
            Some(PointIdOptions::Num(number)) => Ok(Self::Number(*number)),
            Some(PointIdOptions::Uuid(text)) => Uuid::parse_str(text)
                .map(Self::Uuid)
                .map_err(|_| Error::Malformed(format!("Unable to parse UUID: {text}"))),
            None => Err(Error::Malformed("No ID options provided".to_owned())),
        }
    }
}

impl From<Id> for PointId {
    fn from(id: Id) -> Self {
        let option = match id {
            Id::Number(number) => PointIdOptions::Num(number),
            Id::Uuid(uuid) => PointIdOptions::Uuid(uuid.to_string()),
        };
        Self { point_id_options: Some(option) }
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Uuid(uuid) => uuid.fmt(f),
        }
    }
}
