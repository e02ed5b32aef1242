//! Runs `otelgate` in a folder of its own.

use std::process::{Command, Output};

pub(crate) use crate::built::{rag_service, root};

/// A YAML file of the repository.
pub(crate) fn yaml(path: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `otelgate`, without colours or settings from the environment.
pub(crate) fn otelgate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_otelgate"));
    command
        .env_remove("OTELGATE_CONFIG")
        .env_remove("OTELGATE_SERVICE_COMMAND")
        .env_remove("OTELGATE_LANE_COMMAND")
        .env("NO_COLOR", "1");
    command
}

/// What a finished `otelgate` said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Said {
    /// The exit code and, in a failed assertion, all that was said.
    #[track_caller]
    pub(crate) fn assert_code(&self, wanted: i32) -> &Self {
        assert_eq!(self.code, Some(wanted), "\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn assert_stderr(&self, part: &str) -> &Self {
        assert!(self.stderr.contains(part), "wanted on standard error: {part}\n--- found\n{}", self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn assert_stdout(&self, part: &str) -> &Self {
        assert!(self.stdout.contains(part), "wanted on standard output: {part}\n--- found\n{}", self.stdout);
        self
    }
}

/// A folder with an `otelgate.yaml` that verifies the service whose `command` is given as a YAML list.
pub(crate) fn project(command: &str, more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = root().join("fixtures");
    let config = std::fs::read_to_string(root().join("otelgate.yaml")).unwrap();
    let mut lines: Vec<String> = Vec::new();
    // What telemetry costs is measured by tests of its own.
    let config = config.replace("\n  in-verify: gate\n", "\n  in-verify: skip\n");
    for line in config.lines().filter(|line| !line.trim_start().starts_with("build:")) {
        // The first is the service's; another one is the lane's.
        if line.trim_start().starts_with("command:") && !lines.iter().any(|line| line.starts_with("  command: ")) {
            lines.push(format!("  command: {command}"));
            lines.extend((!more.is_empty()).then(|| more.to_owned()));
        } else {
            let mut line = line.replace("fixtures/", &format!("{}/", fixtures.display()));
            for folder in ["grafana/", "compose/"] {
                line = line.replace(folder, &root().join(folder).display().to_string());
            }
            lines.push(line);
        }
    }
    std::fs::write(folder.path().join("otelgate.yaml"), lines.join("\n")).unwrap();
    folder
}
