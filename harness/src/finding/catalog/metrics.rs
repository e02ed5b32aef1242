//! Metrics and their exemplars.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        id: "metric.missing",
        title: "a metric is missing",
        meaning: "The contract promises a metric, and no scrape or export has it. Panels show no data, and an alert on it can never fire.",
        example: "rag_query_duration_seconds: not exposed; nearest: rag_query_duration_milliseconds",
        remedy: "Check that the instrument is made and recorded, and that unit and kind give the expected Prometheus name (`_seconds`, `_total`).",
    },
    Entry {
        id: "metric.kind",
        title: "a metric has the wrong kind",
        meaning: "A query written for one kind is wrong for another: `rate()` of a gauge and `histogram_quantile()` of a summary give numbers without meaning.",
        example: "rag_openai_tokens_total: wanted counter, found gauge",
        remedy: "Use the instrument that the contract names; a value that only grows is a counter.",
    },
    Entry {
        id: "metric.unit",
        title: "a metric has the wrong unit",
        meaning: "Values are off by a factor, mostly a thousand, and thresholds of alerts with them.",
        example: "rag.query.duration: wanted s, found ms",
        remedy: "Set the unit on the instrument and record in it. The conventions use seconds (`s`) and bytes (`By`).",
    },
    Entry {
        id: "metric.buckets",
        title: "a histogram has other buckets",
        meaning: "Quantiles are only as exact as the buckets. The SDK's default bounds are made for milliseconds: durations in seconds all fall into the first one.",
        example: "wanted  0.005 0.01 0.025 0.05 ... 10\nfound   0 5 10 25 50 ... 10000",
        remedy: "Give the instrument the bounds of the conventions (`with_boundaries`, or a view).",
    },
    Entry {
        id: "metric.label-missing",
        title: "a series lacks a label",
        meaning: "Sums by that label leave the series out, or put it under an empty name.",
        example: "rag_query_errors_total{} 3: no label stage",
        remedy: "Record the label on every path, with a fixed word where the value is not known.",
    },
    Entry {
        id: "metric.label-unexpected",
        title: "a series has a label nobody promised",
        meaning: "Each label multiplies the number of series. One that the contract does not name changes every `sum without` and the cost of storage.",
        example: "rag_query_duration_seconds{topic=\"billing\"}: label topic is not in the contract",
        remedy: "Remove the label, add it to the contract, or write `open-labels: true`.",
    },
    Entry {
        id: "metric.label-value",
        title: "a label has a value nobody promised",
        meaning: "Dashboards and alerts that select by the promised values do not see the series.",
        example: "rag_query_errors_total{stage=\"LLM\"}: wanted one of embedding | search | rerank | llm",
        remedy: "Map to the promised words in one place, in code that the compiler checks (an enum).",
    },
    Entry {
        id: "metric.label-unbounded",
        title: "a label takes values without end",
        meaning: "A label with an id, a path or a text makes a new series for each request. This is the most common way in which a service brings a metrics backend down.",
        example: "http_server_request_duration_seconds{url_path=\"/documents/8271\"}",
        remedy: "Label by route, class or model; keep ids on spans and logs, and tie them to metrics with exemplars.",
    },
    Entry {
        id: "metric.series",
        title: "a metric has too many or too few series",
        meaning: "The number of label sets at the end of the run is outside the contract's bounds: a case is never recorded, or a label multiplies.",
        example: "rag_openai_tokens_total: wanted exactly 2 series (prompt, completion), found 1",
        remedy: "Compare the series in the finding with the cases the service knows.",
    },
    Entry {
        id: "metric.overflow",
        title: "the SDK folded series together",
        meaning: "The metric passed the SDK's cardinality limit. Further label sets are counted under `otel.metric.overflow=true`, so every sum by label is wrong from then on.",
        example: "http_client_request_duration_seconds_count{otel_metric_overflow=\"true\"} 812",
        remedy: "Find the label without bound and remove it; raising the limit only moves the day.",
    },
    Entry {
        id: "metric.invalid",
        title: "a metric's numbers contradict themselves",
        meaning: "A NaN, a counter below zero, or a histogram whose buckets do not add up to its count. Queries over it give nonsense, often without an error.",
        example: "rag_vector_search_results_count 10, buckets add up to 9",
        remedy: "Record only finite values; divide only after testing for zero; let the SDK keep the buckets.",
    },
    Entry {
        id: "metric.decreased",
        title: "a cumulative metric went down",
        meaning: "Counters and histograms only grow while a process lives. A decrease is read as a restart, and `rate()` adds the whole value once more.",
        example: "rag_openai_chat_calls_total: 41, then 38 in the next scrape",
        remedy: "Use a gauge for values that go both ways. Else look for a registry that is built anew, or for two processes behind one scrape target.",
    },
    Entry {
        id: "metric.error-type",
        title: "span and metric disagree on error.type",
        meaning: "The convention wants the same `error.type` on a span and on the metric of the same operation. Else nobody gets from an error rate to the traces behind it.",
        example: "spans: error.type = \"timeout\" (3)\nhttp_client_request_duration_seconds: error_type = \"other\" (3)",
        remedy: "Compute the value once and use it for both.",
    },
    Entry {
        id: "exemplar.unresolved",
        title: "an exemplar points to a trace that is not there",
        meaning: "The jump from a point of a graph to its trace ends at nothing.",
        example: "rag_query_duration_seconds_bucket{le=\"1\"} ... # {trace_id=\"4bf92f...\"}: no such trace",
        remedy: "Record exemplars only in sampled traces (the SDK's default), and inside the span they belong to.",
    },
];
