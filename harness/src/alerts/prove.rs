//! The trial: healthy first, then one fault after another.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use promql_parser::parser::Expr;

use super::{Proof, Proofs, Windows};
use crate::backends::{BackEndError, Prometheus, prometheus::QueryValue};
use crate::capture::arrived::{BrokenRule, Fired, Proven, StoredAlert, StoredRule, Trial};
use crate::scenario::{Driver, Loaded, ScenarioError};

/// Time between two looks at the alerts. Rules are evaluated once a second.
const LOOK: Duration = Duration::from_millis(250);

/// How long an alert may go on firing after its fault has been mended, before the next proof that needs it silent.
const RESOLVE: Duration = Duration::from_mins(1);

/// How long an alert may fire because the service was only just started.
const START: Duration = Duration::from_secs(15);

/// Why a trial could not go on.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The metric store does not answer.
    #[error(transparent)]
    BackEnd(#[from] BackEndError),
    /// A scenario cannot be driven as written.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The service would not stop.
    #[error(transparent)]
    Service(#[from] crate::service::ServiceError),
}

/// What a trial is made with.
pub struct Bench<'b> {
    /// Asks the service.
    pub driver: Driver<'b>,
    /// Evaluates the rules, windows shortened.
    pub prometheus: Prometheus,
}

/// Puts all alerts to the trial. `stop_service` ends the service under test; it is called at most once, last.
///
/// # Errors
/// If the store or the service is gone, or a scenario cannot be driven.
pub async fn prove(
    proofs: &Proofs,
    bench: &mut Bench<'_>,
    tell: &mut dyn FnMut(&str),
    stop_service: impl AsyncFnOnce() -> Result<(), crate::service::ServiceError>,
) -> Result<Trial, TrialError> {
    let alerts = bench.alerting_rules().await?;
    let mut trial = Trial {
        windows_divided_by: proofs.windows_divided_by,
        unproven: proofs.unproven(alerts.iter().map(|rule| rule.name.as_str())),
        ..Trial::default()
    };
    let silence = alerts.iter().map(|rule| windows(rule).silence()).max().unwrap_or_default().min(RESOLVE);
    trial.healthy_for = milliseconds(silence);
    for loaded in proofs.prepare.iter().filter_map(|name| proofs.scenario(name)) {
        bench.driver.drive(loaded).await?;
    }
    // What fires while everything starts, before the first scrape succeeded, is not of the healthy service.
    bench.drive_until(None, 0, START, async |alerts| Ok(firing(alerts).next().is_none())).await?;
    tell("all is well: nothing may fire");
    if let Some(loaded) = proofs.scenario(&proofs.healthy.drive) {
        let mut fired = BTreeMap::new();
        bench
            .drive_until(Some(loaded), proofs.healthy.every_ms, silence, async |alerts| {
                fired.extend(firing(alerts));
                Ok(false)
            })
            .await?;
        trial.healthy_fired = fired.into_values().collect();
    }
    trial.broken = bench.broken().await?;

    let mut stop_service = Some(stop_service);
    for proof in &proofs.proofs {
        tell(&proof.alert);
        let proven = bench.prove_one(proofs, proof, &mut stop_service).await?;
        trial.proofs.push(proven);
    }
    Ok(trial)
}

