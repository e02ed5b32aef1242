//! The memory of a process, looked at again and again.

use std::time::Duration;

use crate::overhead::cpu;

/// Time between two looks.
const EVERY: Duration = Duration::from_millis(200);

/// What a process' memory was, window by window.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// The most in each window, in bytes; `None` where it was not seen.
    most: Vec<Option<u64>>,
}

impl Memory {
    /// Notes the resident memory of `process` as of `window`; whether the process is still there.
    pub(super) fn look(&mut self, process: Option<u32>, window: usize) -> bool {
        let Some(process) = process else { return false };
        let Some(bytes) = cpu::resident(process) else {
            // No Linux: nothing is known of its memory, nor of its end.
            return !std::path::Path::new("/proc/self/status").exists();
        };
        if self.most.len() <= window {
            self.most.resize(window + 1, None);
        }
        let most = &mut self.most[window];
        *most = Some(most.map_or(bytes, |most| most.max(bytes)));
        true
    }

    /// The most in these windows, in bytes.
    pub(super) fn most(&self, windows: impl IntoIterator<Item = usize>) -> Option<u64> {
        windows.into_iter().filter_map(|window| self.most.get(window).copied().flatten()).max()
    }

    /// Waits until the next look is due.
    pub(super) async fn next() {
        tokio::time::sleep(EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_of_some_windows_is_told_and_nothing_is_no_zero() {
        let mut memory = Memory::default();

        let alive = memory.look(Some(std::process::id()), 1);

        assert!(alive);
        assert!(memory.most([1]).is_some_and(|bytes| bytes > 0));
        assert_eq!(memory.most([0, 7]), None);
    }

    #[test]
    fn a_process_that_has_ended_is_told() {
        assert!(!Memory::default().look(None, 0));
    }
}
