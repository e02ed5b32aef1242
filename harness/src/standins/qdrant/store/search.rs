//! Exact nearest-neighbour search: every point is compared.

use super::Error;
use super::collection::Point;
use super::distance::Distance;
use super::engine::{Find, Points};
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

/// Compares with every point. Knows nothing of its own of the points, so it has nothing to learn or forget.
#[derive(Debug)]
pub(super) struct Exact(pub(super) Distance);

impl Find for Exact {
    fn put(&mut self, _: &Points, _: &[Id]) -> Result<(), Error> {
        Ok(())
    }

    fn forget(&mut self, _: &[Id]) -> Result<(), Error> {
        Ok(())
    }

    fn filtered<'a>(&self, points: &'a Points, filter: &Filter) -> Result<Vec<(Id, &'a Point)>, Error> {
        let all = points.iter().map(|(id, point)| (*id, point));
        Ok(all.filter(|(id, point)| filter.passes(*id, &point.payload)).collect())
    }

    fn nearest<'a>(&self, points: &'a Points, wanted: &Nearest<'_>) -> Result<Vec<Hit<'a>>, Error> {
        Ok(nearest(self.0, points, wanted))
    }
}

/// The nearest points, best first; equal scores in the order of their ids.
fn nearest<'a>(distance: Distance, points: &'a Points, wanted: &Nearest<'_>) -> Vec<Hit<'a>> {
    let better = |a: &Hit<'_>, b: &Hit<'_>| distance.order(a.score, b.score).then(a.id.cmp(&b.id));
    let mut hits: Vec<Hit<'a>> = points
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
