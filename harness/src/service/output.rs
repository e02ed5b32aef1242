//! What the service prints: kept as log records, and read for its address.

use std::sync::{Arc, Mutex, PoisonError};

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
    lines: Arc<Mutex<Vec<(u64, String)>>>,
    address: Arc<watch::Sender<Option<String>>>,
    pattern: Option<Arc<Regex>>,
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
            self.lines.lock().unwrap_or_else(PoisonError::into_inner).push((clock::now(), line));
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

    /// Everything printed so far, as log records.
    pub fn records(&self) -> Vec<LogRecord> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().filter(|(_, line)| !line.trim().is_empty()).map(|(time, line)| parse_line(line, *time)).collect()
    }

    /// The last lines, for an error.
    pub fn tail(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let last: Vec<&str> = lines.iter().rev().take(QUOTED).rev().map(|(_, line)| line.as_str()).collect();
        if last.is_empty() { "it printed nothing".to_owned() } else { format!("it printed last:\n{}", last.join("\n")) }
    }
}
