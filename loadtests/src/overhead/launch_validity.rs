//! Whether a launch proves anything. Pure; each rule exists for a fault that would otherwise look like a result.

use super::arm::Arm;
use super::outcome::Protocol;
use super::record::{Invalid, Launch, Rule};
use super::tally::Arrived;
use super::validity;
use crate::duet::{Driven, DrivenArm};

/// Fewer requests than this an arm say nothing about the cost of one.
pub const FEWEST_REQUESTS: u64 = 50;
/// An arm must answer at least this part of what was sent to it.
pub const LEAST_ANSWERED: f64 = 0.90;
/// Less CPU time a request than this, in nanoseconds, is no service's: the process that is measured does not serve.
pub const LEAST_CPU: f64 = 1_000.0;

/// What is wrong with what one arm did.
#[must_use]
pub fn of_arm(arm: &Arm, driven: &DrivenArm, arrived: &Arrived, strangers: u64) -> Vec<Invalid> {
    let mut found = Vec::new();
    let mut say = |rule, message| found.push(Invalid { rule, arm: Some(arm.name.clone()), message });
    let sent_anyway = arrived.spans + arrived.unsampled + strangers;
    if arm.silent && sent_anyway > 0 {
        say(
            Rule::SpansUnexplained,
            format!("{sent_anyway} spans came from an arm without telemetry; `overhead.off` does not switch it off"),
        );
    } else if arm.complete && arrived.unsampled > 0 {
        say(
            Rule::SpansUnexplained,
            format!("{} spans came of traces that its sampler must drop; is the sampler in effect?", arrived.unsampled),
        );
    }
    if arm.complete && arrived.expected == 0 && driven.answered > 0 {
        say(
            Rule::NotMeasured,
            "its sampler keeps no trace, so nothing shows that telemetry was on; let it sample, or compare another arm"
                .to_owned(),
        );
    }
    if arm.complete && !arrived.is_complete() {
        let missing = arrived.expected - arrived.spans;
        let kinds: Vec<String> = arrived.missing.iter().map(|(kind, count)| format!("{count} of `{kind}`")).collect();
        say(
            Rule::SpansLost,
            format!(
                "{missing} of {} spans never arrived ({}): what is dropped costs nothing, so the cost would look too low; \
                 raise the queue (OTEL_BSP_MAX_QUEUE_SIZE), or lower the concurrency",
                arrived.expected,
                kinds.join(", ")
            ),
        );
    }
    found.splice(0..0, of_answers(arm, driven));
    found
}

/// What is wrong with the answers of one arm.
#[must_use]
pub fn of_answers(arm: &Arm, driven: &DrivenArm) -> Option<Invalid> {
    let DrivenArm { answered, failed, complaints, .. } = driven;
    (*failed > 0).then(|| Invalid {
        rule: Rule::BadAnswer,
        arm: Some(arm.name.clone()),
        message: format!(
            "{failed} of {} requests were not answered well: {}; look at what the service prints in this arm",
            failed + answered,
            complaints.join("; ")
        ),
    })
}

/// What is wrong with a launch as a whole.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
pub fn of_launch(launch: &Launch, driven: &Driven, protocol: &Protocol) -> Vec<Invalid> {
    let mut found = Vec::new();
    if driven.differing > 0 {
        found.push(Invalid {
            rule: Rule::AnswersDiffer,
            arm: None,
            message: format!(
                "{} items were answered differently by two arms, which then do not do the same work: {}; if that part of \
                 the answer is meant to vary, name it in `volatile`",
                driven.differing,
                driven.differ.join("; ")
            ),
        });
    }
    found.extend(validity::requests_differ(launch));
    for (arm, done) in launch.arms.iter().zip(&driven.arms) {
        let mut say = |rule, message| found.push(Invalid { rule, arm: Some(arm.arm.clone()), message });
        let sent = done.answered + done.failed;
        if arm.requests < FEWEST_REQUESTS || (arm.requests as f64) < LEAST_ANSWERED * sent as f64 {
            let measured = protocol.measured_ms;
            say(
                Rule::TooFewRequests,
                format!(
                    "only {} of {sent} requests were answered well in {measured} ms, and {FEWEST_REQUESTS} and 90 % are \
                     needed; measure longer, or find out why it is so slow",
                    arm.requests
                ),
            );
        }
        let each = arm.cpu_ns as f64 / arm.requests.max(1) as f64;
        if arm.requests > 0 && each < LEAST_CPU && found.iter().all(|invalid| invalid.rule != Rule::ArmDied) {
            found.push(Invalid {
                rule: Rule::NotMeasured,
                arm: Some(arm.arm.clone()),
                message: format!(
                    "its process used {each:.0} ns of CPU a request, which is no service's; if a script starts it, let the \
                     script `exec` it"
                ),
            });
        }
    }
    found
}
