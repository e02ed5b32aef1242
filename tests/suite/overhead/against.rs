//! Another commit, built beside this one and measured in the same launches.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::project::{Arms, outcome, project, quick};
use crate::built::built;

/// What a request burns without telemetry, in microseconds.
const OFF: u32 = 4000;

/// A repository whose service burns, with telemetry on, so many microseconds a request at its first commit and at its second.
fn repository(then: u32, now: u32) -> TempDir {
    let folder = project(&Arms::default());
    let path = folder.path().join("otelgate.yaml");
    let config = std::fs::read_to_string(&path).unwrap();
    let line = config.lines().find(|line| line.starts_with("  command:")).unwrap();
    std::fs::write(&path, config.replace(line, "  build: [cp, source, service]\n  command: [./service]")).unwrap();
    git(folder.path(), &["init", "--quiet"]);
    for micros in [then, now] {
        let specimen = built("otelgate-specimen");
        let script = format!(
            "#!/bin/sh\nexport SPIN_REQUEST_MICROS={OFF}\n\
             if [ \"$INSTRUMENTATION\" = direct ]; then SPIN_REQUEST_MICROS={micros}; fi\nexec {}\n",
            specimen.display()
        );
        let source = folder.path().join("source");
        std::fs::write(&source, script).unwrap();
        std::fs::set_permissions(&source, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        git(folder.path(), &["add", "source", "otelgate.yaml"]);
        git(folder.path(), &["-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--message", "service"]);
    }
    folder
}

#[track_caller]
fn git(folder: &Path, arguments: &[&str]) {
    let said = Command::new("git").current_dir(folder).args(arguments).output().unwrap();
    assert!(said.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&said.stderr));
}

#[test]
fn telemetry_that_has_become_dearer_fails_although_it_is_in_the_budget() {
    // Plain on a busy machine too: about half as dear again, after three launches of which each may be some percent off.
    let folder = repository(OFF, OFF + 2500);

    let said = quick(&folder, &["--against", "HEAD~1", "--budget", "100", "--seconds", "3", "--format", "json"]);

    said.assert_code(1);
    let outcome = outcome(&said);
    assert!(outcome["reasons"].to_string().contains("has become dearer since HEAD~1"), "{}", outcome["reasons"]);
    assert!(outcome["cost"]["effect"]["upper"].as_f64().unwrap() < 1.0, "the budget holds: {}", outcome["cost"]);
    assert!(outcome["against"]["change"]["lower"].as_f64().unwrap() > 0.05, "{}", outcome["against"]);
    let trees = Command::new("git").current_dir(folder.path()).args(["worktree", "list"]).output().unwrap();
    assert_eq!(String::from_utf8(trees.stdout).unwrap().lines().count(), 1, "its working tree is removed");
}

#[test]
fn a_commit_that_is_none_is_refused() {
    let folder = repository(OFF, OFF + 1);

    quick(&folder, &["--against", "no-such-commit"]).assert_code(2).assert_stderr("`no-such-commit` is no commit of");
}
