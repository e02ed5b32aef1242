//! One launch: all arms started afresh, driven side by side, stopped.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::arm::Arm;
use super::cpu::{self, CpuError};
use super::launch_validity as validity;
use super::record::{ArmRecord, Invalid, Latencies, Launch, Rule};
use super::up::{Bench, LaunchError, Up};
use crate::duet::{Driven, Duet, Pace, Stop};
use crate::workload::{Seed, TraceIds};

impl Bench<'_> {
    /// Makes launch `number`. It ends early, and is then invalid, when `stop` is asked.
    ///
    /// # Errors
    /// If an arm cannot be started, or does not get ready.
    pub async fn launch(&self, number: u32, confirmation: bool, stop: &Stop) -> Result<Launch, LaunchError> {
        let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut dice = SmallRng::seed_from_u64(self.protocol.seed.wrapping_add(u64::from(number) << 32));
        let seed = Seed(dice.random());
        let ids = TraceIds::of(dice.random_range(1..u64::MAX));
        let mut ups = self.start(ids, seed, &mut dice).await?;
        let duet = Duet {
            workload: self.workload.clone(),
            seed,
            ids,
            urls: ups.iter().map(|up| up.live.url().to_owned()).collect(),
            pace: Pace::Closed { concurrency: self.protocol.concurrency },
            patience: self.patience,
        };

        let warm = self.drive(&duet, 0, self.protocol.warm_up_ms, &mut ups, stop, false).await?;
        self.settle(&mut ups, 0..warm.next_item, seed).await;
        let before = self.clocks(&ups).await;
        let driven = self.drive(&duet, warm.next_item, self.protocol.measured_ms, &mut ups, stop, true).await?;
        let measured = warm.next_item..driven.next_item;
        self.settle(&mut ups, measured.clone(), seed).await;
        let after = self.clocks(&ups).await;

        let mut launch = Launch {
            run: self.run.to_owned(),
            number,
            confirmation,
            began_unix_ms: u64::try_from(began.as_millis()).unwrap_or(u64::MAX),
            measured_ms: millis(driven.took),
            arms: Vec::new(),
            driver_cpu_ns: nanos(driven.cpu),
            sink_cpu_ns: nanos(after.sink.saturating_sub(before.sink)),
            stubs_cpu_ns: nanos(stubs(&before, &after, &driven)),
            invalid: Vec::new(),
        };
        let cpu = before.arms.into_iter().zip(after.arms);
        for (at, (up, cpu)) in ups.iter_mut().zip(cpu).enumerate() {
            let arrived = self.arrived(up, measured.clone(), seed);
            launch.invalid.extend(validity::of_arm(up.arm, &driven.arms[at], &arrived, up.tally.strangers()));
            if let Err(error) = up.live.alive("while it was measured").await {
                launch.invalid.push(invalid(Rule::ArmDied, up.arm, error.to_string()));
            }
            let cpu_ns = match cpu {
                (Ok(before), Ok(after)) => nanos(after.saturating_sub(before)),
                (Err(error), _) | (_, Err(error)) => {
                    launch.invalid.push(invalid(Rule::NotMeasured, up.arm, error.to_string()));
                    0
                }
            };
            launch.arms.push(ArmRecord {
                arm: up.arm.name.clone(),
                requests: driven.arms[at].answered,
                cpu_ns,
                spans: arrived.spans + arrived.unsampled,
                spans_expected: arrived.expected,
                logs: arrived.logs,
                rss_bytes: up.live.process_id().and_then(cpu::resident).unwrap_or(0),
                latency: Latencies::of(&driven.arms[at].latency),
            });
        }
        launch.invalid.extend(validity::of_launch(&launch, &driven, self.protocol));
        for up in ups {
            // How it ends is not what is measured; the telemetry it had is counted.
            let _ = up.live.down().await;
        }
        Ok(launch)
    }

    async fn clocks(&self, ups: &[Up<'_>]) -> Clocks {
        // Runs on the receivers' only thread.
        let sink = self.sink.spawn(async { cpu::thread() }).await.unwrap_or_default();
        let arms = ups.iter().map(|up| up.clock.clone().and_then(|clock| clock.read())).collect();
        Clocks { arms, sink, own: cpu::own() }
    }
}

/// Every clock at one moment.
struct Clocks {
    arms: Vec<Result<Duration, CpuError>>,
    sink: Duration,
    own: Duration,
}

/// What this process used but for driver and receivers: the stand-ins that the services call.
fn stubs(before: &Clocks, after: &Clocks, driven: &Driven) -> Duration {
    let sink = after.sink.saturating_sub(before.sink);
    after.own.saturating_sub(before.own).saturating_sub(sink).saturating_sub(driven.cpu)
}

fn invalid(rule: Rule, arm: &Arm, message: String) -> Invalid {
    Invalid { rule, arm: Some(arm.name.clone()), message }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
