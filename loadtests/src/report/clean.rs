//! An outcome without characters that do harm wherever they are shown.

use otelgate_harness::report::escape::printable;

use crate::overhead::outcome::Outcome;
use crate::overhead::record::Invalid;

/// `outcome` with control characters and those that reorder text escaped, in every string that comes from outside.
/// Escaping for HTML, XML and Markdown comes on top: that is each renderer's own.
pub(super) fn outcome(outcome: &Outcome) -> Outcome {
    let mut clean = outcome.clone();
    let Outcome { run, service, workload, otelgate, machine, .. } = &mut clean;
    for text in [run, service, workload, otelgate, &mut machine.processor, &mut machine.system] {
        one(text);
    }
    clean.reasons.iter_mut().chain(&mut clean.help).chain(&mut clean.on_is).for_each(one);
    clean.invalid.iter_mut().for_each(invalid);
    for arm in &mut clean.arms {
        one(&mut arm.arm);
        arm.env =
            std::mem::take(&mut arm.env).iter().map(|(name, value)| (printable(name), printable(value))).collect();
    }
    for launch in &mut clean.launches {
        launch.arms.iter_mut().for_each(|arm| one(&mut arm.arm));
        launch.invalid.iter_mut().for_each(invalid);
    }
    for latency in &mut clean.latency {
        one(&mut latency.name);
        latency.arms.iter_mut().for_each(|arm| one(&mut arm.arm));
    }
    clean
}

fn invalid(invalid: &mut Invalid) {
    one(&mut invalid.message);
    invalid.arm.iter_mut().for_each(one);
}

fn one(text: &mut String) {
    *text = printable(text);
}
