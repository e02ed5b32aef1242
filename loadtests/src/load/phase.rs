//! One launch of the service under load.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use otelgate_harness::capture::Scrape;
use otelgate_harness::config::{Config, CountedBy};
use otelgate_harness::eventually::eventually_every;
use otelgate_harness::run::{Choices, Event, Live, RunError};
use otelgate_harness::service::ServiceError;
use otelgate_harness::stack::StackError;
use otelgate_harness::stack::containers::Kept;

use super::attack::{Force, attack};
use super::ledger::Ledger;
use super::scrape::Endpoint;
use super::seen::Seen;
use super::traces::Traces;
use super::transaction::Shared;
use super::watch::Memory;
use super::{LoadError, Plan};
use crate::conservation::{Violation, histogram_count};

/// The standard name of the histogram of requests, as Prometheus has it.
const HISTOGRAM: &str = "http_server_request_duration_seconds";

/// What runs, and how.
pub(super) struct Setup<'s> {
    pub(super) plan: &'s Plan,
    pub(super) config: &'s Config,
    pub(super) choices: &'s Choices<'s>,
}

/// A service that is up, with its collector, and what was noted of it.
pub(super) struct Launch<'s> {
    pub(super) plan: &'s Plan,
    pub(super) live: Live,
    pub(super) shared: Arc<Shared>,
    pub(super) seen: Seen,
    pub(super) memory: Memory,
    pub(super) endpoint: Option<Endpoint>,
    /// Its metrics before the load.
    pub(super) before: Option<Scrape>,
    /// The share of traces that is kept; `None` without telemetry.
    pub(super) sampling: Option<f64>,
}

/// How a launch ended.
pub(super) struct Ended {
    /// From SIGTERM to its end; `None` if it had to be killed.
    pub(super) stopped_within: Option<Duration>,
    /// Containers left up because that was asked for.
    pub(super) kept: Option<Kept>,
    /// What is left although it was to be removed.
    pub(super) left: Option<StackError>,
}

impl<'s> Launch<'s> {
    /// Starts a service that keeps this share of its traces; `None`: without telemetry. Waits until it is ready, and
    /// sends what prepares it.
    pub(super) async fn up(
        setup: &Setup<'s>,
        sampling: Option<f64>,
        tell: &mut dyn FnMut(Event),
    ) -> Result<Self, LoadError> {
        let plan = setup.plan;
        let mut config = setup.config.clone();
        config.service.env.extend(environment(plan, sampling));
        let choices = Choices { exchanges: false, ..*setup.choices };
        let live = Live::up(&config, &choices, tell).await?;
        let traces = Traces::new(plan.workloads.len(), sampling.unwrap_or(1.0));
        let ledger = Ledger::new(&plan.workloads);
        let shared = Arc::new(Shared { workloads: plan.workloads.clone(), seed: plan.seed, traces, ledger });
        let seen = Seen::new(&shared);
        let metrics = config.service.metrics.as_ref().filter(|_| sampling.is_some());
        let endpoint = metrics.map(|path| Endpoint::new(format!("{}{path}", live.url()))).transpose()?;
        let mut launch = Self { plan, live, shared, seen, memory: Memory::default(), endpoint, before: None, sampling };
        if let Err(error) = launch.make_ready(&config).await {
            // What went wrong first is what is told.
            let _ = launch.live.down().await;
            return Err(error);
        }
        Ok(launch)
    }

    async fn make_ready(&mut self, config: &Config) -> Result<(), LoadError> {
        let ready = self.live.driver(config)?.until_ready().await;
        ready.map_err(|message| RunError::from(ServiceError::NotReady { message, tail: self.live.output().tail() }))?;
        super::url::prepare(self.plan, self.live.url()).await?;
        self.before = self.baseline().await?;
        Ok(())
    }

