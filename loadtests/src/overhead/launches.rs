//! Launches made up for tests, with a known truth.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::record::{ArmRecord, Latencies, Launch};

/// A service whose costs are known.
#[derive(Clone, Debug)]
pub(crate) struct Synthetic {
    /// True costs of arms over the baseline `off`, as fractions.
    arms: Vec<(String, f64)>,
    /// Standard deviation of each arm's log of CPU time a request.
    noise: f64,
    seed: u64,
}

impl Synthetic {
    /// `on` costs this much more than `off`; `off again` nothing. Two arms differ by 0.3 % from launch to launch.
    pub(crate) fn costing(cost: f64) -> Self {
        let arms = vec![("off".to_owned(), 0.0), ("on".to_owned(), cost), ("off again".to_owned(), 0.0)];
        Self { arms, noise: 0.003 / std::f64::consts::SQRT_2, seed: 1 }
    }

    /// One more arm.
    pub(crate) fn and(mut self, arm: &str, cost: f64) -> Self {
        self.arms.push((arm.to_owned(), cost));
        self
    }

    /// `off again` costs this much although it is the same.
    pub(crate) fn biased(mut self, cost: f64) -> Self {
        self.arms[2].1 = cost;
        self
    }

    /// The log-ratio of two arms has this standard deviation.
    pub(crate) fn noisy(mut self, sd: f64) -> Self {
        self.noise = sd / std::f64::consts::SQRT_2;
        self
    }

    pub(crate) fn seeded(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// So many launches.
    pub(crate) fn launches(&self, number: u32) -> Vec<Launch> {
        let mut dice = SmallRng::seed_from_u64(self.seed);
        (1..=number).map(|number| self.launch(number, &mut dice)).collect()
    }

    fn launch(&self, number: u32, dice: &mut SmallRng) -> Launch {
        let arms = self.arms.iter().map(|(arm, cost)| {
            let on = !arm.starts_with("off");
            let spans = if on { 15_000 } else { 0 };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "about 2e8")]
            let cpu_ns = (200_000_000.0 * (1.0 + cost) * (self.noise * normal(dice)).exp()) as u64;
            ArmRecord {
                arm: arm.clone(),
                requests: 1000,
                cpu_ns,
                spans,
                spans_expected: spans,
                logs: 0,
                rss_bytes: 50_000_000,
                latency: Latencies { mean: 300.0, p50: 290, p95: 400, p99: 500, max: 900 },
            }
        });
        Launch {
            run: format!("run-{}", self.seed),
            number,
            confirmation: false,
            began_unix_ms: 1_700_000_000_000 + u64::from(number) * 7000,
            measured_ms: 5000,
            arms: arms.collect(),
            driver_cpu_ns: 50_000_000,
            sink_cpu_ns: 20_000_000,
            stubs_cpu_ns: 30_000_000,
            invalid: Vec::new(),
        }
    }
}

/// These launches as a confirmation of others.
pub(crate) fn confirming(mut launches: Vec<Launch>) -> Vec<Launch> {
    for launch in &mut launches {
        launch.confirmation = true;
        launch.number += 100;
    }
    launches
}

/// A standard normal number (Box and Muller 1958).
fn normal(dice: &mut SmallRng) -> f64 {
    let (radius, angle): (f64, f64) = (dice.random(), dice.random());
    (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}
