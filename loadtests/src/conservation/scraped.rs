//! What a service's metrics say of its requests and of its telemetry.

use std::collections::BTreeMap;

use otelgate_harness::capture::{Family, Point, PointValue, Scrape};

use super::Sdk;

/// The processor's count of spans, as Prometheus names it.
const PROCESSED: &str = "otel_sdk_processor_span_processed_total";

/// The exporter's count of spans.
const EXPORTED: &str = "otel_sdk_exporter_span_exported_total";

/// How many measurements a histogram holds, over all series but those with all labels of `except`; `None` if there is
/// no such histogram. One that has not measured yet need not be there.
#[must_use]
pub fn histogram_count(scrape: &Scrape, name: &str, except: &BTreeMap<String, String>) -> Option<u64> {
    let excepted = |point: &Point| {
        !except.is_empty() && except.iter().all(|(label, value)| point.labels.str(label) == Some(value.as_str()))
    };
    let points = family(scrape, name)?.points.iter().filter(|point| !excepted(point));
    let counts = points.filter_map(|point| match &point.value {
        PointValue::Histogram(histogram) => Some(histogram.count),
        PointValue::Summary { count, .. } => Some(*count),
        PointValue::Number(_) => None,
    });
    Some(counts.sum())
}

/// What the service's SDK says of its spans; `None` if it says nothing.
#[must_use]
pub fn sdk(scrape: &Scrape) -> Option<Sdk> {
    let processed = family(scrape, PROCESSED);
    let exported = family(scrape, EXPORTED);
    processed.or(exported)?;
    let (handed, queue_full) = processed.map_or((0, 0), by_success);
    let exports = exported.map(by_success);
    Some(Sdk {
        handed,
        queue_full,
        exported: exports.map(|(exported, _)| exported),
        failed: exports.map_or(0, |(_, failed)| failed),
    })
}

fn family<'s>(scrape: &'s Scrape, name: &str) -> Option<&'s Family> {
    scrape.families.iter().find(|family| &*family.name == name)
}

/// The sums of points without and with an `error_type`.
fn by_success(family: &Family) -> (u64, u64) {
    let (mut well, mut failed) = (0, 0);
    for point in &family.points {
        let PointValue::Number(number) = point.value else { continue };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a counter of whole things")]
        let number = number as u64;
        match point.labels.str("error_type") {
            None | Some("") => well += number,
            Some(_) => failed += number,
        }
    }
    (well, failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrape(text: &str) -> Scrape {
        Scrape::of_exposition(0, "test", text.to_owned()).unwrap()
    }

    const HISTOGRAM: &str = "# TYPE http_server_request_duration_seconds histogram\n\
        http_server_request_duration_seconds_bucket{http_route=\"/api\",le=\"+Inf\"} 7\n\
        http_server_request_duration_seconds_sum{http_route=\"/api\"} 1\n\
        http_server_request_duration_seconds_count{http_route=\"/api\"} 7\n\
        http_server_request_duration_seconds_bucket{http_route=\"/metrics\",le=\"+Inf\"} 2\n\
        http_server_request_duration_seconds_sum{http_route=\"/metrics\"} 1\n\
        http_server_request_duration_seconds_count{http_route=\"/metrics\"} 2\n";

    #[test]
    fn a_histogram_is_counted_over_its_series_but_those_excepted() {
        let scrape = scrape(HISTOGRAM);
        let metrics = [("http_route".to_owned(), "/metrics".to_owned())].into();

        assert_eq!(histogram_count(&scrape, "http_server_request_duration_seconds", &BTreeMap::new()), Some(9));
        assert_eq!(histogram_count(&scrape, "http_server_request_duration_seconds", &metrics), Some(7));
        assert_eq!(histogram_count(&scrape, "requests_seconds", &BTreeMap::new()), None);
    }

    #[test]
    fn the_sdk_is_read_with_and_without_errors() {
        let scrape = scrape(
            "# TYPE otel_sdk_processor_span_processed_total counter\n\
             otel_sdk_processor_span_processed_total{otel_component_name=\"b/0\"} 90\n\
             otel_sdk_processor_span_processed_total{otel_component_name=\"b/0\",error_type=\"queue_full\"} 10\n\
             # TYPE otel_sdk_exporter_span_exported_total counter\n\
             otel_sdk_exporter_span_exported_total{otel_component_name=\"e/0\"} 60\n\
             otel_sdk_exporter_span_exported_total{otel_component_name=\"e/0\",error_type=\"timeout\"} 30\n",
        );

        let sdk = sdk(&scrape).unwrap();

        assert_eq!(sdk, Sdk { handed: 90, queue_full: 10, exported: Some(60), failed: 30 });
        assert_eq!((sdk.made(), sdk.declared()), (100, 40));
    }

    #[test]
    fn a_service_without_such_metrics_says_nothing() {
        assert_eq!(sdk(&scrape("# TYPE up gauge\nup 1\n")), None);
    }
}
