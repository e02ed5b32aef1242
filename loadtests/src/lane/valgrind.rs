//! Calls valgrind.

use std::path::Path;
use std::time::Duration;

use otelgate_harness::config::ServiceConfig;
use otelgate_harness::lifeline::Lifeline;
use otelgate_harness::service::{ProgramError, run_to_end};

/// How long valgrind may take to tell its version.
const VERSION_WITHIN: Duration = Duration::from_secs(20);

/// What a program under callgrind has in its environment.
///
/// Large blocks are copied and cleared by glibc with one instruction that repeats itself, and callgrind counts every
/// repetition: a copied kilobyte would be a thousand instructions, and whether a buffer can grow where it is or has to be
/// copied would decide the figure. Above all block sizes, the loops of vector instructions are used instead.
/// <https://sourceware.org/glibc/manual/latest/html_node/Hardware-Capability-Tunables.html>
pub(super) const ENVIRONMENT: (&str, &str) =
    ("GLIBC_TUNABLES", "glibc.cpu.x86_rep_movsb_threshold=1000000000:glibc.cpu.x86_rep_stosb_threshold=1000000000");

/// Its version as it says it, such as `valgrind-3.19.0`; `None` if it cannot be run or does not say.
pub(super) async fn version(
    valgrind: &str,
    config: &ServiceConfig,
    lifeline: &Lifeline,
    inherited: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let words = [valgrind.to_owned(), "--version".to_owned()];
    let ended: Result<_, ProgramError> = run_to_end(&words, config, [], lifeline, inherited, VERSION_WITHIN).await;
    let ended = ended.ok().filter(|ended| ended.status.success())?;
    let version = ended.stdout.trim().to_owned();
    version.starts_with("valgrind").then_some(version)
}

/// The words that run a program under callgrind, which writes its counts into `file`.
pub(super) fn callgrind(valgrind: &str, file: &Path) -> Vec<String> {
    let file = format!("--callgrind-out-file={}", file.display());
    vec![valgrind.to_owned(), "--quiet".to_owned(), "--tool=callgrind".to_owned(), file]
}
