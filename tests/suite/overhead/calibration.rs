//! The gate's own error rates, from the launches there are.

use super::project::{Arms, project, run};

#[test]
fn launches_are_collected_and_too_few_of_them_calibrate_nothing() {
    let folder = project(&Arms::default());

    let collected = run(&folder, &["--collect", "2", "--seconds", "0.5"]);
    let calibrated = run(&folder, &["--calibrate"]);

    collected.assert_code(0).assert_stdout("2 launches are in");
    let ledger = std::fs::read_to_string(folder.path().join(".otelgate/launches.jsonl")).unwrap();
    assert!(ledger.lines().count() == 2 && ledger.lines().all(|line| line.contains("\"on again\"")), "{ledger}");
    calibrated.assert_code(4).assert_stderr("launches");
}

#[test]
fn a_ledger_that_is_damaged_is_told_line_by_line() {
    let folder = project(&Arms::default());
    std::fs::write(folder.path().join("kept.jsonl"), "{\"run\": \"a\"}\nnonsense\n").unwrap();

    let said = run(&folder, &["--calibrate", "--ledger", "kept.jsonl"]);

    said.assert_code(4).assert_stderr("kept.jsonl:1: ").assert_stderr("kept.jsonl:2: ");
}

#[test]
fn a_ledger_that_is_not_there_is_said() {
    let folder = project(&Arms::default());

    run(&folder, &["--calibrate"]).assert_code(2).assert_stderr("there is no ledger");
}
