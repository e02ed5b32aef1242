//! A load on a service that runs already.

use std::sync::Arc;
use std::time::{Duration, Instant};

use otelgate_harness::http;

use super::attack::{Force, attack};
use super::budgets::budgets;
use super::ledger::Ledger;
use super::report::{LoadReport, PhaseReport};
use super::traces::Traces;
use super::transaction::Shared;
use super::{LoadError, Plan};
use crate::conservation::{Counted, judge};

/// How long a service may take to accept a connection.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// How long it may take to answer a request that prepares the load.
const PREPARES_WITHIN: Duration = Duration::from_mins(1);

/// Puts the service at `url` under load. Only what the driver sees is judged, by the budget for all traces; its spans,
/// metrics and logs go elsewhere.
///
/// When `stop` completes, the load ends early, and what was seen until then is reported.
///
/// # Errors
/// If nobody answers there, or a request cannot be sent.
pub async fn run_url(
    plan: &Plan,
    url: &str,
    stop: impl Future<Output = &'static str>,
) -> Result<LoadReport, LoadError> {
    let url = url.trim_end_matches('/');
    let mut stop = Box::pin(stop);
    let ready = async {
        reachable(url).await?;
        prepare(plan, url).await
    };
    tokio::select! {
        biased;
        signal = &mut stop => {
            let interrupted = Some(signal.to_owned());
            return Ok(LoadReport { target: url.to_owned(), driver_only: true, interrupted, ..LoadReport::default() });
        }
        ready = ready => ready?,
    }
    let traces = Traces::new(plan.workloads.len(), 1.0);
    let ledger = Ledger::new(&plan.workloads);
    let shared = Arc::new(Shared { workloads: plan.workloads.clone(), seed: plan.seed, traces, ledger });
    let force = Force { users: plan.settings.users, seconds: plan.settings.seconds, options: true };
    let mut interrupted = None;
    let began = Instant::now();
    let thresholds = attack(plan, &shared, url, force, async { interrupted = Some(stop.await) }).await?;
    let took = began.elapsed();
    let notes = shared.ledger.notes();
    let counted = Counted { requests: notes.requests(&shared.ledger.begun()), ..Counted::default() };
    let mut judgement = judge(&counted);
    judgement.violations.extend(thresholds);
    let phase = PhaseReport::new(("as it runs", Some(1.0)), &shared.workloads, &notes, took, counted, judgement);
    let mut report = LoadReport {
        target: url.to_owned(),
        driver_only: true,
        users: plan.settings.users,
        budgets: budgets(&plan.settings.budgets, std::slice::from_ref(&phase)),
        phases: vec![phase],
        interrupted: interrupted.map(str::to_owned),
        ..LoadReport::default()
    };
    report.conclude();
    Ok(report)
}

/// Fails if nobody answers at `url`, with whatever status.
async fn reachable(url: &str) -> Result<(), LoadError> {
    let client = http::client().timeout(ANSWERS_WITHIN).build()?;
    let failed =
        |error: reqwest::Error| LoadError::Unreachable { url: url.to_owned(), message: http::innermost(&error) };
    client.get(url).send().await.map(drop).map_err(failed)
}

/// Sends what prepares each workload, in their order, untraced: it is no part of the load.
pub(super) async fn prepare(plan: &Plan, url: &str) -> Result<(), LoadError> {
    let client = http::client().timeout(PREPARES_WITHIN).build()?;
    for workload in &plan.workloads {
        let failed = |message: String| LoadError::Prepare { workload: workload.name.clone(), message };
        for item in workload.preparation(plan.seed) {
            let request = client.request(item.method, format!("{url}{}", item.path));
            let answer = request.headers(item.headers).body(item.body).send().await;
            let answer = answer.map_err(|error| failed(http::innermost(&error)))?;
            let status = answer.status();
            answer.bytes().await.map_err(|error| failed(http::innermost(&error)))?;
            if !status.is_success() {
                return Err(failed(format!("`{}` was answered with {status}", item.path)));
            }
        }
    }
    Ok(())
}
