//! Waits until everything that will arrive has, and counts.

use std::time::Duration;

use otelgate_harness::eventually::eventually_every;
use otelgate_harness::standins::Collector;

use super::phase::Launch;
use crate::conservation::{Counted, Lines, Received, judge, sdk};

/// Time between two looks: each asks for the metrics and goes through all requests.
const EVERY: Duration = Duration::from_millis(100);

impl Launch<'_> {
    /// Counts until all adds up, or until the patience of the settings is over: then with what is missing.
    pub(super) async fn settle(&mut self) -> Counted {
        let patience = Duration::from_secs(self.plan.settings.settle_seconds);
        let settled = eventually_every(EVERY, patience, async || {
            let (counted, quiet) = self.count().await;
            let open = judge(&counted).violations.iter().any(|violation| violation.id.starts_with("conservation."));
            if quiet && !open { Ok(counted) } else { Err(counted) }
        });
        match settled.await {
            Ok(counted) => counted,
            Err(timed_out) => timed_out.last,
        }
    }

    /// What is counted now, and whether nothing arrived while it was.
    async fn count(&mut self) -> (Counted, bool) {
        let arrived = |launch: &Self| launch.live.stack().collector().map_or(0, |collector| collector.counts().spans);
        let before = arrived(self);
        let scrape = match &self.endpoint {
            Some(endpoint) => endpoint.read().await.ok(),
            None => None,
        };
        let quiet = before == arrived(self);
        self.pump();
        let counted_by = &self.plan.settings.counted_by;
        let histogram = self.before.as_ref().and_then(|before| {
            let Some(after) = &scrape else { return Some(0) };
            match (self.requests_measured(before), self.requests_measured(after)) {
                // One that is named must be there; the standard one need not.
                (_, None) => counted_by.histogram.is_some().then_some(0),
                (before, Some(after)) => Some(after.saturating_sub(before.unwrap_or(0))),
            }
        });
        let begun = self.shared.ledger.begun();
        let notes = self.shared.ledger.notes();
        let telemetry = self.sampling.is_some();
        let collector = self.live.stack().collector();
        let lines = (telemetry && !counted_by.log_lines.is_empty()).then(|| self.lines(&notes));
        let counted = Counted {
            requests: notes.requests(&begun),
            roots: (telemetry && collector.is_some()).then(|| self.seen.compare(&notes, &begun)),
            histogram: histogram.filter(|_| telemetry),
            lines,
            sdk: scrape.as_ref().and_then(sdk).filter(|_| telemetry),
            received: collector.map(|collector| received(collector, self.seen.spans)),
        };
        (counted, quiet)
    }

    fn lines(&self, notes: &super::ledger::Notes) -> Lines {
        self.seen.compare_lines(notes, &self.shared, &self.plan.settings.counted_by.log_lines)
    }
}

fn received(collector: &Collector, spans: u64) -> Received {
    let refusals = collector.refusals();
    Received {
        spans,
        refused: refusals.len() as u64,
        reason: refusals.first().map(|refusal| format!("{}: {}", refusal.transport, refusal.reason)),
    }
}
