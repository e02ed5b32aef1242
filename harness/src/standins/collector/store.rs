//! What has been received so far.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use tokio::sync::watch;

use super::signal::Signal;
use crate::capture::otlp::{DecodeError, decode, json};
use crate::capture::{Family, Interner, LogRecord, Scrape, Span};

/// Telemetry received, in order of arrival.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Received {
    /// Spans.
    pub spans: Vec<Span>,
    /// Metrics, one entry a request, with the time of its arrival.
    pub scrapes: Vec<Scrape>,
    /// Log records.
    pub logs: Vec<LogRecord>,
}

/// How much was received since the start, whether or not it has been taken since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Spans.
    pub spans: usize,
    /// Metrics requests that held a metric.
    pub scrapes: usize,
    /// Log records.
    pub logs: usize,
    /// Requests refused.
    pub refusals: usize,
}

/// A request that was refused, for what it was and not by a [`Fault`](crate::standins::Fault).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// When, in nanoseconds since the Unix epoch.
    pub when: u64,
    /// How the request came.
    pub transport: Transport,
    /// Why it was refused, one sentence.
    pub reason: String,
}

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// OTLP/gRPC.
    Grpc,
    /// OTLP/HTTP with protobuf.
    HttpProtobuf,
    /// OTLP/HTTP with JSON.
    HttpJson,
    /// HTTP with another content type, or none.
    Http,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Grpc => "OTLP/gRPC",
            Self::HttpProtobuf => "OTLP/HTTP protobuf",
            Self::HttpJson => "OTLP/HTTP JSON",
            Self::Http => "HTTP",
        })
    }
}

/// How a request's message is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Protobuf,
    Json,
}

/// Shared by all connections.
#[derive(Debug, Default)]
pub(super) struct Store {
    received: Mutex<Received>,
    refusals: Mutex<Vec<Refusal>>,
    counts: watch::Sender<Counts>,
    /// Idle interners: as many as requests were ever decoded at once. Each is used outside any lock.
    interners: Mutex<Vec<Interner>>,
}

impl Store {
    /// Reads a message.
    pub(super) fn read(&self, signal: Signal, encoding: Encoding, body: &[u8]) -> Result<Received, DecodeError> {
        let mut strings = lock(&self.interners).pop().unwrap_or_default();
        let decoded = decode(signal, encoding, body, &mut strings);
        lock(&self.interners).push(strings);
        decoded
    }

    /// Keeps what has been read.
    pub(super) fn keep(&self, mut fresh: Received) {
        let Received { spans, scrapes, logs } = &fresh;
        let (spans, scrapes, logs) = (spans.len(), scrapes.len(), logs.len());
        {
            let mut received = lock(&self.received);
            received.spans.append(&mut fresh.spans);
            received.scrapes.append(&mut fresh.scrapes);
            received.logs.append(&mut fresh.logs);
        }
        // After the data: whoever sees the count finds what was counted.
        self.counts.send_modify(|counts| {
            counts.spans += spans;
            counts.scrapes += scrapes;
            counts.logs += logs;
        });
    }

    pub(super) fn refuse(&self, transport: Transport, reason: impl Into<String>) {
        lock(&self.refusals).push(Refusal { when: now(), transport, reason: reason.into() });
        self.counts.send_modify(|counts| counts.refusals += 1);
    }

    pub(super) fn inspect<T>(&self, look: impl FnOnce(&Received) -> T) -> T {
        look(&lock(&self.received))
    }

    pub(super) fn take(&self) -> Received {
        // The interners hold every string they have seen; after this most are of no more use.
        lock(&self.interners).clear();
        std::mem::take(&mut *lock(&self.received))
    }

    pub(super) fn refusals(&self) -> Vec<Refusal> {
        lock(&self.refusals).clone()
    }

    pub(super) fn counts(&self) -> watch::Receiver<Counts> {
        self.counts.subscribe()
    }
}

fn decode(signal: Signal, encoding: Encoding, body: &[u8], strings: &mut Interner) -> Result<Received, DecodeError> {
    let mut received = Received::default();
    match (encoding, signal) {
        (Encoding::Protobuf, Signal::Traces) => {
            received.spans = decode::traces(&ExportTraceServiceRequest::decode(body)?, strings)?;
        }
        (Encoding::Protobuf, Signal::Metrics) => {
            let families = decode::metrics(&ExportMetricsServiceRequest::decode(body)?, strings)?;
            received.scrapes.extend(scrape(families, strings));
        }
        (Encoding::Protobuf, Signal::Logs) => {
            received.logs = decode::logs(&ExportLogsServiceRequest::decode(body)?, strings)?;
        }
        (Encoding::Json, signal) => {
            let batch = json::read(std::str::from_utf8(body)?, strings)?;
            match signal {
                Signal::Traces => received.spans = batch.spans,
                Signal::Metrics => received.scrapes.extend(scrape(batch.families.unwrap_or_default(), strings)),
                Signal::Logs => received.logs = batch.logs,
            }
        }
    }
    Ok(received)
}

/// An empty request leaves no trace in the capture.
fn scrape(families: Vec<Family>, strings: &mut Interner) -> Option<Scrape> {
    let source = strings.intern(Scrape::OTLP);
    (!families.is_empty()).then(|| Scrape { time: now(), source, text: String::new(), families })
}

/// The time, in nanoseconds since the Unix epoch.
fn now() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
}

// Every critical section leaves its value whole, so a panic elsewhere in the holder's thread spoils nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
