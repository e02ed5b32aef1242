//! Experiments that get to a verdict.

use super::project::{Arms, outcome, project, quick, run};
use crate::built::built;

#[test]
fn what_costs_far_more_than_the_budget_fails_once_a_second_run_has_confirmed_it() {
    // Plain, however busy the machine is: each request burns 2 ms more with telemetry on.
    let more = "  arms: {dear one: {INSTRUMENTATION: direct, SPIN_REQUEST_MICROS: '2000'}}\n";
    let folder = project(&Arms { more, ..Arms::default() });

    let said = quick(&folder, &["--on", "dear one", "--format", "json", "--budget", "10", "--seed", "7"]);

    said.assert_code(1);
    let outcome = outcome(&said);
    assert_eq!((&outcome["verdict"], &outcome["protocol"]["seed"]), (&"FAIL".into(), &7.into()));
    assert_eq!(outcome["on_is"], "dear one");
    let launches = outcome["launches"].as_array().unwrap();
    assert!(launches.iter().any(|launch| launch["confirmation"] == true), "{launches:?}");
    for arm in launches.iter().flat_map(|launch| launch["arms"].as_array().unwrap()) {
        assert_eq!(arm["spans"], arm["spans_expected"], "{arm}");
        assert!(arm["cpu_ns"].as_u64().unwrap() > 0 && arm["rss_bytes"].as_u64().unwrap() > 0, "{arm}");
    }
    let on = outcome["arms"].as_array().unwrap().iter().find(|arm| arm["arm"] == "on").unwrap();
    assert_eq!((&on["spans_per_request"], &on["delivered"]), (&9.0.into(), &1.0.into()));
    assert!(outcome["cost"]["effect"]["lower"].as_f64().unwrap() > 0.1, "{}", outcome["cost"]);
    let kept = std::fs::read_to_string(folder.path().join(".otelgate/launches.jsonl")).unwrap();
    assert_eq!(kept.lines().count(), launches.len(), "every launch is in the ledger");
}

#[test]
fn what_costs_far_less_than_the_budget_passes_and_the_last_line_says_so() {
    // Beside 1.5 ms of work in each request, telemetry is small even in a debug build.
    let folder = project(&Arms {
        off: "{INSTRUMENTATION: none, SPIN_REQUEST_MICROS: '1500'}",
        on: "{INSTRUMENTATION: direct, SPIN_REQUEST_MICROS: '1500'}",
        ..Arms::default()
    });

    let said = quick(&folder, &["--budget", "100"]);

    said.assert_code(0);
    let last = said.stdout.lines().last().unwrap();
    assert!(last.starts_with("OTel CPU overhead ") && last.ends_with("budget 100 % -> PASS"), "{last}");
    assert!(last.contains("spans 100 % delivered"), "{last}");
}

#[test]
fn what_differs_from_launch_to_launch_is_inconclusive_and_what_would_help_is_said() {
    // Every other time it is started, telemetry costs six times as much: launches say so little of each other that none
    // of five decides.
    let folder = project(&Arms::default());
    let script = r#"
        if [ "$INSTRUMENTATION" = direct ]; then
            n=$(cat started 2>/dev/null || echo 0); echo $((n + 1)) > started
            if [ $((n % 2)) = 0 ]; then export SPIN_REQUEST_MICROS=5000; fi
        fi
        exec "$0""#;
    let command = serde_json::to_string(&["sh", "-c", script, built("otelgate-specimen").to_str().unwrap()]).unwrap();
    let path = folder.path().join("otelgate.yaml");
    let config = std::fs::read_to_string(&path).unwrap();
    let line = config.lines().find(|line| line.starts_with("  command:")).unwrap();
    std::fs::write(&path, config.replace(line, &format!("  command: {command}"))).unwrap();

    let said = quick(&folder, &["--format", "json", "--budget", "100"]);

    said.assert_code(4).assert_stderr("INCONCLUSIVE");
    let outcome = outcome(&said);
    assert_eq!(outcome["verdict"], "INCONCLUSIVE");
    assert!(outcome["reasons"].to_string().contains("quick look"), "{}", outcome["reasons"]);
    assert!(!outcome["help"].as_array().unwrap().is_empty(), "{outcome}");
}

#[test]
fn all_arms_of_a_comparison_are_in_its_table() {
    let more = "  arms: {'tracing | trimmed': {INSTRUMENTATION: tracing-trimmed}}\n";
    let folder = project(&Arms { more, ..Arms::default() });

    let said = run(&folder, &["--compare", "2", "--seconds", "2", "--no-latency"]);

    said.assert_code(0).assert_stdout("| tracing \\| trimmed | ").assert_stdout("| off | ");
}
