//! Whether the metric store's own `increase()` goes with its samples.

use super::samples::{finding, same};
use super::stored;
use crate::capture::arrived::{StoredIncrease, StoredMetrics};
use crate::finding::Finding;

/// How far beyond its samples `increase()` extrapolates on either side, in average distances between them: to the
/// window's edge if that is nearer than this, else by half a distance (`extrapolatedRate` in Prometheus'
/// `promql/functions.go`).
const EXTRAPOLATED: f64 = 1.1;

/// Rounding of sums of doubles.
const ROUNDING: f64 = 1e-9;

/// Holds what the store computes against its own samples: at least their growth, and at most what extrapolating to the
/// window's edges may add. Returns how many were compared.
pub(super) fn by_query(metrics: &StoredMetrics, findings: &mut Vec<Finding>) -> u64 {
    let mut examined = 0;
    for StoredIncrease { labels, value } in &metrics.increases {
        let Some(series) = metrics.series.iter().find(|series| series.labels == *labels) else { continue };
        // Over one sample there is no increase.
        if series.samples.len() < 2 {
            continue;
        }
        examined += 1;
        let grown = stored::growth(&series.samples);
        #[expect(clippy::cast_precision_loss, reason = "a run has far fewer than 2^53 samples")]
        let distances = (series.samples.len() - 1) as f64;
        let most = grown * (1.0 + 2.0 * EXTRAPOLATED / distances);
        let slack = ROUNDING * most.abs().max(1.0);
        if same(*value, grown) || (grown - slack <= *value && *value <= most + slack) {
            continue;
        }
        let place = format!("increase({})", series.name());
        findings.push(
            finding(
                "arrival.increase",
                series.name(),
                "`increase()` does not go with the samples it is made of",
                &place,
            )
            .wanted(format!("between {grown} and {most}, over {} samples", series.samples.len()))
            .found(value.to_string())
            .hint("several series answer to one name, or samples came out of order: look at the raw samples"),
        );
    }
    examined
}
