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
}

impl Counts {
    pub(super) fn of(capture: &Capture) -> Self {
        Self {
            spans: capture.spans.len(),
            scrapes: capture.scrapes.len(),
            logs: capture.logs.len(),
            exchanges: capture.exchanges.len(),
        }
    }
}

impl<'a> Header<'a> {
    pub(super) fn of(capture: &'a Capture) -> Self {
        Self { format: FORMAT, version: VERSION, counts: Counts::of(capture), run: &capture.run }
    }
}
