//! A specimen ends in bounded time, whatever the collector does.

use otelgate_harness::standins::Fault;

use crate::support::Specimen;

#[tokio::test]
async fn nothing_waits_for_a_collector_that_is_away() {
    for way in ["direct", "tracing-trimmed", "fastrace"] {
        // Port 9 is `discard`, which nobody serves any more.
        let specimen = Specimen::start(way, &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")]).await;

        assert_eq!(specimen.ask(1).await.status, 200, "{way}");

        assert!(specimen.stop().await.is_empty(), "{way}");
    }
}

#[tokio::test]
async fn a_collector_that_does_not_answer_holds_nobody_for_ten_seconds() {
    let stopped = async |way: &str| {
        let specimen = Specimen::start(way, &[]).await;
        specimen.collector.faults().add(Fault { delay_ms: Some(60_000), ..Fault::default() });
        specimen.ask(1).await;
        // Fails if it has to be killed, after ten seconds.
        specimen.service.stop().await
    };

    let (direct, over_tracing, fastrace) =
        tokio::join!(stopped("direct"), stopped("tracing-trimmed"), stopped("fastrace"));

    for (way, stopped) in [("direct", direct), ("tracing", over_tracing), ("fastrace", fastrace)] {
        assert!(stopped.is_ok(), "{way}: {stopped:?}");
    }
}
