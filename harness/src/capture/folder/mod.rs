//! A capture in a folder, in the formats other tools read.
//!
//! ```text
//! run.json         what the capture says about itself, its version, and how much it holds; written last
//! traces.jsonl     OTLP JSON, one request a line, as the OpenTelemetry Collector's file exporter writes
//! logs.jsonl       likewise
//! metrics.jsonl    likewise
//! stdout.jsonl     likewise, one record a line, with how and at which position among the logs it came
//! scrapes.jsonl    one scrape a line, oldest first: its time, its source, and where its metrics are
//! scrapes/0000.prom  exposition text, byte for byte
//! exchanges.jsonl  one exchange a line
//! arrived/         what the back ends hold; only where some were asked
//!   back-ends.json   which they were, and their versions
//!   traces.jsonl     the trace store's spans, OTLP JSON
//!   metrics.json     the metric store's targets, metadata, series, exemplars and rules
//! ```
//!
//! A folder without `run.json` is one that the Collector wrote: every file in it is read, whatever its name.

mod arrived;
mod blocks;
mod error;
mod header;
mod lines;
mod load;
mod read;
mod save;

pub use error::{LoadError, LoadErrorKind, SaveError};
pub use load::load;
pub use save::{check_target, save};

/// The files of a saved capture.
mod file {
    pub(super) const RUN: &str = "run.json";
    pub(super) const TRACES: &str = "traces.jsonl";
    pub(super) const LOGS: &str = "logs.jsonl";
    pub(super) const METRICS: &str = "metrics.jsonl";
    pub(super) const STDOUT: &str = "stdout.jsonl";
    pub(super) const SCRAPES: &str = "scrapes.jsonl";
    pub(super) const TEXTS: &str = "scrapes";
    pub(super) const EXCHANGES: &str = "exchanges.jsonl";

    pub(super) const ARRIVED: &str = "arrived";

    /// What every saved capture has.
    pub(super) const ALL: [&str; 8] = [RUN, TRACES, LOGS, METRICS, STDOUT, SCRAPES, TEXTS, EXCHANGES];
    /// Those that are folders, also the one that a capture need not have.
    pub(super) const FOLDERS: [&str; 2] = [TEXTS, ARRIVED];
}
