//! Every finding id, what it means and what to do.

/// One documented finding id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The id: `span.missing`.
    pub id: &'static str,
    /// How telling it is: findings are reported in the order of this list, causes before their consequences.
    pub title: &'static str,
    /// What it means, and why it matters to somebody who runs the service.
    pub meaning: &'static str,
    /// A short example of what leads to it.
    pub example: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// All finding ids, causes before their consequences.
pub const CATALOG: &[Entry] = &[];

/// The entry for `id`.
#[must_use]
pub fn entry(id: &str) -> Option<&'static Entry> {
    CATALOG.iter().find(|entry| entry.id == id)
}
