//! Ctrl-C: nothing is left running, nothing captured is lost.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Said, otelgate, project, rag_service};

fn interrupt(child: &Child) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
}

/// Waits until the file appears, which the service's script makes when it has got that far.
fn wait_for(file: &std::path::Path) {
    let began = std::time::Instant::now();
    while !file.exists() {
        assert!(began.elapsed().as_secs() < 30, "{} never appeared", file.display());
        std::thread::yield_now();
    }
}

#[test]
fn ctrl_c_before_the_service_is_up_ends_it() {
    let folder = project("[sh, -c, 'echo $$ > pid; touch started; exec sleep 60']", "");
    let child = otelgate()
        .arg("verify")
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for(&folder.path().join("started"));

    interrupt(&child);

    let said: Said = child.wait_with_output().unwrap().into();
    said.assert_code(130).assert_stderr("SIGINT");
    assert_gone(&folder.path().join("pid"));
}

#[test]
fn ctrl_c_during_the_scenarios_keeps_what_was_captured() {
    let script = r#""$0" & echo $! > pid; trap 'kill $!; wait; exit 0' TERM; touch started; wait"#;
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
    let seen = progress.find(|line| line.as_ref().is_ok_and(|line| line.contains("cold query")));
    assert!(seen.is_some(), "the run never drove its scenario");

    interrupt(&child);

    let rest: Vec<String> = progress.map_while(Result::ok).collect();
    let code = child.wait().unwrap().code();
    assert_eq!(code, Some(130), "{rest:?}");
    assert!(rest.join("\n").contains("is in kept"), "{rest:?}");
    let exchanges = std::fs::read_to_string(folder.path().join("kept/exchanges.jsonl")).unwrap();
    assert!(exchanges.contains("ingest the corpus"), "the exchanges before the interrupt must be kept");
    assert_gone(&folder.path().join("pid"));
}

#[test]
fn ctrl_c_ends_up_in_good_order() {
    let folder = project(&format!("[{}]", rag_service().display()), "");
    let mut child =
        otelgate().arg("up").current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let url = first.split_whitespace().last().unwrap().to_owned();
    assert!(url.starts_with("http://127.0.0.1:"), "{first}");

    interrupt(&child);

    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(std::net::TcpStream::connect(url.trim_start_matches("http://")).is_err(), "{url} must be free again");
}

#[test]
fn ctrl_c_during_the_build_ends_the_build() {
    let folder = project("[unused]", "  build: [sh, -c, 'echo $$ > pid; touch started; exec sleep 60']");
    let child = otelgate()
        .arg("verify")
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for(&folder.path().join("started"));

    interrupt(&child);

    let said: Said = child.wait_with_output().unwrap().into();
    said.assert_code(130).assert_stderr("SIGINT");
    assert_gone(&folder.path().join("pid"));
}

#[test]
fn a_killed_otelgate_leaves_no_service_behind() {
    let folder = project(&format!("[{}]", rag_service().display()), "");
    let mut child =
        otelgate().arg("up").current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let address = first.split_whitespace().last().unwrap().trim_start_matches("http://").to_owned();
    assert!(std::net::TcpStream::connect(&address).is_ok(), "{address} must answer while it is up");

    child.kill().unwrap();
    child.wait().unwrap();

    let began = std::time::Instant::now();
    while std::net::TcpStream::connect(&address).is_ok() {
        assert!(began.elapsed().as_secs() < 30, "the service still listens on {address}");
        std::thread::yield_now();
    }
}

#[track_caller]
fn assert_gone(pid_file: &std::path::Path) {
    let pid: i32 = std::fs::read_to_string(pid_file).unwrap().trim().parse().unwrap();
    assert_eq!(kill(Pid::from_raw(pid), None), Err(nix::errno::Errno::ESRCH), "process {pid} is still there");
}
