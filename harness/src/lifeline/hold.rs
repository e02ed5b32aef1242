//! The run's end of the pipe.

use std::fmt;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

/// Something the reaper must end if the run cannot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// A process group, by its id.
    Group(i32),
    /// All containers, networks and volumes that carry this label, `KEY=VALUE`.
    Label(String),
}

impl fmt::Display for Hold {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(id) => write!(to, "group {id}"),
            Self::Label(label) => write!(to, "label {label}"),
        }
    }
}

impl FromStr for Hold {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let wrong = || format!("`{line}` is neither `group ID` nor `label KEY=VALUE`");
        match line.split_once(' ') {
            // 0 and 1 would be our own group and everybody's.
            Some(("group", id)) => id.parse().ok().filter(|id| *id > 1).map(Self::Group).ok_or_else(wrong),
            Some(("label", label)) => match label.split_once('=') {
                Some((key, value)) if !key.is_empty() && !value.is_empty() => Ok(Self::Label(label.to_owned())),
                _ => Err(wrong()),
            },
            _ => Err(wrong()),
        }
    }
}

/// A hold on a reaper. Clones share it; when the last is gone, the reaper ends what has not been released.
///
/// [`Lifeline::none`] holds nothing: what it is told is left to the guards.
#[derive(Clone, Debug, Default)]
pub struct Lifeline(Option<Arc<Mutex<Reaper>>>);

#[derive(Debug)]
struct Reaper {
    child: Child,
    input: Option<ChildStdin>,
}

impl Lifeline {
    /// No reaper.
    pub fn none() -> Self {
        Self::default()
    }

    /// Starts `command` as the reaper: a program that calls [`reap`](super::reap) with its standard input.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(mut command: Command) -> std::io::Result<Self> {
        // A group of its own: Ctrl-C is for the run, which then ends everything in good order.
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).process_group(0).spawn()?;
        let input = child.stdin.take();
        Ok(Self(Some(Arc::new(Mutex::new(Reaper { child, input })))))
    }

    /// From now on the reaper ends this if we are gone.
    pub fn hold(&self, what: &Hold) {
        self.say(&what.to_string());
    }

    /// It has ended in good order.
    pub fn release(&self, what: &Hold) {
        self.say(&format!("release {what}"));
    }

    fn say(&self, line: &str) {
        let Some(reaper) = &self.0 else { return };
        let mut reaper = reaper.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(input) = &mut reaper.input {
            // A reaper that is gone can end nothing; the guards still do.
            let _ = input.write_all(format!("{line}\n").as_bytes());
        }
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        drop(self.input.take());
        // With everything released it ends at once; otherwise what it still has to do is worth waiting for.
        let _ = self.child.wait();
    }
}
