//! Asks Prometheus.

use std::collections::BTreeSet;
use std::time::Duration;

use super::ask::{Arrival, BETWEEN_LOOKS};
use super::target::{self, Found};
use crate::backends::{BackEndError, Prometheus};
use crate::capture::Capture;
use crate::capture::arrived::{Health, StoredIncrease, StoredMetrics, StoredSample, StoredSeries, StoredTarget};
use crate::clock;
use crate::eventually::eventually_every;

/// How far after our own scrape Prometheus' has to be, in nanoseconds, beyond what its clock cannot be told by.
const MARGIN: u64 = 50_000_000;

/// How often the clock is asked.
const PROBES: usize = 5;

/// How far back to look for the last scrape: as Prometheus itself does.
const LOOK_BACK: &str = "5m";

/// How far back to look for the run's first sample.
const LONGEST_RUN: &str = "6h";

/// The distance of two moments that Prometheus can tell apart, in nanoseconds.
const MILLISECOND: u64 = 1_000_000;

/// Why there is nothing to ask for yet.
enum NotYet {
    /// No target is the run's, or its last scrape is too old.
    Scraped(Found, i64),
    /// Prometheus does not answer.
    Answered(BackEndError),
}

impl Arrival {
    pub(super) async fn metrics_of(
        &self,
        prometheus: &Prometheus,
        capture: &Capture,
    ) -> Result<StoredMetrics, BackEndError> {
        let mut measured = None;
        let mut look = async || {
            let offset = match measured {
                Some(offset) => offset,
                None => *measured.insert(offset(prometheus).await?),
            };
            let found = target::find(prometheus, &capture.run, &self.address).await?;
            let after = asked_until(capture) + MARGIN + offset.error;
            let scraped = scraped(prometheus, found.ours(), shifted(after, offset.ahead)).await?;
            Ok::<_, BackEndError>((found, offset.ahead, scraped))
        };
        let looked = eventually_every(BETWEEN_LOOKS, self.patience, async || match look().await {
            Ok((found, ahead, true)) => Ok(Ok((found, ahead))),
            Ok((found, ahead, false)) => Err(NotYet::Scraped(found, ahead)),
            Err(error) if error.is_passing() => Err(NotYet::Answered(error)),
            Err(error) => Ok(Err(error)),
        });
        let (found, ahead) = match looked.await {
            Ok(found) => found?,
            Err(timed_out) => match timed_out.last {
                NotYet::Scraped(found, ahead) => (found, ahead),
                NotYet::Answered(error) => return Err(error),
            },
        };
        self.ask_all(prometheus, capture, found, ahead).await
    }

    async fn ask_all(
        &self,
        prometheus: &Prometheus,
        capture: &Capture,
        found: Found,
        ahead: i64,
    ) -> Result<StoredMetrics, BackEndError> {
        // From the run's first sample, so that there is one from before the first request; not from before that: earlier
        // samples of the same address are of another process.
        let first = first_sample(prometheus, &capture.run.id).await?;
        let from = first.unwrap_or(u64::MAX).min(shifted(began(capture), ahead));
        let until = prometheus.now().await?;
        let mut metrics = StoredMetrics {
            address: self.address.clone(),
            from,
            until,
            clock_ahead: ahead,
            rules: prometheus.rules().await?,
            ..StoredMetrics::default()
        };
        if let Some(target) = found.ours() {
            fill(prometheus, target, &mut metrics).await?;
        }
        metrics.targets = found.targets;
        metrics.target = found.ours;
        metrics.warnings.sort_unstable();
        metrics.warnings.dedup();
        Ok(metrics)
    }
}

