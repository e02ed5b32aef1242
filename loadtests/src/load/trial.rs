//! One launch with a collector in trouble: well and unwell in turn, then well again, then stopped while unwell.

use std::time::Duration;

use otelgate_harness::config::{Config, Trial};
use otelgate_harness::run::{Event, Live};
use otelgate_harness::standins::Fault;

use super::attack::Force;
use super::ledger::{Ledger, Notes};
use super::paired::{Harm, harm};
use super::phase::{Driven, Ended, Launch, Setup, Step};
use super::report::TrialReport;
use super::{LoadError, Plan};
use crate::conservation::{Judgement, Violation, judge};

/// How often the collector is well and unwell in turn.
const PAIRS: u32 = 6;

/// The shortest window: what goes on is looked at five times a second.
const SHORTEST: Duration = Duration::from_millis(200);

/// How long what is slow takes: longer than the delay of an exporter, shorter than the timeout of any.
const SLOW_MS: u64 = 1000;

/// So long that no exporter waits for it.
const NEVER_MS: u64 = 3_600_000;

/// How many times as many users saturate a service.
const SATURATION: usize = 8;

/// Which windows are which: 0 is the warm-up.
struct Windows;

impl Windows {
    fn well() -> impl Iterator<Item = usize> {
        (0..PAIRS as usize).map(|pair| 1 + 2 * pair)
    }

    /// The one after the last fault.
    const AFTER: usize = 1 + 2 * PAIRS as usize;
}

