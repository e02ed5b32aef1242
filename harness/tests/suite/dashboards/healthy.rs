//! Dashboards in the shapes that real ones have, held against the metrics they are of: not a word.

use otelgate_harness::capture::{Scrape, load as load_capture};
use otelgate_harness::dashboards::{Options, Source, Truth, judge, load};
use otelgate_harness::finding::{Finding, Level};

use super::{fixtures, load_one};

fn scrape(name: &str) -> Truth {
    let text = std::fs::read_to_string(fixtures().join(name)).unwrap();
    Truth::of_scrape(&Scrape::of_exposition(0, name, text).unwrap())
}

#[track_caller]
fn assert_nothing_wrong(findings: &[Finding]) {
    let wrong: Vec<&Finding> = findings.iter().filter(|finding| finding.level != Level::Information).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_dashboard_of_hosts_is_right_by_a_scrape_of_a_host() {
    let dashboards = load_one(fixtures().join("node"));

    let judged = judge(&dashboards, &scrape("node/metrics.prom"), Options::default());

    assert_nothing_wrong(&judged.findings);
    assert!(judged.queries > 20, "only {} queries were judged", judged.queries);
    let unjudged: Vec<&str> = judged.findings.iter().map(|finding| finding.found.as_str()).collect();
    assert_eq!(unjudged.len(), 1);
    for part in ["`Network` asks a data source of kind loki", "`Shared` is a library panel"] {
        assert!(unjudged[0].contains(part), "{unjudged:?}");
    }
}

#[test]
fn a_dashboard_of_an_old_schema_is_right_by_a_scrape_of_its_service() {
    let dashboards = load_one(fixtures().join("spring"));

    let judged = judge(&dashboards, &scrape("spring/metrics.prom"), Options::default());

    assert_nothing_wrong(&judged.findings);
    assert!(judged.queries > 15, "only {} queries were judged", judged.queries);
    // No request has failed yet: worth knowing, and no more.
    let told: Vec<&str> = judged.findings.iter().map(|finding| finding.id).collect();
    assert_eq!(told, ["panel.label-value"]);
    assert!(judged.findings[0].message.contains("it has 200, 201"), "{}", judged.findings[0].message);
}

#[test]
fn dashboards_rules_and_provisioning_of_the_reference_service_are_right_by_a_healthy_run() {
    let rag = fixtures().join("rag");
    let source = Source {
        path: rag.join("dashboards"),
        provisioning: Some(rag.join("provisioning")),
        rules: vec![rag.join("rules.yml")],
        may_be_empty: Vec::new(),
    };
    let capture = load_capture(&fixtures().join("../captures/healthy")).unwrap();

    let judged = judge(&load(&[source]).unwrap(), &Truth::of_capture(&capture), Options { all_happened: true });

    assert_nothing_wrong(&judged.findings);
    assert!(judged.queries > 14, "only {} queries were judged", judged.queries);
}
