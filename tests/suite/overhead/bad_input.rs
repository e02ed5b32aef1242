//! What cannot be measured is said before anything is started, or as soon as it shows.

use super::project::{Arms, project, quick, run};
use crate::support::{otelgate, project as reference_service};

#[test]
fn a_budget_nobody_can_hold_is_refused() {
    let folder = project(&Arms::default());

    for budget in ["0", "-1", "100.5", "NaN", "inf"] {
        run(&folder, &["--budget", budget]).assert_code(2).assert_stderr("above 0 and at most 100");
    }
    run(&folder, &["--budget", "five"]).assert_code(2).assert_stderr("invalid value 'five'");
}

#[test]
fn a_budget_in_the_configuration_is_read_as_strictly() {
    let folder = project(&Arms { more: "  budget: 0\n", ..Arms::default() });

    run(&folder, &[]).assert_code(2).assert_stderr("`overhead.budget`").assert_stderr("above 0 and at most 100");
}

#[test]
fn a_configuration_without_overhead_is_told_what_to_write() {
    let folder = project(&Arms::default());
    let path = folder.path().join("otelgate.yaml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, config.split_once("overhead:").unwrap().0).unwrap();

    run(&folder, &[]).assert_code(2).assert_stderr("has no `overhead`").assert_stderr("`workload`");
}

#[test]
fn an_unknown_arm_is_answered_with_those_there_are() {
    let folder = project(&Arms { more: "  arms: {trimmed: {INSTRUMENTATION: tracing-trimmed}}\n", ..Arms::default() });

    for option in ["--arm", "--on"] {
        run(&folder, &[option, "trimed"])
            .assert_code(2)
            .assert_stderr("no arm is named `trimed`")
            .assert_stderr("trimmed");
    }
}

#[test]
fn launches_of_no_length_and_no_launches_are_refused() {
    let folder = project(&Arms::default());

    run(&folder, &["--seconds", "0"]).assert_code(2).assert_stderr("0.1 to 600");
    run(&folder, &["--collect", "0"]).assert_code(2).assert_stderr("0 launches measure nothing");
}

#[test]
fn a_workload_that_cannot_be_used_is_told_with_its_place() {
    let folder = reference_service("[never-started]", "");
    let workload = folder.path().join("workload.yaml");
    std::fs::write(&workload, "version: 1\nworkload: w\nrequests:\n- {name: a, request: GET /, jsn: 1}\n").unwrap();
    let path = folder.path().join("otelgate.yaml");
    let config = std::fs::read_to_string(&path).unwrap();
    let line = config.lines().find(|line| line.starts_with("  workload:")).unwrap().to_owned();
    std::fs::write(&path, config.replace(&line, "  workload: workload.yaml")).unwrap();

    let said: crate::support::Said =
        otelgate().args(["overhead", "--quick"]).current_dir(folder.path()).output().unwrap().into();

    said.assert_code(2).assert_stderr("workload.yaml:4").assert_stderr("jsn");
}

#[test]
fn an_arm_that_does_not_start_is_named() {
    let folder = project(&Arms { on: "{INSTRUMENTATION: direkt}", ..Arms::default() });

    quick(&folder, &[]).assert_code(3).assert_stderr("arm `on`").assert_stderr("is not known");
}

#[test]
fn an_arm_that_never_gets_ready_is_named_with_what_it_printed() {
    let folder = project(&Arms::default());
    let path = folder.path().join("otelgate.yaml");
    let config = std::fs::read_to_string(&path).unwrap();
    let line = config.lines().find(|line| line.starts_with("  command:")).unwrap().to_owned();
    let deaf = "  command: [sh, -c, 'echo listening on http://127.0.0.1:1; exec sleep 60']";
    let config = config.replace(&line, deaf).replace("ready: {path: /ready}", "ready: {path: /ready, within-ms: 200}");
    std::fs::write(&path, config).unwrap();

    quick(&folder, &[]).assert_code(3).assert_stderr("arm `").assert_stderr("not ready after");
}

#[test]
fn an_arm_that_is_started_by_nobody_is_named() {
    let folder = project(&Arms::default());

    quick(&folder, &["--service-command", "no-such-program"])
        .assert_code(3)
        .assert_stderr("arm `")
        .assert_stderr("no-such-program");
}

#[test]
fn another_commit_cannot_be_built_if_nobody_said_how() {
    let folder = project(&Arms::default());

    quick(&folder, &["--against", "no-such-commit"]).assert_code(2).assert_stderr("`service.build` says nothing");
}
