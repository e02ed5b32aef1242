//! Services that cannot be verified: a message with the place and the next step, exit code 3, no process left.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Said, otelgate, project, rag_service};

/// Verifies a service whose command is a shell script.
fn verify_script(script: &str, more: &str) -> Said {
    let script = serde_json::to_string(script).unwrap();
    let folder = project(&format!("[sh, -c, {script}, {}]", rag_service().display()), more);
    otelgate().arg("verify").current_dir(folder.path()).output().unwrap().into()
}

#[test]
fn a_command_that_does_not_exist_is_named() {
    let folder = project("[no-such-program-anywhere]", "");

    let said: Said = otelgate().arg("verify").current_dir(folder.path()).output().unwrap().into();

    said.assert_code(3).assert_stderr("`no-such-program-anywhere` cannot be run").assert_stderr("Is it installed");
}

#[test]
fn a_service_that_exits_at_once_is_quoted_with_its_status() {
    let said = verify_script("echo cannot open the configuration; exit 7", "");

    said.assert_code(3)
        .assert_stderr("the service ended by itself (exit status: 7) before it said where it listens")
        .assert_stderr("cannot open the configuration");
}

#[test]
fn a_service_that_never_says_where_it_listens_is_told_the_pattern_that_was_looked_for() {
    let folder = project("[sleep, '60']", "");
    let config = folder.path().join("otelgate.yaml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("address: {log:", "address: {within-ms: 100, log:")).unwrap();

    let said: Said = otelgate().arg("verify").current_dir(folder.path()).output().unwrap().into();

    said.assert_code(3)
        .assert_stderr("did not say within 100 ms where it listens")
        .assert_stderr("listening on")
        .assert_stderr("it printed nothing");
}

#[test]
fn a_service_that_never_becomes_ready_is_told_what_it_answered() {
    let folder = project("[sh, -c, 'echo listening on http://127.0.0.1:9; exec sleep 60']", "");
    let config = folder.path().join("otelgate.yaml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("ready: {path: /ready,", "ready: {within-ms: 100, path: /ready,")).unwrap();

    let said: Said = otelgate().arg("verify").current_dir(folder.path()).output().unwrap().into();

    said.assert_code(3).assert_stderr("not ready after").assert_stderr("http://127.0.0.1:9/metrics: ");
}

#[test]
fn a_service_that_does_not_stop_is_killed_and_what_it_emitted_is_kept() {
    // The shell takes the signal and does nothing; the service, its child, never gets it.
    let folder = project(
        &format!("[sh, -c, 'trap \"\" TERM; \"$0\"; sleep 60', {}]", rag_service().display()),
        "  shutdown-within-ms: 200",
    );

    let said: Said = otelgate().args(["verify", "--save", "kept"]).current_dir(folder.path()).output().unwrap().into();

    said.assert_code(3)
        .assert_stderr("did not exit within 200 ms of SIGTERM and was killed")
        .assert_stderr("is in kept");
    assert!(folder.path().join("kept/exchanges.jsonl").exists());
}

#[test]
fn a_child_left_listening_is_named_and_killed() {
    let script = r#""$0" & trap 'exit 0' TERM; wait"#;

    let said = verify_script(script, "");

    said.assert_code(3).assert_stderr("something still listens on http://127.0.0.1:");
    let url = said.stderr.split("still listens on http://").nth(1).unwrap();
    let address = url.split(' ').next().unwrap();
    assert!(std::net::TcpStream::connect(address).is_err(), "{address} must be free again");
}

#[test]
fn a_service_that_prints_its_key_fails_and_the_key_is_not_repeated() {
    let said = verify_script(r#"echo "using key $OPENAI_API_KEY"; exec "$0""#, "");

    said.assert_code(1).assert_stdout("canary.leaked");
    assert!(!said.stdout.contains("sk-canary"), "the report repeats the secret:\n{}", said.stdout);
}

#[test]
fn a_service_that_dies_during_a_scenario_is_named_and_what_it_emitted_is_kept() {
    let script = r#""$0" & pid=$!; echo $pid > pid; wait $pid; exit 9"#;
    let script = serde_json::to_string(script).unwrap();
    let folder = project(&format!("[sh, -c, {script}, {}]", rag_service().display()), "");
    let mut child = otelgate()
        .args(["verify", "--progress", "plain", "--save", "kept"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut progress = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(progress.any(|line| line.is_ok_and(|line| line.contains("cold query"))));

    let pid: i32 = std::fs::read_to_string(folder.path().join("pid")).unwrap().trim().parse().unwrap();
    kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();

    let rest: Vec<String> = progress.map_while(Result::ok).collect();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{rest:?}");
    let rest = rest.join("\n");
    assert!(rest.contains("the service ended by itself (exit status: 9)"), "{rest}");
    assert!(rest.contains("is in kept"), "{rest}");
    assert!(folder.path().join("kept/exchanges.jsonl").exists());
}

#[test]
fn a_service_whose_dependency_never_comes_is_told_what_it_answered() {
    let folder = project(&format!("[{}]", rag_service().display()), "");
    let config = folder.path().join("otelgate.yaml");
    let text = std::fs::read_to_string(&config).unwrap();
    let text = text.replace("ready: {path: /ready,", "ready: {within-ms: 300, path: /ready,");
    std::fs::write(&config, text.replace("QDRANT_URL: ${qdrant.url}", "QDRANT_URL: http://127.0.0.1:9")).unwrap();

    let said: Said = otelgate().arg("verify").current_dir(folder.path()).output().unwrap().into();

    said.assert_code(3).assert_stderr("not ready after").assert_stderr("GET /ready: ").assert_stderr("vectors");
}
