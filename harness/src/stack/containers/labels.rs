//! What marks everything of one run in the engine.

use std::collections::HashMap;

/// Key of the label whose value is the run's id.
const RUN: &str = "otelgate.run";

/// Key of the label of an image that says whether it holds the product or a stand-in.
pub(super) const KIND: &str = "otelgate.kind";

/// The label of a run, as `KEY=VALUE`.
pub(super) fn of(run: &str) -> String {
    format!("{RUN}={run}")
}

/// The label of a run, as a map.
pub(super) fn map(run: &str) -> HashMap<String, String> {
    HashMap::from([(RUN.to_owned(), run.to_owned())])
}

/// A filter for what has the label of a run.
pub(super) fn filter(run: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![of(run)])])
}

/// The name of a run's network.
pub(super) fn network(run: &str) -> String {
    format!("otelgate-{run}")
}
