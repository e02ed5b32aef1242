//! The reference service, verified end to end.

use crate::support::{Said, otelgate, project, rag_service, root};

#[test]
fn the_reference_service_passes_and_its_saved_capture_passes_again() {
    let folder = project(&format!("[{}]", rag_service().display()), "");

    let live: Said = otelgate().args(["verify", "--save", "kept"]).current_dir(folder.path()).output().unwrap().into();
    let saved: Said = otelgate().args(["check", "kept"]).current_dir(folder.path()).output().unwrap().into();

    live.assert_code(0).assert_stdout("PASS");
    saved.assert_code(0).assert_stdout("PASS");
}

#[test]
fn the_json_report_counts_what_was_proven() {
    let said: Said = otelgate()
        .args(["check", "fixtures/captures/healthy", "--format", "json"])
        .current_dir(root())
        .output()
        .unwrap()
        .into();

    said.assert_code(0);
    let report: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(report["verdict"], "PASS");
    for count in ["traces", "spans", "metrics", "logs"] {
        assert!(report["run"]["counts"][count].as_u64().is_some_and(|number| number > 0), "{count}: {report}");
    }
}

#[test]
fn the_junit_report_has_a_case_for_each_check_and_scenario() {
    let said: Said = otelgate()
        .args(["check", "fixtures/captures/healthy", "--format", "junit"])
        .current_dir(root())
        .output()
        .unwrap()
        .into();

    said.assert_code(0).assert_stdout("<testsuite").assert_stdout("cold query").assert_stdout("failures=\"0\"");
}

#[test]
fn a_service_with_telemetry_switched_off_fails_for_having_none() {
    let folder = project(&format!("[{}]", rag_service().display()), "");
    let path = folder.path().join("otelgate.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("    BIND_ADDRESS", "    OTEL_SDK_DISABLED: 'true'\n    BIND_ADDRESS")).unwrap();

    let said: Said = otelgate().arg("verify").current_dir(folder.path()).output().unwrap().into();

    assert_ne!(said.code, Some(0), "{}", said.stdout);
    assert!(!said.stdout.contains("PASS"), "{}", said.stdout);
}

#[test]
fn a_build_does_not_see_the_package_that_cargo_run_runs() {
    let build = "  build: [sh, -c, 'env > built-with; false']";
    let folder = crate::support::project("[unused]", build);

    let said: crate::support::Said = crate::support::otelgate()
        .arg("verify")
        .current_dir(folder.path())
        .env("CARGO_MANIFEST_DIR", "/somewhere")
        .env("CARGO_PKG_NAME", "otelgate")
        .env("KEPT", "1")
        .output()
        .unwrap()
        .into();

    said.assert_code(3);
    let seen = std::fs::read_to_string(folder.path().join("built-with")).unwrap();
    assert!(!seen.contains("CARGO_MANIFEST_DIR") && !seen.contains("CARGO_PKG_NAME"), "{seen}");
    assert!(seen.contains("KEPT=1"), "{seen}");
}
