//! What a report says about the run itself.

use std::collections::BTreeMap;
use std::time::Duration;

use rustc_hash::FxHashSet;
use serde::Serialize;

use crate::capture::Capture;
use crate::capture::arrived::BackEnd;

/// Which run a report is about, and how much of everything it saw.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RunSummary {
    /// The service's name.
    pub service: String,
    /// Id of the run.
    pub run_id: String,
    /// What it ran on: `embedded`, or the folder of a saved capture.
    pub stack: String,
    /// Versions that matter to a reader, by name: `otelgate`, `conventions`.
    pub versions: BTreeMap<String, String>,
    /// The back ends it ran on, with the versions they state, in the order in which reports name them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub back_ends: Vec<BackEnd>,
    /// From the start to the verdict.
    #[serde(rename = "duration_seconds", serialize_with = "seconds")]
    pub duration: Duration,
    /// How much there was.
    pub counts: Counts,
}

/// How much telemetry a capture holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Distinct traces.
    pub traces: usize,
    /// Spans.
    pub spans: usize,
    /// Distinct metric names.
    pub metrics: usize,
    /// Distinct sets of labels over all metrics.
    pub series: usize,
    /// Log records of all channels.
    pub logs: usize,
    /// Exchanges of the driver and the stand-ins.
    pub exchanges: usize,
}

impl Counts {
    /// Counts what is in `capture`.
    #[must_use]
    pub fn of(capture: &Capture) -> Self {
        let traces: FxHashSet<_> = capture.spans.iter().map(|span| span.trace_id).collect();
        let mut metrics = FxHashSet::default();
        let mut series = FxHashSet::default();
        for family in capture.scrapes.iter().flat_map(|scrape| &scrape.families) {
            metrics.insert(&family.name);
            for point in &family.points {
                let mut labels: Vec<String> =
                    point.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
                labels.sort_unstable();
                series.insert((&family.name, labels));
            }
        }
        Self {
            traces: traces.len(),
            spans: capture.spans.len(),
            metrics: metrics.len(),
            series: series.len(),
            logs: capture.logs.len(),
            exchanges: capture.exchanges.len(),
        }
    }

    /// Whether no signal has anything.
    #[must_use]
    pub fn no_telemetry(&self) -> bool {
        self.spans == 0 && self.metrics == 0 && self.logs == 0
    }
}

impl RunSummary {
    /// The summary of `capture`: its run, its back ends and its counts. Stack, versions and duration are the caller's to set.
    #[must_use]
    pub fn of(capture: &Capture) -> Self {
        Self {
            service: capture.run.service.clone(),
            run_id: capture.run.id.clone(),
            back_ends: capture.arrived.back_ends.clone(),
            counts: Counts::of(capture),
            ..Self::default()
        }
    }
}

/// `Jaeger 2.13.0 (original), Prometheus 3.16.0 (original)`; empty without any.
pub(super) fn back_ends(summary: &RunSummary) -> String {
    summary.back_ends.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn seconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}
