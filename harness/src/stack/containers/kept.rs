//! What is left of a run on purpose.

use std::fmt;

use super::cleanup;
use crate::stack::back_ends::BackEnds;

/// Containers that were left up: how to reach each, and how to remove them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The run they are of.
    pub run: String,
    /// What each is, and where.
    pub servers: Vec<(String, String)>,
    /// The command that removes everything of the run.
    pub remove: String,
}

impl Kept {
    pub(super) fn of(run: &str, back_ends: &BackEnds) -> Self {
        let servers = back_ends.iter().map(|back_end| {
            let login = back_end.server == crate::stack::Server::Grafana;
            let login = back_ends.login.as_ref().filter(|_| login);
            let login =
                login.map(|login| format!(" (user {}, password {})", login.user, login.password)).unwrap_or_default();
            (back_end.to_string(), format!("{}{login}", back_end.url))
        });
        Self { run: run.to_owned(), servers: servers.collect(), remove: cleanup::command(run) }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "kept, the containers of run {}:", self.run)?;
        for (what, url) in &self.servers {
            writeln!(f, "  {what}: {url}")?;
        }
        write!(f, "remove them with:\n  {}", self.remove)
    }
}
