//! The service of another commit, built in a working tree of its own.

use std::path::{Path, PathBuf};

use otelgate_harness::config::Config;
use otelgate_harness::lifeline::Lifeline;
use otelgate_harness::service;
use tokio::process::Command;

use crate::exit::Failure;

/// A built commit. Dropping it removes its working tree.
pub(super) struct Other {
    /// What it was asked for by.
    pub(super) rev: String,
    directory: PathBuf,
    tree: PathBuf,
    root: PathBuf,
    _folder: tempfile::TempDir,
}

impl Other {
    /// Checks `rev` out beside the working tree of the configuration, and builds the service there.
    pub(super) async fn build(config: &Config, rev: &str, lifeline: &Lifeline) -> Result<Self, Failure> {
        if config.service.build.is_empty() {
            return Err(Failure::Usage(
                "`--against` builds the service of another commit, and `service.build` says nothing of how".to_owned(),
            ));
        }
        let environment = |error: std::io::Error| Failure::Environment(error.to_string());
        let here = std::path::absolute(&config.service.directory).map_err(environment)?;
        let root = PathBuf::from(git(&here, &["rev-parse", "--show-toplevel"]).await?);
        let commit =
            git(&here, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{rev}^{{commit}}")])
                .await
                .map_err(|_| Failure::Usage(format!("`{rev}` is no commit of {}", root.display())))?;
        let prefix = git(&here, &["rev-parse", "--show-prefix"]).await?;
        let folder = tempfile::tempdir().map_err(environment)?;
        let tree = folder.path().join("tree");
        git(&root, &["worktree", "add", "--quiet", "--detach", &tree.to_string_lossy(), &commit]).await?;
        let other = Self { rev: rev.to_owned(), directory: tree.join(prefix), tree, root, _folder: folder };
        let mut theirs = config.service.clone();
        theirs.directory.clone_from(&other.directory);
        service::build(&theirs, lifeline).await.map_err(|error| Failure::Environment(format!("of {rev}: {error}")))?;
        Ok(other)
    }

    /// Where its commands run.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let mut remove = std::process::Command::new("git");
        remove.current_dir(&self.root).args(["worktree", "remove", "--force"]).arg(&self.tree);
        // What it cannot remove git names at its next `worktree prune`, and the folder is removed in any case.
        let _ = remove.output();
    }
}

async fn git(directory: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let said = Command::new("git").current_dir(directory).args(arguments).output().await;
    let said = said.map_err(|error| Failure::Environment(format!("git cannot be run: {error}")))?;
    if said.status.success() {
        return Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned());
    }
    let why = String::from_utf8_lossy(&said.stderr);
    Err(Failure::Environment(format!("`git {}`: {}", arguments.join(" "), why.trim())))
}
