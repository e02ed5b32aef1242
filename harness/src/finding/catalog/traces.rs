//! Traces as a whole.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "trace.not-continued",
        title: "the caller's trace was not continued",
        meaning: "A request carried a valid `traceparent`, and the service began another trace, or kept the trace and forgot whose child it is; or a span inside the service lost its context and began a trace of its own. Every trace that crosses this service breaks in two, and nobody can follow a request from its caller.",
        example: "sent      traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\nexported  trace 9c1d3e... with a root of its own",
        remedy: "Install the W3C propagator (`OTEL_PROPAGATORS=tracecontext,baggage`) and extract the context from the request headers before the server span starts.",
    },
    Entry {
        id: "run.foreign-telemetry",
        title: "telemetry of another run was mixed in",
        meaning: "The resource names another run (`otelgate.run.id`) or another instance of the service. Counts and relations over a mixture are wrong in ways that look like defects of the service.",
        example: "resource otelgate.run.id = \"run-41\", this run is \"run-42\"",
        remedy: "Stop the other process, or give each its own receiver. In a saved folder, remove the files of the other run.",
    },
    Entry {
        id: "trace.missing",
        title: "a sampled request left no trace",
        meaning: "The request was sampled and answered, and not one span of it arrived. In production this request cannot be looked at afterwards.",
        example: "cached query, request 3: answered 200, trace 4bf92f... has no span",
        remedy: "Look for a route without instrumentation, a full span queue (`OTEL_BSP_MAX_QUEUE_SIZE`), a sampler that ignores its parent, or a process that ends before it flushes.",
    },
    Entry {
        id: "trace.unsampled-exported",
        title: "a trace was exported that should not be",
        meaning: "The caller said not sampled (flags `00`), or the contract says `none` for the request, and spans were exported all the same. A service that ignores its callers' sampling decision costs more as traffic grows, and its traces have only its own part; health checks drown the rest.",
        example: "traceparent: 00-7d0c...-53995c3f42cd8ad8-00  ->  4 spans exported",
        remedy: "Use a parent-based sampler (`OTEL_TRACES_SAMPLER=parentbased_traceidratio` or `parentbased_always_on`), and leave routes such as `/health` out of tracing.",
    },
    Entry {
        id: "trace.no-root",
        title: "a trace has no root",
        meaning: "Every span of the trace has a parent. The request's outermost span was not exported, so its duration and outcome are unknown, and backends list the trace under a wrong name or not at all.",
        example: "trace 4bf92f...: 6 spans, all with a parent; none is the root, none hangs under the caller",
        remedy: "End the server span on every path, also when the client goes away, and flush before exit.",
    },
    Entry {
        id: "trace.many-roots",
        title: "a trace has several roots",
        meaning: "More than one span begins the trace in this service. Work that belongs to one request looks like several requests, and its time adds up wrongly.",
        example: "trace 4bf92f...\n  POST /api/rag\n  rag.llm_generation      (also without parent)",
        remedy: "Pass the context across the spawn or await where it was lost (`.with_context(cx)`, `.instrument(span)`); do not start spans with the root context.",
    },
    Entry {
        id: "trace.cycle",
        title: "spans are each other's parents",
        meaning: "Following parents from a span leads back to it. No backend can draw the trace; some drop it as a whole.",
        example: "rag.query -> parent rag.embedding -> parent rag.query",
        remedy: "Look for code that sets parent ids by hand, or for a generator of span ids that repeats itself (a seed shared by threads or processes).",
    },
    Entry {
        id: "trace.root-kind",
        title: "the trace begins with the wrong kind of span",
        meaning: "The span that begins the trace in this service is a client span, although the service was called. The server span is missing or has the wrong kind, and request rates derived from traces are wrong.",
        example: "root POST (kind client), wanted server or consumer",
        remedy: "Start a span of kind server where requests are accepted, and make it the parent of everything else.",
    },
];
