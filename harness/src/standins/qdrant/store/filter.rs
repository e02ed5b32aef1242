//! Payload filters: read once, then asked of every point.

use std::collections::HashSet;

use qdrant_client::qdrant;
use qdrant_client::qdrant::condition::ConditionOneOf;
use qdrant_client::qdrant::value::Kind;

use super::Error;
use super::condition::{self, Field};
use super::error::refuse;
use super::id::Id;
use super::path::{Object, Path};

/// A filter. The empty one lets everything pass.
#[derive(Debug, Default)]
pub(super) struct Filter {
    must: Vec<Condition>,
    must_not: Vec<Condition>,
    should: Vec<Condition>,
    min_should: Option<(Vec<Condition>, usize)>,
    /// The same as it was asked, for Qdrant's engine; none inside another filter.
    #[cfg(feature = "qdrant-edge")]
    pub(super) asked: Option<qdrant::Filter>,
}

#[derive(Debug)]
enum Condition {
    Field(Field),
    IsEmpty(Path),
    IsNull(Path),
    HasId(HashSet<Id>),
    Nested(Path, Filter),
    Filter(Filter),
}

impl Filter {
    /// Reads the filter of a request.
    pub(super) fn read(filter: Option<qdrant::Filter>) -> Result<Self, Error> {
        let Some(filter) = filter else { return Ok(Self::default()) };
        #[cfg(feature = "qdrant-edge")]
        let asked = Some(filter.clone());
        let filter = read(filter, Place::Point)?;
        #[cfg(feature = "qdrant-edge")]
        let filter = Self { asked, ..filter };
        Ok(filter)
    }

    /// Whether the point with this id and payload passes.
    pub(super) fn passes(&self, id: Id, payload: &Object) -> bool {
        let holds = |condition: &&Condition| condition.holds(id, payload);
        (self.should.is_empty() || self.should.iter().any(|condition| holds(&condition)))
            && self.must.iter().all(|condition| holds(&condition))
            && !self.must_not.iter().any(|condition| holds(&condition))
            && self
                .min_should
                .as_ref()
                .is_none_or(|(conditions, least)| conditions.iter().filter(holds).take(*least).count() == *least)
    }
}

/// Where a filter stands: what is known of a point is not known of an object inside its payload.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Point,
    Nested,
}

fn read(filter: qdrant::Filter, place: Place) -> Result<Filter, Error> {
    let all = |conditions: Vec<qdrant::Condition>| {
        conditions.into_iter().map(|condition| read_condition(condition, place)).collect::<Result<Vec<_>, _>>()
    };
    let min_should = match filter.min_should {
        Some(least) => Some((all(least.conditions)?, usize::try_from(least.min_count).unwrap_or(usize::MAX))),
        None => None,
    };
    Ok(Filter {
        must: all(filter.must)?,
        must_not: all(filter.must_not)?,
        should: all(filter.should)?,
        min_should,
        #[cfg(feature = "qdrant-edge")]
        asked: None,
    })
}

fn read_condition(condition: qdrant::Condition, place: Place) -> Result<Condition, Error> {
    match condition.condition_one_of {
        Some(ConditionOneOf::Field(field)) => Field::read(field).map(Condition::Field),
        Some(ConditionOneOf::IsEmpty(empty)) => Path::parse(&empty.key).map(Condition::IsEmpty),
        Some(ConditionOneOf::IsNull(null)) => Path::parse(&null.key).map(Condition::IsNull),
        Some(ConditionOneOf::Filter(filter)) => read(filter, place).map(Condition::Filter),
        Some(ConditionOneOf::Nested(nested)) => {
            let path = Path::parse(&nested.key)?.each();
            let filter = nested.filter.ok_or_else(|| Error::Malformed("Malformed Nested condition".to_owned()))?;
            Ok(Condition::Nested(path, read(filter, Place::Nested)?))
        }
        Some(ConditionOneOf::HasId(ids)) => {
            refuse(place == Place::Nested, "has_id in a nested filter")?;
            ids.has_id.iter().map(|id| Id::read(Some(id))).collect::<Result<_, _>>().map(Condition::HasId)
        }
        Some(ConditionOneOf::HasVector(_)) => Err(Error::Unsupported("has_vector conditions")),
        Some(ConditionOneOf::Slice(_)) => Err(Error::Unsupported("slice conditions")),
        None => Err(Error::Malformed("Malformed Condition type".to_owned())),
    }
}

impl Condition {
    fn holds(&self, id: Id, payload: &Object) -> bool {
        match self {
            Self::Field(field) => field.holds(payload),
            Self::IsEmpty(path) => path.values(payload).iter().all(|value| condition::is_empty(value.kind.as_ref())),
            Self::IsNull(path) => path.values(payload).iter().any(|value| condition::is_null(value.kind.as_ref())),
            Self::HasId(ids) => ids.contains(&id),
            Self::Nested(path, filter) => path.values(payload).iter().any(
                |value| matches!(&value.kind, Some(Kind::StructValue(object)) if filter.passes(id, &object.fields)),
            ),
            Self::Filter(filter) => filter.passes(id, payload),
        }
    }
}
