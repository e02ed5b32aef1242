//! What spans carry, what calls carry on, and who is said to have emitted it.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "attribute.missing",
        title: "an attribute is missing",
        meaning: "The contract or a semantic convention requires the attribute. Queries that filter or group by it leave this span out without a word.",
        example: "rag.embedding: no tokens.total; nearest: token.total",
        remedy: "Record it on every path, also on errors and early returns. If it exists only sometimes, say so: `{optional: true}`.",
    },
    Entry {
        id: "attribute.type",
        title: "an attribute has the wrong type",
        meaning: "The value is right to the eye and of another type. A backend indexes `\"5\"` and `5` apart: comparisons and sums fail or leave the span out.",
        example: "results.count: wanted int, found string \"5\"",
        remedy: "Record numbers as numbers and truth values as bool. Usual causes: `to_string()` before recording, or a `tracing` field given with `%`.",
    },
    Entry {
        id: "attribute.value",
        title: "an attribute has the wrong value",
        meaning: "The attribute says something that the contract rules out: the telemetry tells a wrong story about what happened.",
        example: "cold query / rag.query / cache.hit: wanted false, found true",
        remedy: "Find where the value is set; often a default is recorded at the start and never corrected.",
    },
    Entry {
        id: "attribute.unexpected",
        title: "an attribute nobody promised",
        meaning: "The span carries an attribute that neither the contract nor a convention names. Unplanned attributes cost storage and are the usual way in which private data leaks.",
        example: "rag.query: debug.prompt_preview = \"...\"",
        remedy: "Remove it, add it to the contract, or write `open: true` on the span's rule if its attributes are open by design.",
    },
    Entry {
        id: "attribute.duplicate",
        title: "an attribute is there twice",
        meaning: "OTLP forbids one key twice in a list. Which value survives depends on the backend.",
        example: "http.response.status_code = 200, http.response.status_code = 500",
        remedy: "Set the attribute in one place, or make the later set replace the earlier.",
    },
    Entry {
        id: "attribute.deprecated",
        title: "an attribute goes by its old name",
        meaning: "The semantic conventions renamed the attribute. Dashboards and backends made for the present name do not see it.",
        example: "http.status_code = 200     # now http.response.status_code",
        remedy: "Emit the present name (the finding says which) and drop the old one once nothing reads it.",
    },
    Entry {
        id: "error-type.missing",
        title: "a failure without error.type",
        meaning: "The span's status is error, or the answer failed, and `error.type` does not say how. Errors cannot be grouped, and the metric's error series has no span to show for it.",
        example: "chat gpt-4o-mini: status error, no error.type",
        remedy: "Set `error.type` to a class with few values: the status code as text (`\"500\"`), `timeout`, or the name of the error's type.",
    },
    Entry {
        id: "error-type.unexpected",
        title: "error.type on a success",
        meaning: "`error.type` is there only when the operation failed. On a success, it counts a failure that did not happen.",
        example: "GET, 200, status unset: error.type = \"none\"",
        remedy: "Leave the attribute out on success; do not write `none` or an empty text.",
    },
    Entry {
        id: "event.missing",
        title: "an event is missing",
        meaning: "The contract promises an event on the span, such as a retry or the first chunk of a stream. The moment it marks cannot be found.",
        example: "rag.llm_generation: no event gen_ai.first_chunk",
        remedy: "Record the event before the span ends: events on an ended span are dropped.",
    },
    Entry {
        id: "event.unexpected",
        title: "an event nobody promised",
        meaning: "The span has an event that the contract does not name, or more of one than it allows. Events in a loop are the usual way to reach the SDK's limits.",
        example: "rag.query: 200 events `chunk`, wanted at most 1",
        remedy: "Remove it, add it to the contract, or record a count as an attribute in place of one event each.",
    },
    Entry {
        id: "link.count",
        title: "a span has too many or too few links",
        meaning: "Links tie a span to work in other traces: a batch to its items, a retry to its first attempt. Without them that way is lost.",
        example: "index batch: wanted exactly 3 links, found 0",
        remedy: "Add the links when the span is started, from the contexts of the items.",
    },
    Entry {
        id: "propagation.broken",
        title: "a call did not carry the trace on",
        meaning: "The service called a dependency without trace context, with that of another trace, or without the baggage it was given. The dependency's spans will not be part of this trace.",
        example: "POST /v1/chat/completions: no traceparent (in trace 4bf92f...)",
        remedy: "Inject the current context into the headers or gRPC metadata of every call, inside the client span of that call.",
    },
    Entry {
        id: "resource.missing",
        title: "a resource attribute is missing",
        meaning: "The resource says which service, version and instance emitted the telemetry. Without it, data of several services or instances cannot be told apart.",
        example: "no service.version",
        remedy: "Set it where the SDK is built, or in `OTEL_RESOURCE_ATTRIBUTES`. All three signals must use one resource.",
    },
    Entry {
        id: "resource.value",
        title: "a resource attribute has the wrong value",
        meaning: "The telemetry says that something else emitted it, for example `unknown_service`. It is then filed under a service that nobody looks at.",
        example: "service.name: wanted \"rag-service\", found \"unknown_service\"",
        remedy: "Set `OTEL_SERVICE_NAME`, or the resource where the SDK is built.",
    },
];
