//! A project for a test that plants something: this repository, with some of its files edited.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::built::root;
use crate::fixture::Fixture;
use crate::leftovers;
use crate::verify::{otelgate, told};

pub(crate) struct Project {
    folder: tempfile::TempDir,
    config: String,
}

/// What `otelgate` said of a project, and that it left nothing.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    /// Standard error.
    pub(crate) told: String,
    /// The report; null if there is none.
    pub(crate) report: Value,
}

impl Project {
    pub(crate) fn new() -> Self {
        let mut config = fs::read_to_string(root().join("otelgate.yaml")).unwrap();
        for folder in ["fixtures/", "compose/", "grafana/"] {
            config = config.replace(folder, &root().join(folder).display().to_string());
        }
        Self { folder: tempfile::tempdir().unwrap(), config }
    }

    /// Replaces a part of its `otelgate.yaml`.
    #[track_caller]
    pub(crate) fn configured(mut self, from: &str, to: &str) -> Self {
        assert!(self.config.contains(from), "{from}: not in otelgate.yaml");
        self.config = self.config.replace(from, to);
        self
    }

    /// Gives the project its own copy of a file of the repository, edited; of its folder too, if it is that which
    /// `otelgate.yaml` names.
    #[track_caller]
    pub(crate) fn edited(mut self, path: &str, edit: impl FnOnce(&str) -> String) -> Self {
        let theirs = root().join(path);
        // What a file names relative to its folder stays where it is.
        let above = theirs.parent().and_then(|folder| folder.parent()).unwrap();
        let text = fs::read_to_string(&theirs).unwrap().replace("../", &format!("{}/", above.display()));
        let edited = edit(&text);
        assert_ne!(edited, text, "{path}: nothing was planted");
        let ours = self.folder.path().join(path);
        fs::create_dir_all(ours.parent().unwrap()).unwrap();
        fs::write(&ours, edited).unwrap();
        let named = [(theirs.as_path(), ours.as_path()), (theirs.parent().unwrap(), ours.parent().unwrap())]
            .map(|(theirs, ours)| (theirs.display().to_string(), ours.display().to_string()));
        let (theirs, ours) = named.iter().find(|(theirs, _)| self.config.contains(theirs)).unwrap();
        self.config = self.config.replace(theirs, ours);
        self
    }

    /// Runs `otelgate` on containers in it, and asserts that nothing is left of the run.
    pub(crate) fn run(&self, fixture: &Fixture, arguments: &[&str]) -> Said {
        self.run_as(fixture, &mut otelgate(arguments))
    }

    /// Runs this command in it, and asserts that nothing is left of the run, if one began.
    pub(crate) fn run_as(&self, fixture: &Fixture, command: &mut Command) -> Said {
        fs::write(self.folder.path().join("otelgate.yaml"), &self.config).unwrap();
        let output = command.current_dir(self.folder.path()).args(["--format", "json"]).output().unwrap();
        let (told, run) = told(&output);
        if let Some(run) = run {
            leftovers::assert_none(fixture, &run);
        }
        let report =
            if output.stdout.is_empty() { Value::Null } else { serde_json::from_slice(&output.stdout).unwrap() };
        Said { code: output.status.code(), told, report }
    }
}

impl Said {
    /// The violations.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &Value> {
        let findings = self.report["findings"].as_array().into_iter().flatten();
        findings.filter(|finding| finding["level"] == "violation")
    }

    /// Asserts that there are violations of these ids and of no other; gives the first of the first id.
    #[track_caller]
    pub(crate) fn assert_only(&self, ids: &[&str]) -> &Value {
        let found: BTreeSet<&str> = self.findings().map(|finding| finding["id"].as_str().unwrap()).collect();
        assert_eq!(self.code, Some(1), "{}\n{:#}", self.told, self.report);
        assert_eq!(found, ids.iter().copied().collect(), "{}\n{:#}", self.told, self.report);
        self.findings().find(|finding| finding["id"] == ids[0]).unwrap()
    }

    /// Asserts that it ended with this code and that standard error has all these parts.
    #[track_caller]
    pub(crate) fn assert_refused(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}\n{:#}", self.told, self.report);
        for part in parts {
            assert!(self.told.contains(part), "not told: {part}\n--- told\n{}", self.told);
        }
    }
}
