//! Each validity check, by the fault it exists for: whatever would look like a low cost, or like any cost at all, although
//! nothing was proven.

use super::project::{Arms, outcome, project, quick, rules};

#[track_caller]
fn assert_invalid(arms: &Arms, rule: &str, says: &str) {
    let said = quick(&project(arms), &["--format", "json"]);

    said.assert_code(4).assert_stderr("INVALID");
    let outcome = outcome(&said);
    assert_eq!(outcome["verdict"], "INVALID");
    assert!(rules(&outcome).contains(&rule), "wanted {rule}: {}", outcome["invalid"]);
    assert!(outcome["invalid"].to_string().contains(says), "wanted {says}: {}", outcome["invalid"]);
}

#[test]
fn dropped_spans() {
    let on = "{INSTRUMENTATION: direct, DROP_EVERY: '500'}";
    assert_invalid(&Arms { on, ..Arms::default() }, "spans-lost", "never arrived");
}

#[test]
fn unequal_answers() {
    let on = "{INSTRUMENTATION: direct, ANSWER_SALT: other}";
    assert_invalid(&Arms { on, ..Arms::default() }, "answers-differ", "volatile");
}

#[test]
fn an_arm_that_dies() {
    let on = "{INSTRUMENTATION: direct, DIE_AFTER: '150'}";
    assert_invalid(&Arms { on, ..Arms::default() }, "arm-died", "ended by itself");
}

#[test]
fn an_arm_that_refuses() {
    let on = "{INSTRUMENTATION: direct, REFUSE_AFTER: '150'}";
    assert_invalid(&Arms { on, ..Arms::default() }, "bad-answer", "500");
}

#[test]
fn telemetry_from_the_arm_that_is_to_have_none() {
    let off = "{INSTRUMENTATION: direct}";
    assert_invalid(&Arms { off, ..Arms::default() }, "spans-unexplained", "does not switch it off");
}

#[test]
fn an_arm_with_telemetry_that_sends_none() {
    let on = "{INSTRUMENTATION: none}";
    assert_invalid(&Arms { on, ..Arms::default() }, "spans-lost", "never arrived");
}

#[test]
fn a_sampler_that_keeps_nothing_shows_nothing() {
    let on = "{INSTRUMENTATION: direct, OTEL_TRACES_SAMPLER: always_off}";
    assert_invalid(&Arms { on, ..Arms::default() }, "not-measured", "its sampler keeps no trace");
}

#[test]
fn too_few_requests() {
    let slow = "{INSTRUMENTATION: none, SPIN_REQUEST_MICROS: '60000'}";
    assert_invalid(&Arms { off: slow, ..Arms::default() }, "too-few-requests", "measure longer");
}