/// Asks for everything that a target exposed.
async fn fill(prometheus: &Prometheus, target: &StoredTarget, metrics: &mut StoredMetrics) -> Result<(), BackEndError> {
    let selector = target::selector(target);
    let window = Duration::from_nanos(metrics.until.saturating_sub(metrics.from)).as_millis().max(1);
    let series = prometheus.query(&format!("{{{selector}}}[{window}ms]"), Some(metrics.until)).await?;
    metrics.warnings.extend(series.warnings);
    metrics.series = series.data.into_series();
    metrics.metadata = prometheus.metadata_of(&format!("{{{selector}}}")).await?;
    for name in counters(metrics) {
        let query = format!("increase({name}{{{selector}}}[{window}ms])");
        let answer = prometheus.query(&query, Some(metrics.until)).await?;
        metrics.warnings.extend(answer.warnings);
        for mut series in answer.data.into_series() {
            let Some(StoredSample { value, .. }) = series.samples.first().copied() else { continue };
            series.labels.insert("__name__".to_owned(), name.clone());
            metrics.increases.push(StoredIncrease { labels: series.labels, value });
        }
    }
    let exemplars = prometheus.exemplars(&format!("{{{selector}}}"), metrics.from, metrics.until).await?;
    metrics.warnings.extend(exemplars.warnings);
    metrics.exemplars = exemplars.data;
    Ok(())
}

/// Names of the series that count: counters, and the counts of histograms.
fn counters(metrics: &StoredMetrics) -> BTreeSet<String> {
    let kind = |name: &str| metrics.metadata.get(name).map(|known| known.kind.as_str());
    let counts = |name: &str| {
        let bare = name.strip_suffix("_total").unwrap_or(name);
        kind(name).or_else(|| kind(bare)) == Some("counter")
            || name.strip_suffix("_count").and_then(kind) == Some("histogram")
    };
    let names = metrics.series.iter().filter(|series| series.histograms.is_empty()).map(StoredSeries::name);
    names.filter(|name| counts(name)).map(str::to_owned).collect()
}

/// Whether the target was scraped after that moment of Prometheus' clock, and answered.
async fn scraped(prometheus: &Prometheus, target: Option<&StoredTarget>, after: u64) -> Result<bool, BackEndError> {
    let Some(target) = target.filter(|target| target.health == Health::Up) else { return Ok(false) };
    let query = format!("up{{{}}}[{LOOK_BACK}]", target::selector(target));
    let series = prometheus.query(&query, None).await?.data.into_series();
    let mut samples = series.iter().flat_map(|series| &series.samples);
    Ok(samples.any(|sample| sample.time > after && sample.value > 0.0))
}

/// A moment just before the first sample of the run's own `target_info`, by Prometheus' clock; `None` without one.
async fn first_sample(prometheus: &Prometheus, run: &str) -> Result<Option<u64>, BackEndError> {
    let series = prometheus.query(&format!("{}[{LONGEST_RUN}]", target::info(run)), None).await?.data.into_series();
    let samples = series.iter().flat_map(|series| &series.samples);
    // A window is open at its beginning.
    Ok(samples.map(|sample| sample.time).min().map(|time| time.saturating_sub(MILLISECOND)))
}

/// How far a clock is from ours, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
struct Offset {
    /// How far it is ahead; 0 if no difference can be told.
    ahead: i64,
    /// How wrong that may be.
    error: u64,
}

/// Measures how far Prometheus' clock is ahead of ours. The quickest answer says it best.
async fn offset(prometheus: &Prometheus) -> Result<Offset, BackEndError> {
    let mut best: Option<Offset> = None;
    for _ in 0..PROBES {
        let before = clock::now();
        let theirs = prometheus.now().await?;
        let after = clock::now();
        let error = after.saturating_sub(before);
        if best.is_none_or(|best| error < best.error) {
            let ahead = i128::from(theirs) - i128::from(u64::midpoint(before, after));
            let ahead = i64::try_from(ahead).unwrap_or(if ahead > 0 { i64::MAX } else { i64::MIN });
            best = Some(Offset { ahead: if ahead.unsigned_abs() <= error { 0 } else { ahead }, error });
        }
    }
    Ok(best.unwrap_or_default())
}

fn shifted(time: u64, by: i64) -> u64 {
    time.saturating_add_signed(by)
}

/// Since when the service was asked.
fn began(capture: &Capture) -> u64 {
    let scrapes = capture.scrapes.iter().map(|scrape| scrape.time);
    scrapes.chain(capture.exchanges.iter().map(|exchange| exchange.start)).min().unwrap_or_else(clock::now)
}

/// Until when the service was asked.
fn asked_until(capture: &Capture) -> u64 {
    let scrapes = capture.scrapes.iter().map(|scrape| scrape.time);
    scrapes.chain(capture.exchanges.iter().map(|exchange| exchange.end)).max().unwrap_or(0)
}
