//! What can be asked of a collection.

use qdrant_client::qdrant::query::Variant as Query;
use qdrant_client::qdrant::vector_input::Variant as Input;
use qdrant_client::qdrant::{
    CountPoints, GetPoints, PointId, QueryPoints, RetrievedPoint, ScoredPoint, ScrollPoints, SearchParams,
    SearchPoints, VectorInput,
};

use super::Error;
use super::collection::{Collection, Point};
use super::error::refuse;
use super::filter::Filter;
use super::id::Id;
use super::search::Nearest;
use super::select::Select;

/// How many points a query or a scroll gives if it does not say.
const DEFAULT_LIMIT: usize = 10;

impl Collection {
    /// `Points/Query`: nearest by vector or by id, or without a query simply the filtered points.
    pub(in crate::standins::qdrant) fn query(&self, request: QueryPoints) -> Result<Vec<ScoredPoint>, Error> {
        refuse(!request.prefetch.is_empty(), "prefetch")?;
        refuse(request.lookup_from.is_some(), "lookup_from")?;
        refuse(request.shard_key_selector.is_some(), "shard keys")?;
        check_params(request.params.as_ref())?;
        check_vector_name(request.using.as_deref())?;
        let filter = Filter::read(request.filter)?;
        let select = Select::read(request.with_payload, false, request.with_vectors)?;
        let (offset, limit) = window(request.offset, request.limit)?;

        let Some(query) = request.query.and_then(|query| query.variant) else {
            let listed = self.filtered(&filter)?.into_iter().skip(offset).take(limit);
            return Ok(listed.map(|(id, point)| scored(id, 0.0, point, &select)).collect());
        };
        let (vector, except) = self.resolve(query)?;
        let wanted =
            Nearest { vector: &vector, filter: &filter, except, threshold: request.score_threshold, offset, limit };
        self.nearest(&wanted, &select)
    }

    /// `Points/Search`: the older way to ask for the nearest points.
    pub(in crate::standins::qdrant) fn search(&self, request: SearchPoints) -> Result<Vec<ScoredPoint>, Error> {
        refuse(request.sparse_indices.is_some(), "sparse vectors")?;
        refuse(request.shard_key_selector.is_some(), "shard keys")?;
        check_params(request.params.as_ref())?;
        check_vector_name(request.vector_name.as_deref())?;
        let filter = Filter::read(request.filter)?;
        let select = Select::read(request.with_payload, false, request.with_vectors)?;
        let (offset, limit) = window(request.offset, Some(request.limit))?;
        let vector = self.prepare(request.vector)?;

        let threshold = request.score_threshold;
        let wanted = Nearest { vector: &vector, filter: &filter, except: None, threshold, offset, limit };
        self.nearest(&wanted, &select)
    }

    /// `Points/Scroll`: the filtered points in the order of their ids, and where the next page starts.
    pub(in crate::standins::qdrant) fn scroll(
        &self,
        request: ScrollPoints,
    ) -> Result<(Vec<RetrievedPoint>, Option<PointId>), Error> {
        refuse(request.order_by.is_some(), "order_by")?;
        refuse(request.shard_key_selector.is_some(), "shard keys")?;
        let filter = Filter::read(request.filter)?;
        let select = Select::read(request.with_payload, true, request.with_vectors)?;
        let (_, limit) = window(None, request.limit.map(u64::from))?;
        let from = request.offset.map(|id| Id::read(Some(&id))).transpose()?;

        let mut listed = self.filtered(&filter)?.into_iter().skip_while(|(id, _)| from.is_some_and(|from| *id < from));
        let page = listed.by_ref().take(limit).map(|(id, point)| retrieved(id, point, &select)).collect();
        Ok((page, listed.next().map(|(id, _)| id.into())))
    }

    /// `Points/Count`: always exact.
    pub(in crate::standins::qdrant) fn count(&self, request: CountPoints) -> Result<u64, Error> {
        refuse(request.shard_key_selector.is_some(), "shard keys")?;
        let filter = Filter::read(request.filter)?;
        Ok(self.filtered(&filter)?.len() as u64)
    }

