//! Single spans and their place in the tree.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "span.duplicate-id",
        title: "two spans have the same id",
        meaning: "Span ids are unique in a trace. With two alike, children hang under either, and backends keep one and drop the other.",
        example: "b7ad6b7169203331: rag.query\nb7ad6b7169203331: rag.rerank",
        remedy: "Look for a span exported twice (two processors for one exporter, a retry after a success) or for an id generator with a fixed seed.",
    },
    Entry {
        id: "span.orphan",
        title: "the span's parent is nowhere",
        meaning: "The span names a parent that was not exported. The tree falls apart at this place: the span is shown apart from the request it explains.",
        example: "rag.vector_search, parent 00f067aa0ba902b7: no such span in the trace",
        remedy: "Make sure that the parent ends and is exported on every path, and that the flush at exit waits for it. If the parent was unsampled, use a parent-based sampler.",
    },
    Entry {
        id: "span.misplaced",
        title: "the span hangs under another parent",
        meaning: "The right span is there, under the wrong parent. Time is put down to the wrong stage, and a slow dependency is blamed on the neighbour.",
        example: "wanted  rag.query > rag.rerank\nfound   rag.query > rag.vector_search > rag.rerank",
        remedy: "Start the span from the context of its real parent. Usual cause: a guard of the sibling was still active when the span was started.",
    },
    Entry {
        id: "span.name",
        title: "the span has another name",
        meaning: "A span is in the right place under another name. Saved searches, dashboards and span metrics that group by name no longer find it.",
        example: "wanted  rag.rerank\nfound   rag.re_rank",
        remedy: "Restore the name, or change the contract together with everything that queries it.",
    },
    Entry {
        id: "span.missing",
        title: "a span is missing",
        meaning: "The contract promises a span in this place, and there is none. The stage is invisible: its time is put down to its parent and its errors have no place.",
        example: "POST /api/rag\n└ rag.query\n  ├ rag.vector_search\n▶ └ rag.rerank            missing",
        remedy: "Restore the instrumentation of the stage, or, if the stage is skipped on purpose in this scenario, give the scenario a shape of its own. The report names the nearest spans found.",
    },
    Entry {
        id: "span.count",
        title: "there are too many or too few of a span",
        meaning: "The span is there, but not as often as promised. Twice mostly means that work, or its instrumentation, runs twice: cost and rates double with it.",
        example: "rag.query > rag.embedding: wanted exactly 1, found 2",
        remedy: "Look for instrumentation in two layers (middleware and handler), a retry that is not a child of its own, or a stage that ran again. If the number varies by nature, write a range: `count: 1..3`.",
    },
    Entry {
        id: "span.unexpected",
        title: "a span nobody promised",
        meaning: "The tree has a span that the contract does not name. It may be a new dependency call, a library's own instrumentation, or a leak of another request's work into this trace.",
        example: "rag.query > SELECT   (kind client): not in the shape `cold-query`",
        remedy: "Add it to the shape if it is meant; write `open-children: true` where children vary by nature; else remove the instrumentation.",
    },
    Entry {
        id: "span.order",
        title: "spans started in another order",
        meaning: "The contract says in which order the children start. Another order means that the pipeline ran another way than people read it.",
        example: "wanted  rag.vector_search, then rag.rerank\nfound   rag.rerank started 2 ms before rag.vector_search",
        remedy: "Check that each span starts where its work starts, not where it is declared. If the stages may run at once, remove `ordered`.",
    },
    Entry {
        id: "span.kind",
        title: "the span has the wrong kind",
        meaning: "Backends derive service graphs and request rates from the kind: a call that is not client has no edge in the graph, a request that is not server is not counted.",
        example: "query rag_documents: wanted client, found internal",
        remedy: "Set the kind when the span is started; the conventions say which (calls to dependencies: client; requests accepted: server).",
    },
    Entry {
        id: "span.status",
        title: "the span has the wrong status",
        meaning: "Error rates and error searches read the status. An error that is unset is invisible; an error on a success, or on a server span for a 4xx, wakes people for nothing.",
        example: "POST /api/rag, 400: wanted unset, found error",
        remedy: "By the conventions: success leaves the status unset; server spans are errors from 500 on; client spans are errors from 400 on. Set `ok` only on purpose.",
    },
    Entry {
        id: "span.negative-duration",
        title: "the span ends before it starts",
        meaning: "Durations below zero break percentiles and are dropped by some backends.",
        example: "rag.embedding: start 12:00:00.250, end 12:00:00.248",
        remedy: "Take both times from one clock. Usual cause: a wall clock that was set back, or start times passed by hand in another unit.",
    },
    Entry {
        id: "span.outside-parent",
        title: "the span reaches outside its parent",
        meaning: "A child starts before its parent or ends after it. The parent's duration then does not contain the work it stands for: latency looks better than users feel it.",
        example: "rag.query ends at +120 ms, its child rag.llm_generation at +480 ms",
        remedy: "End the parent when its work is done, not when the handler returns. For streams that are handed on by design, write `children-may-outlive: true` on the parent's rule.",
    },
    Entry {
        id: "span.unbounded-name",
        title: "span names without end",
        meaning: "The name holds an id, a path or a number, so that each request makes a new one. Backends group by name: the list of operations, and the metrics derived from it, grow without bound.",
        example: "GET /api/documents/8271, GET /api/documents/8272, ...",
        remedy: "Name the span by the route (`GET /api/documents/{id}`) and put the value in an attribute.",
    },
    Entry {
        id: "span.dropped",
        title: "the SDK dropped parts of the span",
        meaning: "The span reached a limit of the SDK, and attributes, events or links beyond it were lost. What is missing is decided by order, not by worth.",
        example: "rag.query: dropped 12 attributes (limit 128)",
        remedy: "Record less on one span: no attribute or event for each item of a loop. Raising `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT` is the second choice.",
    },
];
