//! The quick look that `verify` takes, of a service whose telemetry is right and costs far more than its budget.

use super::project::{Arms, experiment, project};
use crate::support::Said;

fn verify(more: &'static str) -> Said {
    let on = "{INSTRUMENTATION: direct, SPIN_REQUEST_MICROS: '2000'}";
    let folder = project(&Arms { on, more, ..Arms::default() });
    let path = folder.path().join("otelgate.yaml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, config.replacen("  env:\n", "  env:\n    INSTRUMENTATION: direct\n", 1)).unwrap();
    experiment(&folder, "verify", &[])
}

#[test]
fn a_cost_above_the_budget_is_part_of_the_verdict_where_that_is_asked() {
    let said = verify("  budget: 10\n  in-verify: gate\n");

    said.assert_code(1).assert_stdout("PASS  specimen").assert_stdout("budget 10 % -> FAIL");
}

#[test]
fn a_cost_above_the_budget_is_told_where_it_is_not() {
    let said = verify("  budget: 10\n");

    said.assert_code(0).assert_stdout("budget 10 % -> FAIL").assert_stdout("told, not judged");
}
