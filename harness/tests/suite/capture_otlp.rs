//! OTLP to and from the capture's types.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use otelgate_harness::capture::otlp::{decode, encode, json};
use otelgate_harness::capture::{Family, Interner, LogRecord, LogVia};
use proptest::prelude::*;
use prost::Message;

use super::capture_arbitrary::{capture, family};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn protobuf_gives_back_what_was_put_in(given in capture()) {
        let strings = &mut Interner::default();
        let families: Vec<Family> = given.scrapes.iter().flat_map(|scrape| scrape.families.clone()).collect();
        let logs: Vec<LogRecord> =
            given.logs.iter().map(|record| LogRecord { via: LogVia::Otlp, ..record.clone() }).collect();

        let traces_sent = ExportTraceServiceRequest::decode(&*encode::traces(&given.spans).encode_to_vec()).unwrap();
        let metrics_sent = ExportMetricsServiceRequest::decode(&*encode::metrics(&families).encode_to_vec()).unwrap();
        let logs_sent = ExportLogsServiceRequest::decode(&*encode::logs(&logs).encode_to_vec()).unwrap();

        let read = decode::traces(&traces_sent, strings).unwrap();
        prop_assert_eq!(format!("{read:?}"), format!("{:?}", given.spans));
        let read = decode::logs(&logs_sent, strings).unwrap();
        prop_assert_eq!(format!("{read:?}"), format!("{logs:?}"));
        // Protobuf has no field for a default value, and prost takes -0.0 for one.
        let read = decode::metrics(&metrics_sent, strings).unwrap();
        prop_assert_eq!(format!("{read:?}").replace("-0.0", "0.0"), format!("{families:?}").replace("-0.0", "0.0"));
    }

    /// The other implementation of OTLP JSON at hand reads what we write; all but the doubles that JSON has no number
    /// for, which it does not read in attributes.
    #[test]
    fn opentelemetry_proto_reads_our_json(given in capture()) {
        let mut written = serde_json::to_string(&json::traces(&given.spans)).unwrap();
        for special in ["NaN", "Infinity", "-Infinity"] {
            written = written.replace(&format!("\"doubleValue\":\"{special}\""), "\"doubleValue\":0.0");
        }

        let read: ExportTraceServiceRequest = serde_json::from_str(&written).unwrap();

        let spans = decode::traces(&read, &mut Interner::default()).unwrap();
        let mut wanted = format!("{:?}", given.spans);
        for special in ["NaN", "inf", "-inf"] {
            wanted = wanted.replace(&format!("Double({special})"), "Double(0.0)");
        }
        prop_assert_eq!(format!("{spans:?}"), wanted);
    }

    #[test]
    fn json_reading_never_panics(text in any::<String>(), given in family(), cut in any::<prop::sample::Index>()) {
        let written = serde_json::to_string(&json::metrics(&[given])).unwrap();
        let end = (0..=cut.index(written.len())).rev().find(|end| written.is_char_boundary(*end)).unwrap();

        let of_noise = json::read(&text, &mut Interner::default());
        let of_cut = json::read(&written[..end], &mut Interner::default());

        let is_object = text.trim_start().starts_with('{');
        prop_assert!(of_noise.is_err() || is_object);
        prop_assert!(of_cut.is_err());
    }
}

#[test]
fn an_id_of_the_wrong_length_is_refused() {
    let mut request = encode::traces(&[otelgate_harness::capture::Span::default()]);
    request.resource_spans[0].scope_spans[0].spans[0].trace_id = vec![1; 8];

    let error = decode::traces(&request, &mut Interner::default()).unwrap_err();

    assert_eq!(error.to_string(), "traceId has 8 bytes instead of 16");
}

#[test]
fn a_deeply_nested_value_is_an_error_and_no_overflow() {
    let deep = format!("{}{}{}", r#"{"arrayValue":{"values":["#.repeat(10_000), "{}", "]}}".repeat(10_000));
    let text = format!(r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"k","value":{deep}}}]}}}}]}}"#);

    let error = json::read(&text, &mut Interner::default()).unwrap_err();

    assert!(error.to_string().contains("recursion limit"), "{error}");
}
