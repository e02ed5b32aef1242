//! What the service prints: kept as log records, and read for its address.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use regex::Regex;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::watch;

use crate::capture::{LogRecord, parse_line};
use crate::clock;

/// How many lines an error quotes.
const QUOTED: usize = 20;

/// What a service has printed so far. Clones share it.
#[derive(Clone)]
pub struct Output {
    lines: Arc<Mutex<Lines>>,
    address: Arc<watch::Sender<Option<String>>>,
    pattern: Option<Arc<Regex>>,
}

#[derive(Default)]
struct Lines {
    /// With the time of each.
    kept: Vec<(u64, String)>,
    /// The last ones, taken or not.
    last: VecDeque<String>,
}

impl Output {
    pub(super) fn new(pattern: Option<Regex>) -> Self {
        Self { lines: Arc::default(), address: Arc::new(watch::Sender::new(None)), pattern: pattern.map(Arc::new) }
    }

    /// Reads `stream` to its end.
    pub(super) async fn read(self, stream: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(stream).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
            if let Some(pattern) = &self.pattern
                && self.address.borrow().is_none()
                && let Some(url) = pattern.captures(&line).and_then(|groups| groups.get(1))
            {
                self.address.send_replace(Some(url.as_str().trim_end_matches('/').to_owned()));
            }
            let mut lines = self.lock();
            if lines.last.len() == QUOTED {
                lines.last.pop_front();
            }
            lines.last.push_back(line.clone());
            lines.kept.push((clock::now(), line));
        }
    }

    /// Waits until the service has said where it listens.
    pub(super) async fn address(&self) -> String {
        let mut seen = self.address.subscribe();
        match seen.wait_for(Option::is_some).await {
            Ok(address) => address.clone().unwrap_or_default(),
            Err(_) => std::future::pending().await,
        }
    }

    /// Everything printed so far and not yet taken, as log records.
    pub fn records(&self) -> Vec<LogRecord> {
        records(&self.lock().kept)
    }

    /// Takes everything printed so far and not yet taken, as log records: a service under load for hours prints more than
    /// memory holds.
    pub fn take_records(&self) -> Vec<LogRecord> {
        let taken = std::mem::take(&mut self.lock().kept);
        records(&taken)
    }

    /// The last lines, for an error.
    pub fn tail(&self) -> String {
        let lines = self.lock();
        let last: Vec<&str> = lines.last.iter().map(String::as_str).collect();
        if last.is_empty() { "it printed nothing".to_owned() } else { format!("it printed last:\n{}", last.join("\n")) }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        // A line is whole before the lock is given back.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn records(lines: &[(u64, String)]) -> Vec<LogRecord> {
    lines.iter().filter(|(_, line)| !line.trim().is_empty()).map(|(time, line)| parse_line(line, *time)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_taken_is_gone_but_an_error_still_quotes_it() {
        let output = Output::new(None);
        output.clone().read(&b"first\nsecond\n"[..]).await;

        let taken = output.take_records();

        assert_eq!(taken.len(), 2);
        assert_eq!(output.records(), []);
        assert!(output.tail().ends_with("first\nsecond"), "{}", output.tail());
    }
}
