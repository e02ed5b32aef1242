//! Log records and their tie to traces.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "log.not-json",
        title: "a line of standard output is not JSON",
        meaning: "The log pipeline parses each line. One that it cannot parse loses its level, its fields and its trace, or is dropped.",
        example: "thread 'main' panicked at src/main.rs:12: ...",
        remedy: "Send everything through the logger: no `println!`, and a panic hook that logs. A library that prints needs its output turned off.",
    },
    Entry {
        id: "log.no-trace-context",
        title: "a log record does not say its trace",
        meaning: "The record was written in a request and carries no trace id or span id. From the trace nobody finds it, and from it nobody finds the trace.",
        example: "{\"level\":\"WARN\",\"message\":\"cache unavailable\"}     # no trace_id",
        remedy: "Log inside the request's context; carry the context across spawns. For records outside any request, list the message under `logs.uncorrelated`.",
    },
    Entry {
        id: "log.trace-unknown",
        title: "a log record names a trace or span that is not there",
        meaning: "The ids look right and lead nowhere: the trace is unsampled by mistake, the span was never exported, or the ids are stale.",
        example: "trace_id=4bf92f... span_id=00f067...: no such span in the capture",
        remedy: "Write the ids of the current context when the record is made, not those kept from an earlier request. If the span is missing, see span.missing and trace.missing.",
    },
    Entry {
        id: "log.missing",
        title: "a log record is missing",
        meaning: "The contract promises a record, mostly a warning on a degradation, and there are none or too few. The degradation would pass unnoticed.",
        example: "cache down: wanted `cache unavailable*` at warn or above, found none",
        remedy: "Log it where the degradation is decided, at the promised level. The report shows the nearest messages.",
    },
    Entry {
        id: "log.one-channel",
        title: "a log record is on one channel only",
        meaning: "The contract says that standard output and OTLP carry the same records. Whoever reads the other channel does not see this one.",
        example: "stdout  \"upsert failed\", trace 4bf92f...\notlp    nothing alike",
        remedy: "Install both layers on one subscriber with the same filter, and flush the OTLP logger at exit.",
    },
];
