//! The JSON report.

use otelgate_harness::report::{FORMAT, Report, VERSION, json};
use serde_json::{Value, json as value};

use super::sample::{TRACE, capture, red, summary};

fn document() -> Value {
    let capture = capture();
    let report = Report::new(&red(), &capture, &summary(&capture));
    serde_json::from_str(&json(&report).unwrap()).unwrap()
}

#[test]
fn says_its_format_and_the_verdict() {
    let document = document();

    assert_eq!(document["format"], FORMAT);
    assert_eq!(document["version"], VERSION);
    assert_eq!(document["verdict"], "FAIL");
}

#[test]
fn counts_what_the_run_saw() {
    let document = document();

    assert_eq!(
        document["run"],
        value!({
            "service": "rag-service", "run_id": "run-42", "stack": "embedded", "versions": {"otelgate": "0.1.0"},
            "duration_seconds": 3.2,
            "counts": {"traces": 1, "spans": 7, "metrics": 1, "series": 2, "logs": 1, "exchanges": 0},
        })
    );
}

#[test]
fn holds_each_finding_whole() {
    let document = document();

    assert_eq!(document["findings"].as_array().unwrap().len(), 3);
    assert_eq!(
        document["findings"][0],
        value!({
            "level": "violation", "id": "span.missing", "check": "trees", "signal": "trace",
            "subject": "cold query / rag.rerank",
            "where": {
                "scenario": "cold query", "step": 0, "trace_id": TRACE, "span_id": "0000000000000002",
                "path": "POST /api/rag > rag.query > rag.rerank",
            },
            "message": "`rag.rerank` is missing under `rag.query`",
            "wanted": "exactly 1", "found": "none; nearest: rag.vector_search, rag.embedding",
            "hint": "start the span in the rerank stage", "more": 0,
        })
    );
    assert_eq!(document["findings"][2]["level"], "improvement");
}

#[test]
fn counts_violations_and_waived_findings_of_each_check() {
    let document = document();

    let checks: Vec<(&str, u64, u64)> = document["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| {
            let number = |field: &str| check[field].as_u64().unwrap();
            (check["name"].as_str().unwrap(), number("violations"), number("waived"))
        })
        .collect();
    assert_eq!(checks, [("trees", 1, 1), ("attributes", 4, 0), ("metrics", 0, 0)]);
    assert_eq!(document["waived"][0]["finding"]["id"], "span.orphan");
    assert!(document["waived"][0]["reason"].as_str().unwrap().starts_with("the cache client"));
}
