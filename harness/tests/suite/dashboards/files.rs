//! Paths that lead to nothing, and a thousand panels.

use std::fs;
use std::time::{Duration, Instant};

use otelgate_harness::dashboards::{Options, Source, judge, load};
use serde_json::json;

use super::{METRICS, one_query, together, truth};

#[test]
fn paths_that_lead_to_nothing_are_answered_with_the_next_step() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("empty")).unwrap();
    fs::create_dir(root.path().join("other")).unwrap();
    fs::write(root.path().join("other/package.json"), "{\"name\": \"x\"}").unwrap();

    for (path, part) in [
        ("nowhere", "check the path"),
        ("empty", "no file that ends in .json"),
        ("other", "none of its JSON files is a dashboard"),
    ] {
        let error = load(&[Source { path: root.path().join(path), ..Source::default() }]).unwrap_err().to_string();
        assert!(error.contains(part) && error.contains(path), "{error}");
    }
}

#[test]
fn hidden_folders_and_other_json_are_left_out() {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("a/b/one.json", one_query("up").to_string()),
        (".git/x.json", "{".to_owned()),
        ("package.json", "{\"name\": 1}".to_owned()),
    ] {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    let loaded = load(&[Source { path: root.path().to_owned(), ..Source::default() }]).unwrap();

    assert_eq!((loaded.dashboards.len(), loaded.troubles.len()), (1, 0));
}

#[test]
fn a_thousand_panels_take_well_under_a_second() {
    let panel = |id: usize| {
        let expr = match id % 4 {
            0 => "histogram_quantile(0.95, sum by (le, route) (rate(latency_seconds_bucket{route=~\"$route\"}[$__rate_interval])))".to_owned(),
            1 => "sum by (status) (rate(requests_total[5m])) / ignoring (status) group_left () sum(rate(requests_total[5m]))".to_owned(),
            2 => format!("rate(no_such_{id}_total[5m])"),
            _ => "sum by (stage) (rate(errors_total{stage!=\"llm\"}[5m]))".to_owned(),
        };
        json!({"id": id, "type": "timeseries", "title": format!("P{id}"), "targets": [{"refId": "A", "expr": expr, "legendFormat": "{{route}}"}]})
    };
    let mut dashboard = one_query("up");
    dashboard["panels"] = (0..1_000).map(panel).collect();
    let dashboards = together(&[dashboard]);
    let truth = truth();

    let began = Instant::now();
    let judged = judge(&dashboards, &truth, Options { all_happened: true });

    // A debug build on a busy machine; a release build takes a twentieth of it.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(judged.queries, 1_000);
    assert!(METRICS.len() > 1_000);
}
