//! Exact nearest-neighbour search: every point is compared.

use super::collection::{Collection, Point};
use super::filter::Filter;
use super::id::Id;

/// A point and how near it is.
pub(super) struct Hit<'a> {
    pub(super) id: Id,
    pub(super) score: f32,
    pub(super) point: &'a Point,
}

/// What to look for.
pub(super) struct Nearest<'a> {
    /// Prepared for the collection's distance.
    pub(super) vector: &'a [f32],
    pub(super) filter: &'a Filter,
    /// The point asked about, if it was named by id: it is not its own neighbour.
    pub(super) except: Option<Id>,
    pub(super) threshold: Option<f32>,
    pub(super) offset: usize,
    pub(super) limit: usize,
}

/// The nearest points, best first; equal scores in the order of their ids.
pub(super) fn nearest<'a>(collection: &'a Collection, wanted: &Nearest<'_>) -> Vec<Hit<'a>> {
    let distance = collection.distance;
    let better = |a: &Hit<'_>, b: &Hit<'_>| distance.order(a.score, b.score).then(a.id.cmp(&b.id));
    let mut hits: Vec<Hit<'a>> = collection
        .points
        .iter()
        .filter(|(id, point)| wanted.except != Some(**id) && wanted.filter.passes(**id, &point.payload))
        .map(|(id, point)| Hit { id: *id, score: distance.score(wanted.vector, &point.vector), point })
        .filter(|hit| wanted.threshold.is_none_or(|threshold| distance.passes(hit.score, threshold)))
        .collect();

    // Ordering only what is asked for keeps a query linear in the points.
    let end = wanted.offset.saturating_add(wanted.limit);
    if end < hits.len() {
        hits.select_nth_unstable_by(end, better);
        hits.truncate(end);
    }
    hits.sort_unstable_by(better);
    hits.drain(..wanted.offset.min(hits.len()));
    hits
}
