//! Exemplars beside a panel.

use serde_json::json;

use super::stage::{Stage, answer};

#[tokio::test]
async fn exemplars_are_one_more_frame_with_a_column_for_each_label() {
    let stage = Stage::new().await;
    answer(&stage.prometheus, "/api/v1/query_range", 200, "range.json").await;
    answer(&stage.prometheus, "/api/v1/query_exemplars", 200, "exemplars.json").await;

    let (status, result) = stage.query("prometheus", json!({"expr": "x", "range": true, "exemplar": true})).await;

    let frames = result["frames"].as_array().unwrap();
    let exemplars = frames.last().unwrap();
    let names: Vec<_> = exemplars["schema"]["fields"].as_array().unwrap().iter().map(|field| &field["name"]).collect();
    let expected = ["Time", "Value", "__name__", "cache_hit", "instance", "job", "le", "span_id", "trace_id"];
    assert_eq!(status, 200);
    assert_eq!(frames.len(), 3);
    assert_eq!(exemplars["schema"]["name"], "exemplar");
    assert_eq!(exemplars["schema"]["meta"]["custom"]["resultType"], "exemplar");
    assert_eq!(names, expected);
    // The slow one of each second is kept: the quick one is not two standard deviations away.
    let traces = exemplars["data"]["values"][8].as_array().unwrap();
    assert!(!traces.is_empty() && traces.iter().all(|trace| trace == "4bf92f3577b34da6a3ce929d0e0e4736"), "{traces:?}");
}

#[tokio::test]
async fn a_panel_is_still_a_panel_if_its_exemplars_cannot_be_had() {
    let stage = Stage::new().await;
    answer(&stage.prometheus, "/api/v1/query_range", 200, "range.json").await;
    answer(&stage.prometheus, "/api/v1/query_exemplars", 400, "bad_query.json").await;

    let (status, result) = stage.query("prometheus", json!({"expr": "x", "range": true, "exemplar": true})).await;

    assert_eq!(status, 200);
    assert_eq!(result["frames"].as_array().unwrap().len(), 2);
}