impl Bench<'_> {
    async fn prove_one<S: AsyncFnOnce() -> Result<(), crate::service::ServiceError>>(
        &mut self,
        proofs: &Proofs,
        proof: &Proof,
        stop_service: &mut Option<S>,
    ) -> Result<Proven, TrialError> {
        let rule = self.rule(&proof.alert).await?;
        let patience = rule.as_ref().map(|rule| windows(rule).patience());
        let within = proof.within_ms.map(Duration::from_millis).or(patience).unwrap_or_default();
        let mut proven = Proven {
            alert: proof.alert.clone(),
            induced: induced(proof),
            query: rule.as_ref().map(|rule| rule.query.clone()).unwrap_or_default(),
            within: milliseconds(within),
            ..Proven::default()
        };
        if rule.is_none() {
            return Ok(proven);
        }
        // An alert that fires already would prove nothing.
        let silent = self
            .drive_until(None, 0, RESOLVE, async |alerts| Ok(!firing(alerts).any(|(name, _)| name == proof.alert)))
            .await?;
        proven.stuck = silent.is_none();
        let before: BTreeSet<String> = firing(&self.prometheus.alerts().await?).map(|(name, _)| name).collect();

        if let (Some(_), Some(stop)) = (proof.stop, stop_service.take_if(|_| proof.stop.is_some())) {
            stop().await?;
        }
        let mut others = BTreeMap::new();
        let scenario = proof.drive.as_deref().and_then(|name| proofs.scenario(name));
        let fired = self
            .drive_until(scenario, proof.every_ms, within, async |alerts| {
                others.extend(firing(alerts));
                Ok(others.contains_key(&proof.alert))
            })
            .await?;
        others.retain(|name, _| *name != proof.alert && !proof.also.contains(name) && !before.contains(name));
        proven.others = others.into_values().collect();
        proven.fired_after = if proven.stuck { None } else { fired.map(milliseconds) };
        if let Some(stored) = self.rule(&proof.alert).await? {
            proven.state = stored.state;
        }
        if fired.is_none() {
            proven.value = self.left_side(&proven.query).await?;
        }
        Ok(proven)
    }

    /// Sends the requests of `scenario` again and again, its faults in place all the time, until `enough` says so of the
    /// alerts; the time that took, `None` if time ran out.
    async fn drive_until(
        &mut self,
        scenario: Option<&Loaded>,
        every_ms: u64,
        within: Duration,
        mut enough: impl AsyncFnMut(&[StoredAlert]) -> Result<bool, TrialError>,
    ) -> Result<Option<Duration>, TrialError> {
        if let Some(loaded) = scenario {
            self.driver.impose(loaded)?;
        }
        let ended = self.send_until(scenario, every_ms, within, &mut enough).await;
        self.driver.heal();
        ended
    }

    async fn send_until(
        &mut self,
        scenario: Option<&Loaded>,
        every_ms: u64,
        within: Duration,
        enough: &mut impl AsyncFnMut(&[StoredAlert]) -> Result<bool, TrialError>,
    ) -> Result<Option<Duration>, TrialError> {
        let began = Instant::now();
        let mut looked: Option<Instant> = None;
        let mut round = 0_u64;
        loop {
            let round_began = Instant::now();
            if let Some(loaded) = scenario {
                round += 1;
                self.driver.set("round", round.to_string());
                self.driver.send(loaded).await?;
            }
            if looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
                looked = Some(Instant::now());
                if enough(&self.prometheus.alerts().await?).await? {
                    return Ok(Some(began.elapsed()));
                }
            }
            if began.elapsed() >= within {
                return Ok(None);
            }
            let pace = if scenario.is_some() { Duration::from_millis(every_ms) } else { LOOK };
            tokio::time::sleep_until((round_began + pace).into()).await;
        }
    }

    async fn broken(&self) -> Result<Vec<BrokenRule>, BackEndError> {
        let rules = self.prometheus.rules().await?;
        let rules = rules.into_iter().flat_map(|group| group.rules).filter(|rule| rule.health == "err");
        Ok(rules.map(|rule| BrokenRule { name: rule.name, error: rule.last_error }).collect())
    }

    async fn rule(&self, alert: &str) -> Result<Option<StoredRule>, BackEndError> {
        Ok(self.alerting_rules().await?.into_iter().find(|rule| rule.name == alert))
    }

    async fn alerting_rules(&self) -> Result<Vec<StoredRule>, BackEndError> {
        let rules = self.prometheus.rules().await?.into_iter().flat_map(|group| group.rules);
        Ok(rules.filter(|rule| rule.kind == "alerting").collect())
    }

    /// What was compared, so that a threshold that cannot be met is seen beside what was reached.
    async fn left_side(&self, query: &str) -> Result<Option<String>, BackEndError> {
        let Some(compared) = promql_parser::parser::parse(query).ok().and_then(compared) else { return Ok(None) };
        let value = self.prometheus.query(&compared, None).await?.data;
        Ok(Some(match value {
            QueryValue::Scalar(sample) => sample.value.to_string(),
            other => match other.into_series().iter().find_map(|series| series.samples.last()) {
                Some(sample) => sample.value.to_string(),
                None => format!("no series: `{compared}` is empty"),
            },
        }))
    }
}

/// The windows of a rule; of one that we cannot read, its hold alone.
fn windows(rule: &StoredRule) -> Windows {
    let hold = Duration::from_nanos(rule.hold);
    Windows::of(&rule.query, hold).unwrap_or(Windows { range: Duration::ZERO, hold })
}

/// The left side of the outermost comparison of an expression.
fn compared(expr: Expr) -> Option<String> {
    match expr {
        Expr::Paren(paren) => compared(*paren.expr),
        Expr::Binary(binary) if binary.op.is_comparison_operator() => Some(binary.lhs.to_string()),
        Expr::Binary(binary) if binary.op.is_set_operator() => compared(*binary.lhs),
        _ => None,
    }
}

fn induced(proof: &Proof) -> String {
    let driven = proof.drive.iter().map(|name| format!("driving `{name}` every {} ms", proof.every_ms));
    let stopped = proof.stop.iter().map(|_| "stopping the service".to_owned());
    stopped.chain(driven).collect::<Vec<_>>().join(" and ")
}

fn firing(alerts: &[StoredAlert]) -> impl Iterator<Item = (String, Fired)> {
    alerts.iter().filter(|alert| alert.state == "firing").map(|alert| {
        let name = alert.labels.get("alertname").cloned().unwrap_or_default();
        let summary = alert.annotations.get("summary").cloned().unwrap_or_default();
        (name.clone(), Fired { alert: name, value: alert.value.clone(), summary })
    })
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
