//! The program as who runs it meets it. That there are such tests also makes `cargo test` build it, for the tests of
//! `otelgate lane`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

use std::process::{Command, Output};

fn lane(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rag-service-lane")).env_clear().args(arguments).output().unwrap()
}

#[track_caller]
fn assert_refused(said: &Output, part: &str) {
    assert_eq!(said.status.code(), Some(2));
    // What the service itself logs is there too.
    let counts = String::from_utf8_lossy(&said.stdout).contains("\"allocations\"");
    assert!(!counts, "no count may be printed: {said:?}");
    let text = String::from_utf8_lossy(&said.stderr);
    assert!(text.contains(part), "wanted {part}: {text}");
}

#[test]
fn what_is_missing_or_unknown_is_said_with_the_usage() {
    assert_refused(&lane(&[]), "`--requests` is missing; use: rag-service-lane --requests N");
    assert_refused(&lane(&["--requests", "x"]), "`--requests x` is not known");
}

#[test]
fn a_service_whose_dependencies_do_not_answer_counts_nothing() {
    // Nobody listens on port 1.
    let said = Command::new(env!("CARGO_BIN_EXE_rag-service-lane"))
        .env_clear()
        .envs([("QDRANT_URL", "http://127.0.0.1:1"), ("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")])
        .env("REDIS_URL", "redis://127.0.0.1:1")
        .args(["--requests", "1", "--telemetry", "on", "--kind", "cold"])
        .output()
        .unwrap();

    assert_refused(&said, "are QDRANT_URL, REDIS_URL and OPENAI_BASE_URL right?");
}
