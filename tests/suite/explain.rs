//! `explain` and `--help` teach.

use crate::support::{Said, otelgate};

fn run(arguments: &[&str]) -> Said {
    otelgate().args(arguments).output().unwrap().into()
}

#[test]
fn a_finding_is_explained_with_an_example_and_a_remedy() {
    let said = run(&["explain", "span.orphan"]);

    said.assert_code(0).assert_stdout("span.orphan").assert_stdout("parent");
}

#[test]
fn an_unknown_id_is_answered_with_the_nearest() {
    let said = run(&["explain", "span.orfan"]);

    said.assert_code(2).assert_stderr("span.orphan");
}

#[test]
fn all_ids_are_listed_without_an_argument() {
    let said = run(&["explain"]);

    said.assert_code(0).assert_stdout("span.missing").assert_stdout("canary.leaked");
}

#[test]
fn help_says_the_exit_codes_and_gives_examples() {
    let said = run(&["--help"]);

    said.assert_code(0).assert_stdout("Exit codes:").assert_stdout("otelgate check captured");
}

#[test]
fn an_unknown_flag_is_a_usage_error() {
    let said = run(&["verify", "--no-such-flag"]);

    said.assert_code(2).assert_stderr("--no-such-flag");
}
