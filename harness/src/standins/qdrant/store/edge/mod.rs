//! Qdrant's own engine behind the stand-in's API.
//!
//! It learns every point and decides which points an answer holds, in which order and with which score. The answer is
//! then written from the collection's own copy of them, as it is for the exact search.

mod filter;
mod payload;

use qdrant_edge::external::ordered_float::OrderedFloat;
use qdrant_edge::external::uuid::Uuid;
use qdrant_edge::{
    CountRequest, DEFAULT_VECTOR_NAME, EdgeConfigBuilder, EdgeShard, EdgeVectorParamsBuilder, NamedQuery, PointId,
    PointInsertOperations, PointOperations, PointStructPersisted, QueryEnum, QueryRequest, ScoringQuery, ScrollRequest,
    SearchParams, UpdateOperation, VectorInternal, VectorStructPersisted, WalOptions, WithPayloadInterface, WithVector,
};
use tempfile::TempDir;

use super::Error;
use super::collection::Point;
use super::distance::Distance;
use super::engine::{Find, Points};
use super::filter::Filter;
use super::id::Id;
use super::search::{Hit, Nearest};

/// A collection in Qdrant's engine.
#[derive(Debug)]
pub(super) struct Edge {
    // Dropped before the folder it writes into.
    shard: EdgeShard,
    _folder: TempDir,
    distance: Distance,
}

impl Edge {
    /// Starts an engine without points.
    pub(super) fn start(size: usize, distance: Distance) -> Result<Self, Error> {
        /// A log of 32 MiB, the default, is for data that must outlive the process.
        const LOG_BYTES: usize = 1 << 20;
        let folder = tempfile::tempdir().map_err(|error| Error::Internal(format!("no temporary folder: {error}")))?;
        let vectors = EdgeVectorParamsBuilder::new(size, metric(distance)).build();
        let log = WalOptions { segment_capacity: LOG_BYTES, ..WalOptions::default() };
        let config = EdgeConfigBuilder::new().vector(DEFAULT_VECTOR_NAME, vectors).wal_options(log).build();
        Ok(Self { shard: EdgeShard::new(folder.path(), config).map_err(internal)?, _folder: folder, distance })
    }

    fn update(&self, operation: PointOperations) -> Result<(), Error> {
        self.shard.update(UpdateOperation::PointOperation(operation)).map_err(internal)
    }
}

impl Find for Edge {
    fn put(&mut self, points: &Points, ids: &[Id]) -> Result<(), Error> {
        let changed = ids.iter().filter_map(|id| Some(persisted(*id, points.get(id)?))).collect();
        self.update(PointOperations::UpsertPoints(PointInsertOperations::PointsList(changed)))
    }

    fn forget(&mut self, ids: &[Id]) -> Result<(), Error> {
        self.update(PointOperations::DeletePoints { ids: ids.iter().copied().map(outer).collect() })
    }

    fn filtered<'a>(&self, points: &'a Points, filter: &Filter) -> Result<Vec<(Id, &'a Point)>, Error> {
        let filter = filter::read(filter)?;
        let count = self.shard.count(CountRequest { filter: filter.clone(), exact: true }).map_err(internal)?;
        if count == 0 {
            return Ok(Vec::new());
        }
        let request = ScrollRequest {
            offset: None,
            limit: Some(count),
            filter,
            with_payload: Some(WithPayloadInterface::Bool(false)),
            with_vector: WithVector::Bool(false),
            order_by: None,
        };
        let (found, _) = self.shard.scroll(request).map_err(internal)?;
        Ok(found.into_iter().filter_map(|record| with_point(points, record.id)).collect())
    }

    fn nearest<'a>(&self, points: &'a Points, wanted: &Nearest<'_>) -> Result<Vec<Hit<'a>>, Error> {
        // One more for the point asked about, and never more than there are: the engine makes room for all of them.
        let last = wanted.offset.saturating_add(wanted.limit).saturating_add(1).min(points.len());
        if last == 0 {
            return Ok(Vec::new());
        }
        let vector = VectorInternal::from(wanted.vector.to_vec());
        let request = QueryRequest {
            prefetches: Vec::new(),
            query: Some(ScoringQuery::Vector(QueryEnum::Nearest(NamedQuery { query: vector, using: None }))),
            filter: filter::read(wanted.filter)?,
            score_threshold: wanted.threshold.map(OrderedFloat),
            limit: last,
            offset: 0,
            params: Some(SearchParams { exact: true, ..SearchParams::default() }),
            with_vector: WithVector::Bool(false),
            with_payload: WithPayloadInterface::Bool(false),
        };
        let found = self.shard.query(request).map_err(internal)?;
        let hit = |found: qdrant_edge::ScoredPoint| {
            let (id, point) = with_point(points, found.id)?;
            Some(Hit { id, score: found.score, point })
        };
        let others = found.into_iter().filter_map(hit).filter(|hit| wanted.except != Some(hit.id));
        let mut hits: Vec<_> = others.collect();
        // The engine leaves open which of two equal scores comes first; an answer that is always the same does not.
        hits.sort_by(|a, b| self.distance.order(a.score, b.score).then(a.id.cmp(&b.id)));
        Ok(hits.into_iter().skip(wanted.offset).take(wanted.limit).collect())
    }
}

fn metric(distance: Distance) -> qdrant_edge::Distance {
    match distance {
        Distance::Cosine => qdrant_edge::Distance::Cosine,
        Distance::Dot => qdrant_edge::Distance::Dot,
        Distance::Euclid => qdrant_edge::Distance::Euclid,
        Distance::Manhattan => qdrant_edge::Distance::Manhattan,
    }
}

fn persisted(id: Id, point: &Point) -> PointStructPersisted {
    PointStructPersisted {
        id: outer(id),
        vector: VectorStructPersisted::Single(point.vector.clone()),
        payload: Some(qdrant_edge::Payload(payload::object(&point.payload))),
    }
}

fn outer(id: Id) -> PointId {
    match id {
        Id::Number(number) => PointId::NumId(number),
        Id::Uuid(uuid) => PointId::Uuid(Uuid::from_u128(uuid.as_u128())),
    }
}

/// The collection's point of that id. The two never differ in what points there are.
fn with_point(points: &Points, id: PointId) -> Option<(Id, &Point)> {
    let id = match id {
        PointId::NumId(number) => Id::Number(number),
        PointId::Uuid(uuid) => Id::Uuid(uuid::Uuid::from_u128(uuid.as_u128())),
    };
    Some((id, points.get(&id)?))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn internal(error: qdrant_edge::OperationError) -> Error {
    Error::Internal(error.to_string())
}
