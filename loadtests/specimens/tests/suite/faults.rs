//! The faults do what they say, and nothing else.

use std::time::Duration;

use otelgate_harness::capture::StatusCode;

use crate::support::{PATIENCE, Specimen};

#[tokio::test]
async fn every_third_span_is_lost_without_a_word() {
    for way in ["direct", "tracing-trimmed", "fastrace"] {
        let specimen = Specimen::start(way, &[("DROP_EVERY", "3")]).await;

        for number in 1..=3 {
            assert_eq!(specimen.ask(number).await.status, 200, "{way}");
        }

        assert_eq!(specimen.stop().await.len(), 18, "{way}");
    }
}

#[tokio::test]
async fn salted_answers_differ_from_others() {
    let (salted, plain) =
        tokio::join!(Specimen::start("none", &[("ANSWER_SALT", " and so on")]), Specimen::start("none", &[]));

    let (salted, plain) = tokio::join!(salted.ask(1), plain.ask(1));

    assert_ne!(salted.body, plain.body);
    assert_eq!(salted.body.replace(" and so on", ""), plain.body);
}

#[tokio::test]
async fn the_process_ends_at_the_request_after_so_many() {
    let mut specimen = Specimen::start("direct", &[("DIE_AFTER", "2")]).await;

    assert_eq!(specimen.ask(1).await.status, 200);
    assert_eq!(specimen.ask(2).await.status, 200);
    let third = specimen.question(3).send().await;

    assert!(third.is_err(), "{third:?}");
    let ended = tokio::time::timeout(PATIENCE, specimen.service.ended()).await.unwrap().to_string();
    assert!(ended.contains("exit status: 70"), "{ended}");
}

#[tokio::test]
async fn requests_after_so_many_are_refused_and_their_spans_say_so() {
    for way in ["direct", "tracing-trimmed", "fastrace"] {
        let specimen = Specimen::start(way, &[("REFUSE_AFTER", "1")]).await;

        let statuses = [specimen.ask(1).await.status, specimen.ask(2).await.status, specimen.ask(3).await.status];

        let spans = specimen.stop().await;
        let failed: Vec<_> = spans.iter().filter(|span| span.status.code == StatusCode::Error).collect();
        assert_eq!(statuses, [200, 500, 500], "{way}");
        assert_eq!((spans.len(), failed.len()), (11, 2), "{way}");
        assert!(failed.iter().all(|span| span.attributes.str("error.type") == Some("500")), "{way}: {failed:?}");
    }
}

#[tokio::test]
async fn a_spin_in_the_request_costs_its_cpu_time() {
    let specimen = Specimen::start("none", &[("SPIN_REQUEST_MICROS", "50000")]).await;
    let before = specimen.cpu();

    for number in 1..=4 {
        specimen.ask(number).await;
    }

    let used = specimen.cpu().saturating_sub(before);
    assert!(used >= Duration::from_millis(200), "{used:?}");
}

#[tokio::test]
async fn a_spin_in_the_exporter_costs_its_cpu_time() {
    let settings = [("SPIN_EXPORT_MICROS", "200000"), ("OTEL_BSP_SCHEDULE_DELAY", "10")];
    let specimen = Specimen::start("direct", &settings).await;
    let mut counts = specimen.collector.changed();
    let before = specimen.cpu();

    specimen.ask(1).await;
    let arrived = tokio::time::timeout(PATIENCE, counts.wait_for(|counts| counts.spans >= 9)).await;

    assert!(arrived.is_ok(), "{:?}", specimen.collector.counts());
    let used = specimen.cpu().saturating_sub(before);
    assert!(used >= Duration::from_millis(200), "{used:?}");
}
