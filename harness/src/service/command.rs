//! How a program of the configuration is called.

use std::process::Stdio;

use tokio::process::Command;

use super::target;
use crate::config::ServiceConfig;

/// Variables every program inherits: what it needs to run at all.
const INHERITED: [&str; 5] = ["PATH", "HOME", "LANG", "TMPDIR", "TZ"];

/// The command of `words`, in the folder and with the variables of the service; its output is ours to read.
///
/// # Errors
/// If the program is given with a folder and there is no current one to find it from, or cargo cannot say where it builds.
pub(super) fn command(
    words: &[String],
    config: &ServiceConfig,
    env: impl IntoIterator<Item = (String, String)>,
    inherited: impl Fn(&str) -> Option<String>,
) -> std::io::Result<Command> {
    let names = INHERITED.iter().copied().chain(config.inherit.iter().map(String::as_str));
    let inherited: Vec<(String, String)> =
        names.filter_map(|name| inherited(name).map(|value| (name.to_owned(), value))).collect();
    let words = target::filled(words, &config.directory, &inherited)?;
    let (program, arguments) = words.split_first().map_or(("", &[][..]), |(first, rest)| (first, rest));
    // A program given with a folder is meant relative to the configuration, as every other path.
    let program =
        if program.contains('/') { std::path::absolute(config.directory.join(program))? } else { program.into() };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(&config.directory)
        .env_clear()
        .envs(inherited)
        .envs(env)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Ok(command)
}
