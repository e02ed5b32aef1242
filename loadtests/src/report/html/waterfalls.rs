//! Traces of a `verify` run as bars over time.

use otelgate_harness::report::text::duration;
use otelgate_harness::report::{Bar, Report, Waterfall};

/// A trace as the page draws it.
pub(super) struct Drawn {
    pub(super) scenario: String,
    pub(super) trace_id: String,
    pub(super) length: String,
    pub(super) bars: Vec<DrawnBar>,
    pub(super) hidden: usize,
}

/// A span as the page draws it.
pub(super) struct DrawnBar {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) length: String,
    pub(super) error: bool,
    /// How far its name stands to the right; deeper spans are not moved further, or nothing of their names were left.
    pub(super) depth: usize,
    /// Percent of the trace's length.
    pub(super) left: String,
    /// Percent of the trace's length; the style sheet sees to it that the shortest can be seen.
    pub(super) width: String,
}

/// Deepest indentation.
const DEEPEST: usize = 12;

/// The first trace of each scenario.
pub(super) fn waterfalls(report: &Report<'_>) -> Vec<Drawn> {
    report.waterfalls().into_iter().map(drawn).collect()
}

fn drawn(waterfall: Waterfall) -> Drawn {
    let whole = waterfall.length.as_secs_f64().max(1e-9);
    let percent = |part: f64| format!("{:.3}", (part / whole * 100.0).clamp(0.0, 100.0));
    let bar = |bar: Bar| DrawnBar {
        left: percent(bar.offset.as_secs_f64()),
        width: percent(bar.length.as_secs_f64()),
        length: duration(bar.length),
        name: bar.name,
        kind: bar.kind,
        error: bar.error,
        depth: bar.depth.min(DEEPEST),
    };
    Drawn {
        scenario: waterfall.scenario,
        trace_id: waterfall.trace_id,
        length: duration(waterfall.length),
        bars: waterfall.bars.into_iter().map(bar).collect(),
        hidden: waterfall.hidden,
    }
}