/// Puts the service to a trial.
pub(super) async fn trial(
    setup: &Setup<'_>,
    trial: Trial,
    tell: &mut dyn FnMut(Event),
    stop: &mut (dyn Future<Output = &'static str> + Unpin),
) -> Result<(TrialReport, Ended, Option<&'static str>), LoadError> {
    let mut launch = Box::pin(Launch::up(setup, Some(1.0), tell)).await?;
    if launch.live.stack().collector().is_none() {
        launch.down().await?;
        return Err(LoadError::Usage(
            "a trial needs a collector it can trouble: add `collector` to `stack`, or leave `--trials` out".to_owned(),
        ));
    }
    let fault = fault(trial, setup.config);
    let length = (Duration::from_secs(setup.plan.settings.seconds) / (2 * PAIRS + 2)).max(SHORTEST);
    let mut after = launch.shared.ledger.begun();
    let mut due = length;
    let mut window = 0;
    let look = |live: &Live, ledger: &Ledger, elapsed: Duration| {
        if elapsed < due {
            return Step::GoOn;
        }
        due = elapsed + length;
        window += 1;
        if window > Windows::AFTER {
            return Step::End;
        }
        if let (Some(collector), Some(fault)) = (live.stack().collector(), &fault) {
            collector.faults().clear();
            if window % 2 == 0 {
                collector.faults().add(fault.clone());
            }
        }
        after = ledger.begun();
        Step::Window
    };
    let users = setup.plan.settings.users * if trial == Trial::Saturation { SATURATION } else { 1 };
    // It ends itself; the time is only a bound.
    let seconds = u64::from(2 * PAIRS + 4) * (length.as_secs() + 1);
    let driven = launch.drive(Force { users, seconds, options: false }, look, stop).await?;
    if let Some(collector) = launch.live.stack().collector() {
        collector.faults().clear();
    }
    let counted = launch.settle().await;
    let mut judgement = judge(&counted);
    let ledger = &launch.shared.ledger;
    let recovered = launch.seen.since(&after, &ledger.notes(), &ledger.begun());
    let harm = fault.is_some().then(|| harm(&pairs(&ledger.notes())));
    let memory_before = launch.memory.most([0, 1]);
    let memory_after = launch.memory.most(2..=Windows::AFTER);
    if let (Some(collector), Some(fault)) = (launch.live.stack().collector(), fault) {
        // It has to stop however its collector is.
        collector.faults().add(fault);
    }
    let ended = launch.down().await?;
    let mut report = TrialReport {
        name: trial.to_string(),
        harm,
        memory_before,
        memory_after,
        stopped_seconds: ended.stopped_within.map(|took| took.as_secs_f64()),
        recovered: (trial != Trial::Saturation).then_some(recovered),
        counted,
        judgement: Judgement::default(),
    };
    judgement.violations.extend(violations(&report, &driven, setup.plan));
    report.judgement = judgement;
    Ok((report, ended, driven.interrupted))
}

/// What the collector does.
fn fault(trial: Trial, config: &Config) -> Option<Fault> {
    // The stand-in takes a status as HTTP's or gRPC's, as the request came.
    let http = config.service.env.get("OTEL_EXPORTER_OTLP_PROTOCOL").is_some_and(|name| name.starts_with("http"));
    let unavailable = if http { 503 } else { 14 };
    Some(match trial {
        Trial::Saturation => return None,
        Trial::Slow => Fault { delay_ms: Some(SLOW_MS), ..Fault::default() },
        Trial::Down => Fault { cut: true, ..Fault::default() },
        Trial::Refusing => Fault { status: Some(unavailable), ..Fault::default() },
        Trial::HalfOpen => Fault { delay_ms: Some(NEVER_MS), ..Fault::default() },
    })
}

/// 99th percentiles of windows next to each other, well and unwell.
fn pairs(notes: &Notes) -> Vec<(f64, f64)> {
    let p99 = |window: usize| notes.windows.get(window).and_then(|window| window.times.quantile_ms(0.99));
    Windows::well().filter_map(|well| Some((p99(well)?, p99(well + 1)?))).collect()
}

fn violations(report: &TrialReport, driven: &Driven, plan: &Plan) -> Vec<Violation> {
    let mut violations = Vec::new();
    if driven.died {
        violations.push(died());
    }
    if let Some(Harm::Harmed(found)) = report.harm {
        violations.push(
            Violation::new("trial.slower", "requests were slower while the collector was in trouble")
                .wanted_found(
                    "a 99th percentile at most 10 % above that of a healthy collector",
                    format!(
                        "{:+.0} % [{:+.0}, {:+.0}]",
                        percent(found.ratio),
                        percent(found.lower),
                        percent(found.upper)
                    ),
                )
                .todo("a request waits for its telemetry: export in the background, and drop when the queue is full"),
        );
    }
    violations.extend(memory(report.memory_before, report.memory_after, plan.settings.budgets.memory_growth_mib));
    if report.stopped_seconds.is_none() && !driven.died {
        violations.push(
            Violation::new("trial.shutdown", "the service did not stop while the collector was in trouble")
                .wanted_found("an end within `service.shutdown-within-ms` of SIGTERM", "it had to be killed")
                .todo("bound the last flush: an exporter's timeout below the time for the shutdown"),
        );
    }
    if let Some((0, wanted)) = report.recovered
        && wanted > 0
        && !driven.died
    {
        violations.push(
            Violation::new("trial.recovery", "no trace arrived any more after the collector was well again")
                .wanted_found(format!("traces of {wanted} requests"), "none")
                .todo("the exporter has given up for ever, or waits longer than `load.settle-seconds`: look at its retries"),
        );
    }
    violations
}

/// The service ended by itself.
pub(super) fn died() -> Violation {
    Violation::new("load.service-ended", "the service ended by itself under the load")
        .wanted_found("a service that stays up", "it ended")
        .todo("look at what it printed last, and at the memory it may use")
}

/// Whether memory grew by more than it may.
pub(super) fn memory(before: Option<u64>, after: Option<u64>, limit_mib: f64) -> Option<Violation> {
    let (before, after) = (mebibytes(before?), mebibytes(after?));
    (after - before > limit_mib).then(|| {
        Violation::new("load.memory", "the service's memory grew")
            .wanted_found(format!("at most {limit_mib:.0} MiB more than {before:.0} MiB"), format!("{after:.0} MiB"))
            .todo("bound what waits to be exported, or allow more in `load.budgets.memory-growth-mib`")
    })
}

fn percent(ratio: f64) -> f64 {
    (ratio - 1.0) * 100.0
}

#[expect(clippy::cast_precision_loss, reason = "memory of a process")]
pub(super) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_may_grow_as_far_as_the_budget_says() {
        assert_eq!(memory(Some(100 << 20), Some(164 << 20), 64.0), None);
        assert!(memory(Some(100 << 20), Some(165 << 20), 64.0).is_some_and(|found| found.id == "load.memory"));
        assert_eq!(memory(None, Some(1 << 40), 64.0), None);
    }
}
