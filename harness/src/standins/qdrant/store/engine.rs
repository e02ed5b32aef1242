//! What finds points: everything about a collection that can be answered by more than one program.

use std::collections::BTreeMap;
use std::fmt;

use super::Error;
use super::collection::Point;
use super::filter::Filter;
use super::id::Id;
use super::search::{Hit, Nearest};

/// The points of a collection, in the order of their ids.
pub(super) type Points = BTreeMap<Id, Point>;

/// Finds points by filter and by vector. The points themselves, from which answers are written, are the collection's.
pub(super) trait Find: fmt::Debug + Send + Sync {
    /// Learns points that are new or have changed.
    fn put(&mut self, points: &Points, ids: &[Id]) -> Result<(), Error>;

    /// Forgets points.
    fn forget(&mut self, ids: &[Id]) -> Result<(), Error>;

    /// All points that pass, in the order of their ids.
    fn filtered<'a>(&self, points: &'a Points, filter: &Filter) -> Result<Vec<(Id, &'a Point)>, Error>;

    /// The nearest points, best first.
    fn nearest<'a>(&self, points: &'a Points, wanted: &Nearest<'_>) -> Result<Vec<Hit<'a>>, Error>;
}
