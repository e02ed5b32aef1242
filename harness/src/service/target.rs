//! `${cargo.target}` in a command: where cargo puts what it builds. It is `target`, unless `build.target-dir` says otherwise.

use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

const PLACEHOLDER: &str = "${cargo.target}";

#[derive(Deserialize)]
struct Metadata {
    target_directory: String,
}

/// `words` with `${cargo.target}` filled; cargo is asked only if it is there, in `folder` and with the variables `env` that
/// the build gets, since others could give another answer.
///
/// # Errors
/// If cargo cannot be run, or there is no package in `folder`.
pub(super) fn filled<'a>(
    words: &'a [String],
    folder: &Path,
    env: &[(String, String)],
) -> io::Result<Cow<'a, [String]>> {
    if words.iter().all(|word| !word.contains(PLACEHOLDER)) {
        return Ok(Cow::Borrowed(words));
    }
    let target = target_directory(folder, env)?;
    Ok(words.iter().map(|word| word.replace(PLACEHOLDER, &target)).collect())
}

fn target_directory(folder: &Path, env: &[(String, String)]) -> io::Result<String> {
    let answer = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(folder)
        .env_clear()
        .envs(env.iter().cloned())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| io::Error::other(format!("`cargo metadata`, which tells {PLACEHOLDER}: {error}")))?;
    if !answer.status.success() {
        let said = String::from_utf8_lossy(&answer.stderr);
        let message =
            format!("`cargo metadata`, which tells {PLACEHOLDER}, failed in {}: {}", folder.display(), said.trim());
        return Err(io::Error::other(message));
    }
    let Metadata { target_directory } = serde_json::from_slice(&answer.stdout)
        .map_err(|error| io::Error::other(format!("what `cargo metadata` printed cannot be read: {error}")))?;
    Ok(target_directory)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn filled_in(folder: &Path) -> io::Result<Vec<String>> {
        let env: Vec<_> =
            ["PATH", "HOME"].iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))).collect();
        let words = vec!["${cargo.target}/release/a".to_owned(), "--x".to_owned()];
        filled(&words, folder, &env).map(Cow::into_owned)
    }

    #[test]
    fn it_is_where_cargo_builds() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        fs::create_dir(folder.join("src")).unwrap();
        fs::write(folder.join("src/main.rs"), "fn main() {}").unwrap();
        fs::write(folder.join("Cargo.toml"), "[package]\nname = \"a\"\nversion = \"1.0.0\"\n").unwrap();
        fs::create_dir(folder.join(".cargo")).unwrap();
        fs::write(folder.join(".cargo/config.toml"), "[build]\ntarget-dir = \"elsewhere\"\n").unwrap();
        let elsewhere = folder.join("elsewhere/release/a");
        assert_eq!(filled_in(&folder).unwrap(), [elsewhere.to_str().unwrap(), "--x"]);
    }

    #[test]
    fn a_folder_without_a_package_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = filled_in(folder.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("failed in {}", folder.path().display())), "{error}");
        assert!(error.contains("Cargo.toml"), "{error}");
    }

    #[test]
    fn cargo_is_not_asked_without_need() {
        let words = vec!["target/release/a".to_owned()];
        assert_eq!(filled(&words, Path::new("/nowhere"), &[]).unwrap(), words);
    }
}
