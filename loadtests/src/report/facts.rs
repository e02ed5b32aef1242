//! What is told in sentences, whoever shows them.

use std::time::Duration;

use otelgate_harness::report::text::duration;

use super::figures::{NOT_MEASURED, difference, micros, percent, seconds};
use super::line::launches;
use crate::overhead::outcome::{Outcome, OverheadVerdict, Protocol};
use crate::overhead::record::{ArmRecord, Launch};

/// `rag-service · workload questions · run 4f1c · otelgate 0.1.0`, and what `on` is if it is another arm.
pub(super) fn heading(outcome: &Outcome) -> String {
    let mut parts = vec![outcome.service.clone(), format!("workload {}", outcome.workload)];
    if !outcome.run.is_empty() {
        parts.push(format!("run {}", outcome.run));
    }
    parts.push(format!("otelgate {}", outcome.otelgate));
    parts.extend(outcome.on_is.as_ref().map(|arm| format!("{} is `{arm}`", Protocol::ON)));
    parts.join(" · ")
}

/// `2 cores, AMD EPYC 7B13, Linux 6.1`
pub(super) fn machine(outcome: &Outcome) -> String {
    let machine = &outcome.machine;
    let cores = match machine.cores {
        0 => "cores unknown".to_owned(),
        1 => "1 core".to_owned(),
        cores => format!("{cores} cores"),
    };
    let known = [&machine.processor, &machine.system].into_iter().filter(|text| !text.is_empty()).cloned();
    std::iter::once(cores).chain(known).collect::<Vec<_>>().join(", ")
}

/// `16 launches × 7 s after 1.5 s of warm-up, 2 requests open at once, seed 42, looks after 8, 12, 16; took 3 min 12 s`
pub(super) fn protocol(outcome: &Outcome) -> String {
    let protocol = &outcome.protocol;
    let open = match protocol.concurrency {
        1 => "1 request open at a time".to_owned(),
        open => format!("{open} requests open at once"),
    };
    let looks: Vec<String> = protocol.looks.iter().map(u32::to_string).collect();
    format!(
        "{} after {} of warm-up, {open}, seed {}, looks after {} at a one-sided level of {:.4} each{}; took {}",
        launches(outcome),
        seconds(protocol.warm_up_ms),
        protocol.seed,
        looks.join(", "),
        protocol.level,
        if protocol.confirm { ", a FAIL to be confirmed" } else { "" },
        duration(Duration::from_millis(outcome.took_ms)),
    )
}

/// What noise alone does.
pub(super) fn same(outcome: &Outcome) -> String {
    let spread = outcome.same_sd.map_or(String::new(), |sd| format!(", sd {} a launch", percent(sd, 2)));
    match &outcome.same {
        Some(same) => {
            let found = difference(same, outcome.protocol.budget);
            format!("{} against {}: {found}{spread}", Protocol::SAME, Protocol::OFF)
        }
        None => format!("{NOT_MEASURED}{spread}"),
    }
}

/// Cross-check of the interval by a test without assumptions about its distribution; `None` where there is nothing to check.
pub(super) fn cross_check(outcome: &Outcome) -> Option<String> {
    let cost = outcome.cost.as_ref().filter(|_| outcome.verdict != OverheadVerdict::Invalid)?;
    let limit = super::figures::budget(outcome.protocol.budget);
    let p = match cost.sign_flip_p {
        ..0.0001 => "< 0.0001".to_owned(),
        p => format!("= {p:.4}"),
    };
    Some(format!("exact sign-flip test of \"costs exactly {limit}\": p {p}"))
}

/// CPU time that is no arm's: who spent it, how much.
pub(super) fn others(outcome: &Outcome) -> [(&'static str, String); 3] {
    let all = requests(outcome, |_| true);
    let sending = requests(outcome, |arm| arm.spans > 0);
    let driver = each(total(outcome, |launch| launch.driver_cpu_ns), all);
    let service = outcome.arms.iter().find(|arm| arm.arm == Protocol::OFF).map(|arm| arm.micros_per_request);
    let share = match (driver, service.filter(|micros| *micros > 0.0)) {
        (Some(driver), Some(service)) => {
            format!(", {} of what {} spends on one", percent(driver / service, 0), Protocol::OFF)
        }
        _ => String::new(),
    };
    let stubs = each(total(outcome, |launch| launch.stubs_cpu_ns), all);
    let sink = total(outcome, |launch| launch.sink_cpu_ns);
    let tax = each(sink, sending);
    let spans = outcome.launches.iter().flat_map(|launch| &launch.arms).map(|arm| arm.spans).sum();
    let of_span = each(sink, spans).map_or(String::new(), |span| format!(", {} a span", micros(Some(span))));
    let a_request = |figure: Option<f64>| match figure {
        Some(_) => format!("{} a request", micros(figure)),
        None => NOT_MEASURED.to_owned(),
    };
    [
        ("driver", format!("{}{share}", a_request(driver))),
        ("stand-ins", a_request(stubs)),
        (
            "collector tax",
            match tax {
                Some(_) => format!("{} that sends spans{of_span}", a_request(tax)),
                None => NOT_MEASURED.to_owned(),
            },
        ),
    ]
}

fn total(outcome: &Outcome, read: fn(&Launch) -> u64) -> u64 {
    outcome.launches.iter().map(read).sum()
}

fn requests(outcome: &Outcome, counts: fn(&ArmRecord) -> bool) -> u64 {
    let arms = outcome.launches.iter().flat_map(|launch| &launch.arms);
    arms.filter(|arm| counts(arm)).map(|arm| arm.requests).sum()
}

/// Microseconds for each; `None` without either: no CPU time at all is a clock that could not be read.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn each(nanos: u64, number: u64) -> Option<f64> {
    (nanos > 0 && number > 0).then(|| nanos as f64 / 1_000.0 / number as f64)
}
