//! `run.json`.

use serde::{Deserialize, Serialize};

use crate::capture::{Capture, Run};

/// What `run.json` calls its format.
pub(super) const FORMAT: &str = "otelgate-capture";
/// The version of the folder's layout.
pub(super) const VERSION: u64 = 1;

/// What `run.json` holds beside the run.
#[derive(Serialize)]
pub(super) struct Header<'a> {
    format: &'static str,
    version: u64,
    counts: Counts,
    #[serde(flatten)]
    run: &'a Run,
}

/// How much the folder holds, so that a lost line is noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counts {
    pub(super) spans: usize,
    pub(super) scrapes: usize,
    pub(super) logs: usize,
    pub(super) exchanges: usize,
    /// Spans of the trace store; absent where none was asked, and in captures older than that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) arrived_spans: Option<usize>,
}

impl Counts {
    pub(super) fn of(capture: &Capture) -> Self {
        Self {
            spans: capture.spans.len(),
            scrapes: capture.scrapes.len(),
            logs: capture.logs.len(),
            exchanges: capture.exchanges.len(),
            arrived_spans: capture.arrived.traces.as_ref().map(Vec::len),
        }
    }
}

impl<'a> Header<'a> {
    pub(super) fn of(capture: &'a Capture) -> Self {
        Self { format: FORMAT, version: VERSION, counts: Counts::of(capture), run: &capture.run }
    }
}
