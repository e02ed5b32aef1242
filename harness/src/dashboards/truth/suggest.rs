//! The names nearest to one that is not there.

use super::Truth;
use crate::checks::text::nearest;

/// Suffixes that are forgotten, added or confused most often.
const SUFFIXES: &[&str] = &[
    "_total",
    "_bucket",
    "_sum",
    "_count",
    "_seconds",
    "_milliseconds",
    "_bytes",
    "_ratio",
    "_info",
    "_seconds_bucket",
    "_seconds_sum",
    "_seconds_count",
    "_seconds_total",
    "_bytes_total",
    "_milliseconds_bucket",
    "_created",
];

impl Truth {
    /// The names most like `name`, best first, three at most.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let stems = std::iter::once(name).chain(SUFFIXES.iter().filter_map(|suffix| name.strip_suffix(suffix)));
        for stem in stems {
            let candidates = std::iter::once(stem.to_owned()).chain(SUFFIXES.iter().map(|it| format!("{stem}{it}")));
            // Only a name of the same part helps: a bucket for a bucket, where there is one.
            found.extend(candidates.filter(|candidate| self.metric(candidate).is_some()));
        }
        let part = ["_bucket", "_sum", "_count"].into_iter().find(|suffix| name.ends_with(suffix));
        found.sort_by_key(|candidate| part.is_some_and(|part| !candidate.ends_with(part)));
        for candidate in nearest(name, self.names()) {
            found.push(candidate.to_owned());
        }
        let mut unique: Vec<String> = Vec::new();
        for candidate in found {
            if !unique.contains(&candidate) {
                unique.push(candidate);
            }
        }
        unique.truncate(3);
        unique
    }
}
