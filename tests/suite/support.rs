//! Runs `otelgate` in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The reference service, built by the same `cargo test`.
pub(crate) fn rag_service() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_otelgate")).with_file_name("rag-service");
    assert!(
        path.exists(),
        "{} is not built; run `cargo test` for the whole workspace, or `cargo build --bin rag-service` first",
        path.display()
    );
    path
}

/// `otelgate`, without colours or settings from the environment.
pub(crate) fn otelgate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_otelgate"));
    command.env_remove("OTELGATE_CONFIG").env_remove("OTELGATE_SERVICE_COMMAND").env("NO_COLOR", "1");
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
    for line in config.lines().filter(|line| !line.trim_start().starts_with("build:")) {
        if line.trim_start().starts_with("command:") {
            lines.push(format!("  command: {command}"));
            lines.extend((!more.is_empty()).then(|| more.to_owned()));
        } else {
            lines.push(line.replace("fixtures/", &format!("{}/", fixtures.display())));
        }
    }
    std::fs::write(folder.path().join("otelgate.yaml"), lines.join("\n")).unwrap();
    folder
}
