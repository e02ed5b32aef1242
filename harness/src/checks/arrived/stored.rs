//! The metric store's answers, arranged for comparing.

use std::collections::BTreeMap;

use super::flat::Key;
use crate::capture::arrived::{Health, StoredMetrics, StoredSample, StoredSeries, StoredTarget};
use crate::capture::{Capture, Party, Scrape};

/// What the store has of this run's target, if it could be asked and the target is up: else that is the finding, and
/// nothing is compared.
pub(super) fn of_target(capture: &Capture) -> Option<(&StoredMetrics, &StoredTarget)> {
    let metrics = capture.arrived.metrics.as_ref()?;
    let target = metrics.targets.get(metrics.target?)?;
    (target.health == Health::Up || !metrics.series.is_empty()).then_some((metrics, target))
}

/// Series that Prometheus itself adds to every target.
fn is_synthetic(name: &str) -> bool {
    name == "up" || name.starts_with("scrape_") || name == "ALERTS" || name == "ALERTS_FOR_STATE"
}

/// The service's own series, by what they were called in the exposition.
pub(super) fn series<'c>(metrics: &'c StoredMetrics, target: &StoredTarget) -> BTreeMap<Key, &'c StoredSeries> {
    let recorded: Vec<&str> = metrics
        .rules
        .iter()
        .flat_map(|group| &group.rules)
        .filter(|rule| rule.kind == "recording")
        .map(|rule| rule.name.as_str())
        .collect();
    metrics
        .series
        .iter()
        .filter(|series| !is_synthetic(series.name()) && !recorded.contains(&series.name()))
        .map(|series| (Key::of_stored(series, target), series))
        .collect()
}

/// The scrapes of the exposition endpoint that was scraped last, oldest first.
pub(super) fn scrapes(capture: &Capture) -> Vec<&Scrape> {
    let exposition = || capture.scrapes.iter().filter(|scrape| &*scrape.source != Scrape::OTLP);
    let source = exposition().next_back().map(|scrape| &scrape.source);
    exposition().filter(|scrape| Some(&scrape.source) == source).collect()
}

/// A moment of the store's clock by ours.
pub(super) fn by_our_clock(metrics: &StoredMetrics, time: u64) -> u64 {
    u64::try_from(i128::from(time) - i128::from(metrics.clock_ahead)).unwrap_or(0)
}

/// When the store last scraped the target within the window, by our clock; 0 if never.
pub(super) fn last_scrape(metrics: &StoredMetrics) -> u64 {
    let last = metrics.series.iter().filter_map(|series| Some(series.samples.last()?.time)).max();
    last.map_or(0, |time| by_our_clock(metrics, time))
}

/// When the driver's last request was answered; `None` without any.
pub(super) fn ended(capture: &Capture) -> Option<u64> {
    capture.exchanges.iter().filter(|exchange| exchange.by == Party::Driver).map(|exchange| exchange.end).max()
}

/// How much a counter grew over its samples: what it lost by falling counts as a new beginning, as Prometheus counts.
pub(super) fn growth(samples: &[StoredSample]) -> f64 {
    let step = |pair: &[StoredSample]| {
        let (before, after) = (pair[0].value, pair[1].value);
        if after < before { after } else { after - before }
    };
    samples.windows(2).map(step).sum()
}
