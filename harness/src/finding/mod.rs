//! What a check says, and the verdict over everything said.

mod catalog;
mod model;
mod verdict;
mod waiver;

pub use catalog::{CATALOG, Entry, GROUPS, Group, entry};
pub use model::{Finding, Level, Place, Signal};
pub use verdict::{Outcome, Tally, Verdict};
pub use waiver::{Waiver, apply};
