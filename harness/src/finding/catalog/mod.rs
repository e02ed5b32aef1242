//! Every finding id: what it means, why it matters, an example, what to do.
//!
//! `docs/FINDINGS.md` and `otelgate explain` are made from these entries. To
//! add an id, add an entry where it belongs in the order of telling: causes
//! before their consequences.

mod alerts;
mod arrival;
mod attributes;
mod dashboards;
mod logs;
mod metrics;
mod nothing;
mod panels;
mod relations;
mod run;
mod spans;
mod traces;

/// One documented finding id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The id: `span.missing`.
    pub id: &'static str,
    /// What is wrong, as a short phrase.
    pub title: &'static str,
    /// What it means, and why it matters to somebody who runs the service.
    pub meaning: &'static str,
    /// A short example of what leads to it.
    pub example: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// Ids that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// What they are about, as a heading.
    pub title: &'static str,
    /// The ids, causes before their consequences.
    pub entries: &'static [Entry],
}

/// The groups, in the order of telling.
pub const GROUPS: &[Group] = &[
    Group { title: "The run", entries: run::ENTRIES },
    Group { title: "Traces", entries: traces::ENTRIES },
    Group { title: "Spans", entries: spans::ENTRIES },
    Group { title: "Attributes, events, links, propagation, resource", entries: attributes::ENTRIES },
    Group { title: "Metrics", entries: metrics::ENTRIES },
    Group { title: "Logs", entries: logs::ENTRIES },
    Group { title: "Arrival in the back ends", entries: arrival::ENTRIES },
    // A panel without data follows from a metric that is not there.
    Group { title: "Panels", entries: panels::ENTRIES },
    Group { title: "Dashboards, variables, rules", entries: dashboards::ENTRIES },
    // Numbers go wrong when anything else does: what that is comes first.
    Group { title: "Relations", entries: relations::ENTRIES },
    Group { title: "Alerts on trial", entries: alerts::ENTRIES },
    Group { title: "Nothing to look at", entries: nothing::ENTRIES },
];

const COUNT: usize = {
    let mut count = 0;
    let mut group = 0;
    while group < GROUPS.len() {
        count += GROUPS[group].entries.len();
        group += 1;
    }
    count
};

/// All finding ids, causes before their consequences: findings are reported in this order.
pub const CATALOG: &[Entry] = &{
    let mut all = [run::ENTRIES[0]; COUNT];
    let mut count = 0;
    let mut group = 0;
    while group < GROUPS.len() {
        let mut at = 0;
        while at < GROUPS[group].entries.len() {
            all[count] = GROUPS[group].entries[at];
            count += 1;
            at += 1;
        }
        group += 1;
    }
    all
};

/// The entry for `id`.
#[must_use]
pub fn entry(id: &str) -> Option<&'static Entry> {
    CATALOG.iter().find(|entry| entry.id == id)
}
