//! Outcomes made by hand, with plausible figures: a service of 400 µs a request and 15 spans.

use std::collections::BTreeMap;
use std::path::Path;

use otelgate_loadtests::lane::{Baseline, LaneOutcome, judge};
use otelgate_loadtests::overhead::outcome::{
    ArmOutcome, Cost, Effect, LatencyArm, LatencyOutcome, LatencyRatio, Look, Machine, Outcome, OverheadVerdict,
    Protocol,
};
use otelgate_loadtests::overhead::record::{ArmRecord, Invalid, Latencies, Launch, Rule};

/// CPU of a request of the baseline, in nanoseconds.
const REQUEST: f64 = 402_100.0;

/// A run of 16 launches whose interval ends below the budget.
pub(crate) fn pass() -> Outcome {
    run(0.024, 16, 0)
}

/// A run of 12 launches above the budget, and a confirmation that says the same.
pub(crate) fn fail() -> Outcome {
    let mut outcome = run(0.137, 12, 8);
    outcome.verdict = OverheadVerdict::Fail;
    outcome.reasons = vec!["two independent runs put the whole interval above the budget".to_owned()];
    outcome
}

/// A run whose interval holds the budget to the end.
pub(crate) fn inconclusive() -> Outcome {
    let mut outcome = run(0.047, 24, 0);
    outcome.verdict = OverheadVerdict::Inconclusive;
    outcome.reasons = vec!["the interval [4.1, 5.3] still holds the budget of 5 % after 24 launches".to_owned()];
    outcome.cost.as_mut().unwrap().sign_flip_p = 0.193;
    outcome.help = vec!["about 40 more launches would decide it: --launches 64".to_owned()];
    outcome
}

/// A run in which spans were lost.
pub(crate) fn invalid() -> Outcome {
    let mut outcome = run(0.011, 8, 0);
    let lost = Invalid {
        rule: Rule::SpansLost,
        arm: Some(Protocol::ON.to_owned()),
        message: "18 % of the spans are missing; raise OTEL_BSP_MAX_QUEUE_SIZE".to_owned(),
    };
    outcome.verdict = OverheadVerdict::Invalid;
    outcome.reasons = vec!["dropped spans look like low overhead".to_owned()];
    outcome.launches[2].invalid.push(lost.clone());
    outcome.launches[2].arms[0].spans = 25_830;
    outcome.invalid.push(lost);
    arm(&mut outcome, Protocol::ON).delivered = 0.82;
    outcome
}

/// A run that ended before its first launch.
pub(crate) fn nothing() -> Outcome {
    let mut outcome = pass();
    outcome.verdict = OverheadVerdict::Invalid;
    outcome.reasons = vec!["the arm `on` never became ready: exit code 1".to_owned()];
    outcome.invalid = vec![Invalid {
        rule: Rule::ArmDied,
        arm: Some(Protocol::ON.to_owned()),
        message: "exit code 1 after 0.2 s".to_owned(),
    }];
    (outcome.cost, outcome.same, outcome.same_sd, outcome.detectable) = (None, None, None, None);
    outcome.looks.clear();
    outcome.arms.clear();
    outcome.launches.clear();
    outcome
}

/// The arm of that name.
pub(crate) fn arm<'o>(outcome: &'o mut Outcome, name: &str) -> &'o mut ArmOutcome {
    outcome.arms.iter_mut().find(|arm| arm.arm == name).unwrap()
}

/// `outcome` with latencies for no delay and for recorded delays.
pub(crate) fn with_latency(mut outcome: Outcome) -> Outcome {
    outcome.latency = vec![latency("no model delay", 640.0, 1.021), latency("recorded delays", 421_000.0, 1.0007)];
    outcome
}

fn run(cost: f64, first: u32, confirming: u32) -> Outcome {
    let launches: Vec<Launch> = (1..=first + confirming).map(|number| launch(number, number > first, cost)).collect();
    let effect = interval(cost, first);
    Outcome {
        run: "run-42".to_owned(),
        service: "rag-service".to_owned(),
        workload: "questions".to_owned(),
        otelgate: "0.1.0".to_owned(),
        began_unix_ms: 1_790_000_000_000,
        took_ms: 192_000,
        machine: Machine { cores: 2, processor: "AMD EPYC 7B13".to_owned(), system: "Linux 6.1.0".to_owned() },
        protocol: Protocol {
            budget: 0.05,
            looks: vec![8, 12, 16, 20, 24],
            level: 0.0031,
            measured_ms: 7_000,
            warm_up_ms: 1_500,
            concurrency: 2,
            seed: 42,
            confirm: true,
        },
        verdict: OverheadVerdict::Pass,
        reasons: Vec::new(),
        help: Vec::new(),
        cost: Some(Cost {
            effect,
            confidence: 0.99,
            micros_per_request: REQUEST / 1_000.0 * cost,
            micros_per_span: Some(REQUEST / 1_000.0 * cost / 15.0),
            spans_per_request: 15.0,
            sign_flip_p: 0.000_03,
        }),
        same: Some(Effect { estimate: 0.0006, lower: -0.0018, upper: 0.003 }),
        same_sd: Some(0.0031),
        detectable: Some(0.011),
        looks: looks(cost, first, false).chain(looks(cost, confirming, true)).collect(),
        arms: vec![
            arm_outcome(Protocol::OFF, None, 0.0),
            arm_outcome(Protocol::ON, Some(effect), 15.0),
            arm_outcome(Protocol::SAME, Some(Effect { estimate: 0.0006, lower: -0.0018, upper: 0.003 }), 0.0),
        ],
        invalid: Vec::new(),
        launches,
        latency: Vec::new(),
        on_is: None,
        against: None,
        lane: None,
    }
}