    /// The metrics before the load, once what was asked until now has been measured: that is after its answer.
    async fn baseline(&self) -> Result<Option<Scrape>, LoadError> {
        let Some(endpoint) = &self.endpoint else { return Ok(None) };
        let mut before = endpoint.read().await?;
        let still = eventually_every(Duration::from_millis(20), Duration::from_secs(2), async || {
            let now = match endpoint.read().await {
                Ok(now) => now,
                Err(error) => return Ok(Err(error)),
            };
            let same = self.requests_measured(&before) == self.requests_measured(&now);
            before = now;
            if same { Ok(Ok(())) } else { Err(()) }
        });
        // One that never stands still counts something else too, which the comparison after the load will tell.
        if let Ok(Err(error)) = still.await {
            return Err(error);
        }
        Ok(Some(before))
    }

    /// How many requests the service's histogram has measured; `None` if it has no such histogram.
    pub(super) fn requests_measured(&self, scrape: &Scrape) -> Option<u64> {
        let CountedBy { histogram, except, .. } = &self.plan.settings.counted_by;
        histogram_count(scrape, histogram.as_deref().unwrap_or(HISTOGRAM), except)
    }

    /// Drives the service while `meanwhile` goes on, which gets to see a look at the service five times a second.
    pub(super) async fn drive(
        &mut self,
        force: Force,
        mut meanwhile: impl FnMut(&Live, &Ledger, Duration) -> Step,
        stop: &mut (dyn Future<Output = &'static str> + Unpin),
    ) -> Result<Driven, LoadError> {
        let began = Instant::now();
        let (shared, plan, url) = (Arc::clone(&self.shared), self.plan, self.live.url().to_owned());
        let mut driven = Driven::default();
        let beside = async {
            let mut window = 0;
            loop {
                tokio::select! {
                    signal = &mut *stop => {
                        driven.interrupted = Some(signal);
                        return;
                    }
                    () = Memory::next() => {}
                }
                self.pump();
                if !self.memory.look(self.live.process_id(), window) {
                    driven.died = true;
                    return;
                }
                match meanwhile(&self.live, &shared.ledger, began.elapsed()) {
                    Step::GoOn => {}
                    Step::Window => window = shared.ledger.open_window(),
                    Step::End => return,
                }
            }
        };
        let thresholds = attack(plan, &shared, &url, force, beside).await?;
        driven.thresholds = thresholds;
        driven.took = began.elapsed();
        Ok(driven)
    }

    /// Takes from collector and output what came since, and counts it.
    pub(super) fn pump(&mut self) {
        if let Some(collector) = self.live.stack().collector() {
            let received = collector.take();
            self.seen.spans(&received, &self.shared.ledger.begun());
        }
        let wanted = &self.plan.settings.counted_by.log_lines;
        self.seen.lines(&self.live.output().take_records(), wanted, &self.shared);
    }

    /// Stops the service, then its stack.
    pub(super) async fn down(self) -> Result<Ended, LoadError> {
        let began = Instant::now();
        let (down, stopped) = self.live.down().await;
        let took = began.elapsed();
        let stopped_within = match stopped {
            Ok(()) => Some(took),
            Err(RunError::Service(ServiceError::NotStopped { .. })) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Ended { stopped_within, kept: down.kept, left: down.left })
    }
}

/// What follows a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    GoOn,
    /// A new window begins.
    Window,
    /// The load ends.
    End,
}

/// How a load went.
#[derive(Debug, Default)]
pub(super) struct Driven {
    /// Thresholds of goose that were broken.
    pub(super) thresholds: Vec<Violation>,
    /// From its first request to its last answer.
    pub(super) took: Duration,
    /// By which signal it was ended early.
    pub(super) interrupted: Option<&'static str>,
    /// Whether the service ended by itself.
    pub(super) died: bool,
}

/// The variables of a service under load, by the standard's names.
fn environment(plan: &Plan, sampling: Option<f64>) -> BTreeMap<String, String> {
    let mut env = plan.settings.env.clone();
    match sampling {
        None => env.extend(plan.settings.off.clone()),
        Some(ratio) => {
            env.insert("OTEL_TRACES_SAMPLER".to_owned(), "parentbased_traceidratio".to_owned());
            env.insert("OTEL_TRACES_SAMPLER_ARG".to_owned(), ratio.to_string());
        }
    }
    env
}
