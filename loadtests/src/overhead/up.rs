//! The arms of a launch, while they are up: started in random order, prepared, driven, their telemetry taken.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use otelgate_harness::config::Config;
use otelgate_harness::eventually::eventually_every;
use otelgate_harness::lifeline::Lifeline;
use otelgate_harness::run::{Choices, Live, RunError};
use otelgate_harness::stack::StackKind;
use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;

use super::arm::Arm;
use super::cpu::{CpuError, ProcessClock};
use super::outcome::Protocol;
use super::tally::{Arrived, Tally};
use crate::duet::{Client, ClientError, Driven, Duet, Stop};
use crate::workload::{Seed, TraceIds, Workload};

/// Time between two looks at what has arrived. What came is taken each time, so that memory stays bounded.
const TAKE_EVERY: Duration = Duration::from_millis(100);
/// After how long a batch processor sends what it has, by the specification's default.
const SCHEDULE_DELAY: Duration = Duration::from_secs(5);
/// How long an export may take beyond that.
const EXPORTED_WITHIN: Duration = Duration::from_secs(2);
/// Longest random part of the pad, in bytes: more than a page.
const MOST_PAD: usize = 4096;

/// What every launch of an experiment has in common.
pub struct Bench<'b> {
    /// The service.
    pub config: &'b Config,
    /// The ways to run it. The first is the baseline.
    pub arms: &'b [Arm],
    /// The requests.
    pub workload: Arc<Workload>,
    /// Times and numbers.
    pub protocol: &'b Protocol,
    /// How long an answer may take.
    pub patience: Duration,
    /// The run's id.
    pub run: &'b str,
    /// Looks up a variable of our own environment.
    pub environment: &'b (dyn Fn(&str) -> Option<String> + Sync),
    /// Ends the services, should this process be killed.
    pub lifeline: &'b Lifeline,
    /// The runtime of the OTLP receivers; of one thread, so that its CPU time can be told.
    pub sink: &'b tokio::runtime::Handle,
}

/// A launch that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// An arm could not be started.
    #[error("arm `{arm}`: {source}")]
    Arm {
        /// Its name.
        arm: String,
        /// Why.
        source: RunError,
    },
    /// An arm did not become ready, or refused what prepares it.
    #[error("arm `{arm}`: {message}")]
    NotPrepared {
        /// Its name.
        arm: String,
        /// What it said.
        message: String,
    },
    /// The driver cannot use a URL.
    #[error(transparent)]
    Driver(#[from] ClientError),
}

/// An arm that is up.
pub(super) struct Up<'b> {
    pub(super) arm: &'b Arm,
    pub(super) config: Config,
    pub(super) live: Live,
    pub(super) clock: Result<ProcessClock, CpuError>,
    pub(super) tally: Tally,
}

