//! Dashboards held against metrics: defects that are found, and healthy twins that stay silent.

mod arbitrary;
mod files;
mod healthy;
mod live_answers;
mod live_client;
mod live_gather;
mod places;
mod planted_metrics;
mod planted_queries;
mod planted_rules;
mod planted_structure;
mod planted_units;
mod planted_variables;
mod shapes;

use std::path::{Path, PathBuf};

use otelgate_harness::capture::Scrape;
use otelgate_harness::dashboards::{Dashboards, Judged, Options, Source, Truth, judge, load, parse};
use otelgate_harness::finding::{Finding, Level};
use serde_json::{Value as Json, json};

/// The repository's dashboards and the metrics they are of.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/dashboards")
}

/// Metrics of a small service, each kind among them.
const METRICS: &str = r#"# TYPE requests_total counter
requests_total{method="GET",status="200",route="/a"} 90
requests_total{method="POST",status="200",route="/b"} 10
requests_total{method="POST",status="503",route="/b"} 2
# TYPE errors_total counter
errors_total{stage="llm"} 2
errors_total{stage="cache-read"} 1
# TYPE hits_total counter
hits_total 5
# TYPE misses_total counter
misses_total 3
# TYPE queue_length gauge
queue_length{queue="in"} 3
# TYPE memory_bytes gauge
memory_bytes 1000000
# TYPE cache_ratio gauge
cache_ratio 0.4
# TYPE cpu_seconds_total counter
cpu_seconds_total 12
# TYPE received_bytes_total counter
received_bytes_total{device="eth0"} 1234
# TYPE latency_seconds histogram
latency_seconds_bucket{route="/a",le="0.1"} 80
latency_seconds_bucket{route="/a",le="1"} 99
latency_seconds_bucket{route="/a",le="+Inf"} 100
latency_seconds_sum{route="/a"} 9
latency_seconds_count{route="/a"} 100
# TYPE slow_seconds histogram
slow_seconds_bucket{le="1"} 50
slow_seconds_bucket{le="5"} 80
slow_seconds_bucket{le="+Inf"} 100
slow_seconds_sum 900
slow_seconds_count 100
# TYPE sizes summary
sizes{quantile="0.5"} 4
sizes{quantile="0.99"} 9
sizes_sum 40
sizes_count 10
# TYPE build_info gauge
build_info{version="1.2"} 1
"#;

fn truth() -> Truth {
    Truth::of_scrape(&Scrape::of_exposition(0, "test", METRICS.to_owned()).unwrap())
}

/// A dashboard of one time series panel with one query.
fn one_query(expr: &str) -> Json {
    json!({
        "uid": "d", "title": "D", "schemaVersion": 39, "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": []},
        "panels": [{"id": 1, "type": "timeseries", "title": "P", "targets": [{"refId": "A", "expr": expr}]}]
    })
}

/// What is judged together.
fn together(dashboards: &[Json]) -> Dashboards {
    let read = |(at, json): (usize, &Json)| parse(&json.to_string(), &format!("{at}.json")).unwrap().unwrap();
    Dashboards { dashboards: dashboards.iter().enumerate().map(read).collect(), ..Dashboards::default() }
}

/// Judged after scenarios in which everything happened.
fn judged(dashboard: &Json) -> Judged {
    judge(&together(std::slice::from_ref(dashboard)), &truth(), Options { all_happened: true })
}

fn judged_expr(expr: &str) -> Judged {
    judged(&one_query(expr))
}

/// Asserts that the expression has this finding alone, and that its text holds `parts`.
#[track_caller]
fn assert_one(judged: &Judged, id: &str, parts: &[&str]) -> Finding {
    let findings: Vec<&Finding> =
        judged.findings.iter().filter(|finding| finding.level != Level::Information).collect();
    assert_eq!(findings.iter().map(|finding| finding.id).collect::<Vec<_>>(), [id], "{findings:#?}");
    let Finding { message, wanted, found, hint, place, subject, .. } = findings[0];
    assert!([message, wanted, found, hint].iter().all(|text| !text.is_empty()), "{:#?}", findings[0]);
    for part in parts {
        let all = [message, wanted, found, hint, &place.path, subject];
        assert!(all.iter().any(|text| text.contains(part)), "no {part:?} in {:#?}", findings[0]);
    }
    findings[0].clone()
}

#[track_caller]
fn assert_silent(judged: &Judged, what: &str) {
    let findings: Vec<&Finding> =
        judged.findings.iter().filter(|finding| finding.level != Level::Information).collect();
    assert!(findings.is_empty(), "{what}: {findings:#?}");
    assert!(judged.queries > 0, "{what}: nothing was judged");
}

fn load_one(path: PathBuf) -> Dashboards {
    load(&[Source { path, ..Source::default() }]).unwrap()
}
