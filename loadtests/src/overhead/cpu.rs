//! CPU clocks: of a process that is not ours, of a thread, of this process. Nanoseconds, by the kernel's own accounting;
//! `/proc/PID/stat` counts in ticks of 10 ms and will not do.

use std::time::Duration;

use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;

/// A figure that cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the CPU time of process {process} cannot be read: {reason}")]
pub struct CpuError {
    /// The id of the process.
    pub process: u32,
    /// Why.
    pub reason: String,
}

/// The CPU clock of a process: all its threads, those that have ended included.
#[derive(Clone, Copy, Debug)]
pub struct ProcessClock {
    process: u32,
    clock: ClockId,
}

impl ProcessClock {
    /// The clock of the process with this id.
    ///
    /// # Errors
    /// If there is no such process, or it is somebody else's.
    pub fn of(process: u32) -> Result<Self, CpuError> {
        let wrong = |reason: String| CpuError { process, reason };
        let pid = i32::try_from(process).map_err(|error| wrong(error.to_string()))?;
        let clock = clock_getcpuclockid(Pid::from_raw(pid)).map_err(|error| wrong(error.to_string()))?;
        Ok(Self { process, clock })
    }

    /// CPU time since it began.
    ///
    /// # Errors
    /// If it has ended.
    pub fn read(&self) -> Result<Duration, CpuError> {
        let time = self.clock.now().map_err(|error| CpuError { process: self.process, reason: error.to_string() })?;
        Ok(time.into())
    }
}

/// CPU time of this process.
#[must_use]
pub fn own() -> Duration {
    ClockId::CLOCK_PROCESS_CPUTIME_ID.now().map(Duration::from).unwrap_or_default()
}

/// CPU time of the calling thread.
#[must_use]
pub fn thread() -> Duration {
    ClockId::CLOCK_THREAD_CPUTIME_ID.now().map(Duration::from).unwrap_or_default()
}

/// CPU time that the calling thread has used since this was made.
#[derive(Clone, Copy, Debug)]
pub struct ThreadClock(Duration);

impl ThreadClock {
    /// From now on.
    #[must_use]
    pub fn start() -> Self {
        Self(thread())
    }

    /// Until now.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        thread().saturating_sub(self.0)
    }
}

/// Resident memory of a process, in bytes; `None` where it cannot be read.
#[must_use]
pub fn resident(process: u32) -> Option<u64> {
    resident_bytes(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

/// `VmRSS` of `/proc/PID/status`, proc(5); `None` for a process that has ended and was not waited for.
fn resident_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_of_this_process_runs_with_its_work() {
        let clock = ProcessClock::of(std::process::id()).unwrap();
        let before = clock.read().unwrap();
        let until = before + Duration::from_millis(20);

        while clock.read().unwrap() < until {
            std::hint::black_box(vec![0_u8; 1024]);
        }

        assert!(clock.read().unwrap() >= until);
        assert!(resident(std::process::id()).is_some_and(|bytes| bytes > 100_000));
    }

    #[test]
    fn resident_memory_is_read_in_bytes() {
        assert_eq!(resident_bytes("Name:\tx\nVmRSS:\t    2048 kB\nThreads:\t3\n"), Some(2 << 20));
        assert_eq!(resident_bytes("Name:\tx\nState:\tZ (zombie)\n"), None);
    }

    #[test]
    fn a_process_that_is_not_there_is_an_error_that_names_it() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let process = child.id();
        child.wait().unwrap();

        let error = ProcessClock::of(process).map(|clock| clock.read()).unwrap_err();

        assert_eq!(error.process, process);
    }
}
