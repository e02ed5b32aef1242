//! The metric store's target, and its clock.

use otelgate_harness::capture::arrived::{Health, StoredTarget};

use super::{alone, metrics, planted, target, told};

/// What a scrape job with the wrong port gives: a target that nobody answers, and so nobody knows.
fn wrong_port(at: &str) -> StoredTarget {
    StoredTarget {
        labels: [("job", "rag-service"), ("instance", at)]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        url: format!("http://{at}/metrics"),
        health: Health::Down,
        last_error: format!("Get \"http://{at}/metrics\": dial tcp {at}: connect: connection refused"),
        ..StoredTarget::default()
    }
}

#[test]
fn a_scrape_job_with_the_wrong_port_is_told_with_the_address_it_tried() {
    let findings = planted(|capture| {
        let metrics = metrics(capture);
        metrics.targets = vec![wrong_port("service:9999")];
        metrics.target = None;
        metrics.series.clear();
    });

    let finding = alone(&findings, "arrival.target-down", "rag-service");
    assert!(finding.found.starts_with("asked http://service:9999/metrics: "), "{}", finding.found);
    assert!(finding.found.ends_with("connection refused"), "{}", finding.found);
    assert!(finding.wanted.contains("127.0.0.1:44769"), "{}", finding.wanted);
}

#[test]
fn a_target_that_went_down_at_the_end_is_told() {
    let findings = planted(|capture| {
        let target = target(capture);
        target.health = Health::Down;
        target.last_error = "context deadline exceeded".to_owned();
    });

    assert_eq!(told(&findings)[0], ("arrival.target-down", "rag-service"));
    assert!(findings[0].found.contains("context deadline exceeded"), "{}", findings[0].found);
}

#[test]
fn a_store_that_does_not_know_the_service_is_told_with_the_targets_it_has() {
    let findings = planted(|capture| {
        let metrics = metrics(capture);
        metrics.targets[0].url = "http://elsewhere:80/metrics".to_owned();
        metrics.target = None;
        metrics.series.clear();
    });

    let finding = alone(&findings, "arrival.no-target", "scrape target");
    assert_eq!(finding.found, "http://elsewhere:80/metrics (rag-service)");
}

#[test]
fn a_store_without_targets_is_told() {
    let findings = planted(|capture| {
        let metrics = metrics(capture);
        metrics.targets.clear();
        metrics.target = None;
        metrics.series.clear();
    });

    assert_eq!(alone(&findings, "arrival.no-target", "scrape target").found, "no target at all");
}

#[test]
fn a_clock_minutes_off_is_told_and_the_samples_are_still_compared() {
    const AHEAD: u64 = 300_000_000_000;
    let ahead = planted(|capture| {
        let metrics = metrics(capture);
        metrics.clock_ahead += AHEAD.cast_signed();
        metrics.series.iter_mut().flat_map(|series| &mut series.samples).for_each(|sample| sample.time += AHEAD);
    });
    let behind = planted(|capture| {
        let metrics = metrics(capture);
        metrics.clock_ahead -= AHEAD.cast_signed();
        metrics.series.iter_mut().flat_map(|series| &mut series.samples).for_each(|sample| sample.time -= AHEAD);
    });

    assert!(alone(&ahead, "arrival.clock", "metric store").found.ends_with(" s ahead of ours"));
    assert!(alone(&behind, "arrival.clock", "metric store").found.ends_with(" s behind ours"));
}

#[test]
fn a_clock_is_told_to_the_nearest_second() {
    let findings = planted(|capture| {
        let metrics = metrics(capture);
        let by = 299_999_000_000 - metrics.clock_ahead;
        metrics.clock_ahead += by;
        let samples = metrics.series.iter_mut().flat_map(|series| &mut series.samples);
        samples.for_each(|sample| sample.time = sample.time.saturating_add_signed(by));
    });

    assert_eq!(alone(&findings, "arrival.clock", "metric store").found, "300 s ahead of ours");
}

#[test]
fn a_clock_seconds_off_is_left_alone() {
    let findings = planted(|capture| metrics(capture).clock_ahead = 0);

    assert_eq!(told(&findings), []);
}