/// Closer around `cost` the more launches there were.
fn interval(cost: f64, launches: u32) -> Effect {
    let half = 0.028 / f64::from(launches.max(1)).sqrt();
    Effect { estimate: cost, lower: cost - half, upper: cost + half }
}

fn looks(cost: f64, launches: u32, confirmation: bool) -> impl Iterator<Item = Look> {
    let at = [8, 12, 16, 20, 24].into_iter().filter(move |at| *at <= launches);
    at.map(move |at| {
        let effect = interval(cost, at);
        let decided = match effect {
            _ if at < launches => OverheadVerdict::Inconclusive,
            Effect { upper, .. } if upper < 0.05 => OverheadVerdict::Pass,
            Effect { lower, .. } if lower > 0.05 => OverheadVerdict::Fail,
            _ => OverheadVerdict::Inconclusive,
        };
        Look { launches: at, confirmation, effect, decided }
    })
}

fn arm_outcome(name: &str, effect: Option<Effect>, spans: f64) -> ArmOutcome {
    let on = name == Protocol::ON;
    ArmOutcome {
        arm: name.to_owned(),
        env: BTreeMap::from([("OTEL_ENABLED".to_owned(), on.to_string())]),
        effect,
        spared: None,
        micros_per_request: REQUEST / 1_000.0 * (1.0 + effect.map_or(0.0, |effect| effect.estimate)),
        spans_per_request: spans,
        delivered: 1.0,
        rss_bytes: if on { 46_137_344 } else { 39_845_888 },
    }
}

/// A launch whose ratio is around `cost`; which way it strays its number says.
fn launch(number: u32, confirmation: bool, cost: f64) -> Launch {
    let stray = |of: u32| f64::from((number * of) % 11) / 11.0 - 0.5;
    let record = |arm: &str, ratio: f64, spans: u64| {
        let requests: u32 = 2_100;
        ArmRecord {
            arm: arm.to_owned(),
            requests: u64::from(requests),
            cpu_ns: whole(REQUEST * ratio * f64::from(requests)),
            spans: spans * u64::from(requests),
            spans_expected: spans * u64::from(requests),
            logs: 0,
            rss_bytes: 39_845_888,
            latency: latencies(3_100.0 * ratio),
        }
    };
    Launch {
        run: "run-42".to_owned(),
        number,
        confirmation,
        began_unix_ms: 1_790_000_000_000 + u64::from(number) * 10_000,
        measured_ms: 7_000,
        arms: vec![
            record(Protocol::ON, 1.0 + cost + stray(7) * 0.02, 15),
            record(Protocol::OFF, 1.0, 0),
            record(Protocol::SAME, 1.0 + stray(5) * 0.008, 0),
        ],
        driver_cpu_ns: 6_300 * 88_000,
        sink_cpu_ns: 2_100 * 31_000,
        stubs_cpu_ns: 6_300 * 140_000,
        invalid: Vec::new(),
    }
}

fn latency(name: &str, median: f64, ratio: f64) -> LatencyOutcome {
    let arm = |arm: &str, median: f64| LatencyArm {
        arm: arm.to_owned(),
        requests: 8_000,
        latency: latencies(median),
        curve: (0..1_000).map(|part| f64::from(part) / 1_000.0).map(|at| (at, quantile(median, at))).collect(),
    };
    let of = |quantile, estimate: f64| LatencyRatio {
        quantile,
        effect: Effect { estimate, lower: estimate - 0.009, upper: estimate + 0.009 },
    };
    LatencyOutcome {
        name: name.to_owned(),
        rate: 200.0,
        rounds: 8,
        arms: vec![arm(Protocol::OFF, median), arm(Protocol::ON, median * ratio)],
        ratios: vec![of(0.5, ratio - 1.0), of(0.95, ratio - 0.998), of(0.99, ratio - 0.99)],
    }
}

fn latencies(median: f64) -> Latencies {
    let at = |part| quantile(median, part);
    Latencies { mean: median * 1.1, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(0.9999) }
}

/// A long tail: log-logistic.
fn quantile(median: f64, part: f64) -> u64 {
    let part = part.clamp(0.0005, 0.9999);
    whole(median * (part / (1.0 - part)).powf(0.12))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "figures of a sample, above 0")]
fn whole(figure: f64) -> u64 {
    figure.round() as u64
}

/// What the lane says of a baseline itself; of one that `lane --renew` does not write.
pub(crate) fn lane() -> LaneOutcome {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/support/lane.json");
    let baseline = Baseline::read(&path).unwrap().unwrap();
    judge(baseline.measured.clone(), Some(&baseline), 0.05)
}