    /// `Points/Get`: the points with these ids that exist, in the order asked for.
    pub(in crate::standins::qdrant) fn retrieve(&self, request: GetPoints) -> Result<Vec<RetrievedPoint>, Error> {
        refuse(request.shard_key_selector.is_some(), "shard keys")?;
        let select = Select::read(request.with_payload, true, request.with_vectors)?;
        let ids = request.ids.iter().map(|id| Id::read(Some(id))).collect::<Result<Vec<_>, _>>()?;
        Ok(ids.into_iter().filter_map(|id| Some(retrieved(id, self.points.get(&id)?, &select))).collect())
    }

    /// The vector as this collection compares it.
    pub(super) fn prepare(&self, vector: Vec<f32>) -> Result<Vec<f32>, Error> {
        if vector.len() == self.size {
            return Ok(self.distance.prepare(vector));
        }
        let (expected, got) = (self.size, vector.len());
        Err(Error::BadInput(format!("Vector dimension error: expected dim: {expected}, got {got}")))
    }

    /// All points that pass, in the order of their ids.
    pub(super) fn filtered(&self, filter: &Filter) -> Result<Vec<(Id, &Point)>, Error> {
        self.engine.filtered(&self.points, filter)
    }

    fn nearest(&self, wanted: &Nearest<'_>, select: &Select) -> Result<Vec<ScoredPoint>, Error> {
        let hits = self.engine.nearest(&self.points, wanted)?;
        Ok(hits.into_iter().map(|hit| scored(hit.id, hit.score, hit.point, select)).collect())
    }

    /// The vector to search with, and the point it was taken from.
    fn resolve(&self, query: Query) -> Result<(Vec<f32>, Option<Id>), Error> {
        match query {
            Query::Nearest(VectorInput { variant: Some(Input::Dense(dense)) }) => Ok((self.prepare(dense.data)?, None)),
            Query::Nearest(VectorInput { variant: Some(Input::Id(id)) }) => {
                let id = Id::read(Some(&id))?;
                let point = self.points.get(&id).ok_or_else(|| Error::no_point(id))?;
                Ok((point.vector.clone(), Some(id)))
            }
            Query::Nearest(VectorInput { variant: None }) => Err(Error::Malformed("Malformed vector input".to_owned())),
            Query::Nearest(_) => Err(Error::Unsupported("queries by anything but a dense vector or a point id")),
            _ => Err(Error::Unsupported("queries other than nearest")),
        }
    }
}

/// Offset and limit of a request. A limit of 0 is refused, as Qdrant's validation does.
fn window(offset: Option<u64>, limit: Option<u64>) -> Result<(usize, usize), Error> {
    let whole = |number| usize::try_from(number).unwrap_or(usize::MAX);
    match limit {
        Some(0) => {
            Err(Error::Malformed("Validation error in body: [limit: value 0 invalid, must be 1 or larger]".into()))
        }
        limit => Ok((offset.map_or(0, whole), limit.map_or(DEFAULT_LIMIT, whole))),
    }
}

/// Parameters that only trade exactness for speed have no effect; the rest would change the answer.
fn check_params(params: Option<&SearchParams>) -> Result<(), Error> {
    refuse(params.is_some_and(|params| params.indexed_only == Some(true)), "indexed_only")?;
    refuse(params.is_some_and(|params| params.idf.is_some()), "idf")
}

/// Only the default vector exists, and its name is the empty one.
fn check_vector_name(name: Option<&str>) -> Result<(), Error> {
    name.filter(|name| !name.is_empty()).map_or(Ok(()), |name| Err(Error::no_vector(name)))
}

fn scored(id: Id, score: f32, point: &Point, select: &Select) -> ScoredPoint {
    ScoredPoint {
        id: Some(id.into()),
        payload: select.payload(point),
        score,
        version: point.version,
        vectors: select.vectors(point),
        shard_key: None,
        order_value: None,
    }
}

fn retrieved(id: Id, point: &Point, select: &Select) -> RetrievedPoint {
    RetrievedPoint {
        id: Some(id.into()),
        payload: select.payload(point),
        vectors: select.vectors(point),
        shard_key: None,
        order_value: None,
    }
}
