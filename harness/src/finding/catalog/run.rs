//! The run as a whole: was there anything to judge, and was it this run's.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "run.no-telemetry",
        title: "no telemetry arrived",
        meaning: "Not one span, metric or log record reached the capture. Every other silence follows from this one: a dashboard would be empty and an alert would never fire.",
        example: "0 spans, 0 series, 0 log records after 57 requests\nOTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318  (the gRPC exporter, pointed at the HTTP port)",
        remedy: "Check that telemetry is on, that the exporter's endpoint and protocol are those of the receiver (gRPC 4317, HTTP 4318), and that the service flushes before it exits. The service's own log usually names the failed export.",
    },
    Entry {
        id: "telemetry.refused",
        title: "the receiver refused telemetry",
        meaning: "An export request was answered with an error, or accepted in part. A collector in production would have dropped the same data, and most SDKs log that at a level nobody reads.",
        example: "POST /v1/traces -> 415: content type text/plain is not application/x-protobuf or application/json",
        remedy: "Read the reason in the finding. Usual causes: JSON sent as protobuf, a body over the size limit, a path that lacks /v1/traces. Mend the exporter's settings.",
    },
    Entry {
        id: "contract.scenario-unknown",
        title: "the contract names a scenario that was not driven",
        meaning: "The contract promises a trace for a scenario that this run does not know. What it says about that scenario was not checked.",
        example: "scenarios:\n  cold-query: cold-query     # the run drove `cold query`",
        remedy: "Correct the name (the report shows the nearest), or remove the scenario from the contract.",
    },
    Entry {
        id: "waiver.stale",
        title: "a waiver matches nothing any more",
        meaning: "The finding it accepted has gone. Left in place, the waiver would silently accept the same defect when it comes back.",
        example: "waivers:\n- finding: span.outside-parent\n  subject: streamed query / rag.llm_generation\n  reason: the stream is handed on     # mended meanwhile",
        remedy: "Remove the waiver. If it should still match, compare its `subject` with the one in the report: it must be equal as a whole.",
    },
    Entry {
        id: "canary.not-planted",
        title: "a canary was never sent",
        meaning: "A secret that the run should have planted is in no request and no answer, so its absence from the telemetry proves nothing.",
        example: "canary `document`: in no exchange of the run",
        remedy: "Drive a scenario that carries the secret (the placeholder for it in a request body or header), or remove the canary from the run.",
    },
    Entry {
        id: "canary.leaked",
        title: "a planted secret appeared in the telemetry",
        meaning: "The run planted a unique secret where a careless service would pick it up: a header, a query, a document, a key, a prompt, an answer. It then turned up in a span, metric, log or resource. Real secrets and personal data take the same way into a backend where many people read them and nobody can delete them.",
        example: "span rag.query · attribute query.text = \"how do I rotate [canary:query]?\"",
        remedy: "Record a length, a count or a hash instead of the text. Error messages and request URLs are the usual carriers. The report names the place and never the value.",
    },
    Entry {
        id: "never.appeared",
        title: "something the contract forbids appeared",
        meaning: "The contract's `never` list names a span, attribute, metric, label or text that must not be emitted, and it was.",
        example: "never:\n- attribute: enduser.*\n  because: no personal data in telemetry",
        remedy: "Stop emitting it; the rule's `because` says why it is forbidden. If the reason no longer holds, remove the rule.",
    },
    Entry {
        id: "exchange.no-answer",
        title: "a request got no answer",
        meaning: "The connection was refused, was closed, or timed out before the head of an answer. The telemetry of a request that failed this way says little about the service's normal work.",
        example: "cold query, request 1: POST /api/rag: connection closed before the answer",
        remedy: "Look at the service's standard error at that moment: a panic, an exit, or a handler that never answers.",
    },
    Entry {
        id: "exchange.unmet",
        title: "an answer was not what the scenario expects",
        meaning: "The service answered, but with another status or body than the scenario expects. Right telemetry of wrong behaviour is no pass.",
        example: "empty query: wanted status 400, got 500",
        remedy: "Mend the service, or the expectation in the scenario if the behaviour was changed on purpose.",
    },
    Entry {
        id: "fact.below",
        title: "a measured quality is below its bound",
        meaning: "The driver measures numbers that telemetry cannot show, such as whether the right document was among the first five. Their mean over the run is below the contract's bound.",
        example: "retrieval_hit: mean 0.72 over 50 requests, wanted at least 0.9",
        remedy: "Treat it as a defect of the service's work, not of its telemetry: look at the requests whose fact is low.",
    },
];
