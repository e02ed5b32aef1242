//! Whether both channels of logs carry the same records.

use std::collections::BTreeMap;

use super::record;
use crate::capture::{LogRecord, LogVia, TraceId};
use crate::contract::LogChannel;
use crate::finding::{Finding, Signal};

/// A record as both channels know it: message, trace and class of severity.
type Key<'c> = (std::borrow::Cow<'c, str>, Option<TraceId>, Option<u8>);

/// How often each channel carried a record, and the record.
#[derive(Default)]
struct Seen {
    otlp: usize,
    stdout: usize,
    first: usize,
}

/// What reports call the channel.
pub(super) fn name(channel: LogChannel) -> &'static str {
    match channel {
        LogChannel::Otlp => "otlp",
        LogChannel::Stdout => "stdout",
    }
}

/// Finds records that one channel carried more often than the other.
pub(super) fn compare(records: &[LogRecord], findings: &mut Vec<Finding>) {
    let mut seen: BTreeMap<Key<'_>, Seen> = BTreeMap::new();
    for (position, log) in records.iter().enumerate() {
        let key = (record::message(log), log.trace_id, record::severity(log));
        let entry = seen.entry(key).or_insert_with(|| Seen { first: position, ..Seen::default() });
        match log.via {
            LogVia::Otlp => entry.otlp += 1,
            LogVia::StdoutJson => entry.stdout += 1,
            // A line that is no record is a finding of its own.
            LogVia::StdoutText => {}
        }
    }
    let mut uneven: Vec<&Seen> =
        seen.values().filter(|seen| seen.otlp != seen.stdout && seen.otlp + seen.stdout > 0).collect();
    uneven.sort_by_key(|seen| seen.first);
    for entry in uneven {
        let log = &records[entry.first];
        let (more, less) = if entry.otlp > entry.stdout { ("otlp", "stdout") } else { ("stdout", "otlp") };
        findings.push(
            Finding::violation(
                "log.one-channel",
                Signal::Log,
                record::subject(log),
                format!("a record reached {more} more often than {less}"),
            )
            .at(record::place(entry.first, log, ""))
            .wanted("the same message, trace and severity on both channels")
            .found(format!("{} over otlp, {} on stdout", entry.otlp, entry.stdout))
            .hint("give both layers the same filter, and flush the exporter before the process ends"),
        );
    }
}