impl<'b> Bench<'b> {
    /// Starts all arms in random order, waits until each is ready, and sends what prepares it.
    pub(super) async fn start(
        &self,
        ids: TraceIds,
        seed: Seed,
        dice: &mut SmallRng,
    ) -> Result<Vec<Up<'b>>, LaunchError> {
        let longest = self.arms.iter().map(|arm| arm.length(self.config)).max().unwrap_or(0);
        let length = longest + dice.random_range(0..MOST_PAD);
        let mut order: Vec<&Arm> = self.arms.iter().collect();
        order.shuffle(dice);
        let mut ups = Vec::new();
        for arm in order {
            let config = arm.config(self.config, length - arm.length(self.config));
            let failed = |source| LaunchError::Arm { arm: arm.name.clone(), source };
            let choices = Choices {
                exchanges: false,
                receiver_on: Some(self.sink),
                kind: StackKind::Embedded,
                ..Choices::embedded(self.lifeline, self.environment)
            };
            let live = Box::pin(Live::up(&config, &choices, &mut |_| {})).await.map_err(failed)?;
            let not_prepared = |message| LaunchError::NotPrepared { arm: arm.name.clone(), message };
            live.driver(&config).map_err(failed)?.until_ready().await.map_err(not_prepared)?;
            self.prepare(&live, ids, seed).await.map_err(not_prepared)?;
            let process = live.process_id().unwrap_or(0);
            ups.push(Up { arm, config, live, clock: ProcessClock::of(process), tally: Tally::new(ids) });
        }
        Ok(ups)
    }

    async fn prepare(&self, live: &Live, ids: TraceIds, seed: Seed) -> Result<(), String> {
        let mut client = Client::new(live.url(), self.patience).map_err(|error| error.to_string())?;
        for (item, kind) in self.workload.preparation(seed).iter().zip(self.workload.preparing()) {
            // Numbers from the end, where the load never gets to.
            let traceparent = format!("00-{}-{:016x}-01", ids.id(u64::MAX - item.number), 1);
            let (answer, _) = client.send(item, &traceparent).await.map_err(|error| error.to_string())?;
            if !kind.accepts(answer.status) {
                let body = String::from_utf8_lossy(&answer.body).chars().take(200).collect::<String>();
                return Err(format!("`{}`, which prepares it, was answered {}: {body}", kind.name, answer.status));
            }
        }
        Ok(())
    }

    /// Drives all arms, and takes their telemetry meanwhile; once in the middle the metrics are scraped, if asked.
    pub(super) async fn drive(
        &self,
        duet: &Duet,
        first: u64,
        length_ms: u64,
        ups: &mut [Up<'b>],
        stop: &Stop,
        scrape: bool,
    ) -> Result<Driven, LaunchError> {
        let length = Duration::from_millis(length_ms);
        let mut driving = std::pin::pin!(duet.drive(first, length, stop));
        let mut ticks = tokio::time::interval(TAKE_EVERY);
        let began = Instant::now();
        let mut scraped = !scrape;
        loop {
            tokio::select! {
                driven = &mut driving => return Ok(driven?),
                _ = ticks.tick() => {
                    take(ups);
                    if !scraped && began.elapsed() * 2 >= length {
                        scraped = true;
                        for up in ups.iter() {
                            // An arm without metrics refuses; what it then spends is its due.
                            let _ = up.live.scrape(&up.config).await;
                        }
                    }
                }
            }
        }
    }

    /// Waits until everything that was sent so far has arrived, or no more can be hoped for.
    pub(super) async fn settle(&self, ups: &mut [Up<'b>], items: Range<u64>, seed: Seed) {
        // What is missing when time runs out is counted afterwards.
        let _ = eventually_every(TAKE_EVERY, self.arrives_within(), async || {
            take(ups);
            let all_there = |up: &Up<'_>| {
                let arrived = self.arrived(up, items.clone(), seed);
                // An arm of a user's choice may send nothing at all; once it sends something, its last spans are part of
                // what it costs.
                arrived.is_complete() || !up.arm.complete && arrived.spans == 0
            };
            if ups.iter().all(all_there) { Ok(()) } else { Err(()) }
        })
        .await;
    }

    /// How long telemetry may be on its way after the last request: two rounds of the slowest batch processor, because the
    /// first may be under way, and an export.
    fn arrives_within(&self) -> Duration {
        let delay = |arm: &Arm| {
            let env = arm.config(self.config, 0).service.env;
            let set = env.get("OTEL_BSP_SCHEDULE_DELAY").and_then(|millis| millis.parse().ok());
            set.map_or(SCHEDULE_DELAY, Duration::from_millis)
        };
        self.arms.iter().map(delay).max().unwrap_or(SCHEDULE_DELAY) * 2 + EXPORTED_WITHIN
    }

    pub(super) fn arrived(&self, up: &Up<'b>, items: Range<u64>, seed: Seed) -> Arrived {
        up.tally.arrived(items, &self.workload, seed, up.arm.sampling(self.config))
    }
}

/// Takes what has arrived of every arm.
fn take(ups: &mut [Up<'_>]) {
    for up in ups {
        if let Some(collector) = up.live.stack().collector() {
            up.tally.add(&collector.take());
        }
    }
}
