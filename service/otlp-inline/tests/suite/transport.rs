//! How requests reach a collector, and what is made of its answers.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue};
use opentelemetry::{
    logs::{Logger as _, LoggerProvider as _},
    trace::{Tracer as _, TracerProvider as _},
};
use opentelemetry_sdk::{Resource, error::OTelSdkError, logs::SdkLoggerProvider};
use otlp_inline::{BatchConfig, Compression, ExportCounts, LogExporter, Otlp, Protocol, TracerProvider};
use tonic::Code;

use crate::support::{
    receiver::{Answer, BOTH, Receiver, Reserved, otlp},
    sink::Sink,
    wait,
};

/// Nothing is exported before it is asked for.
fn provider(otlp: Otlp) -> TracerProvider {
    let batches = BatchConfig { scheduled_delay: Duration::from_hours(1), ..BatchConfig::default() };
    TracerProvider::builder(otlp).with_batch_config(batches).build().unwrap()
}

fn end_spans(provider: &TracerProvider, spans: usize) {
    let tracer = provider.tracer("transport");
    for number in 0..spans {
        drop(tracer.start(format!("span {number}")));
    }
}

fn refusal(status: u16, code: Code) -> Answer {
    Answer::Refuse { status, code, retry_after: None }
}

fn busy(retry_after: Option<Duration>) -> Answer {
    Answer::Refuse { status: 503, code: Code::Unavailable, retry_after }
}

#[test]
fn requests_have_their_path_their_headers_and_their_compression() {
    for protocol in BOTH {
        for compression in [None, Some(Compression::Gzip)] {
            let receiver = Receiver::start();
            let headers =
                HeaderMap::from_iter([(http::header::AUTHORIZATION, HeaderValue::from_static("Bearer secret"))]);
            let provider = provider(receiver.otlp(protocol).with_headers(headers).with_compression(compression));
            end_spans(&provider, 3);

            provider.force_flush().unwrap();

            let [request] = receiver.received().try_into().unwrap();
            let (path, content_type) = match protocol {
                Protocol::Grpc => ("/opentelemetry.proto.collector.trace.v1.TraceService/Export", "application/grpc"),
                Protocol::HttpProtobuf => ("/v1/traces", "application/x-protobuf"),
            };
            assert_eq!(request.path, path);
            assert_eq!(request.headers["content-type"], content_type);
            assert_eq!(request.headers["authorization"], "Bearer secret");
            assert_eq!(request.compressed, compression.is_some(), "{protocol:?}");
            assert_eq!(request.spans().len(), 3);
            assert_eq!(provider.counts(), ExportCounts { exported: 3, ..ExportCounts::default() });
        }
    }
}

#[test]
fn logs_have_their_own_path() {
    for (protocol, path) in
        BOTH.into_iter().zip(["/opentelemetry.proto.collector.logs.v1.LogsService/Export", "/v1/logs"])
    {
        let receiver = Receiver::start();
        let resource = Resource::builder_empty().build();
        let exporter = LogExporter::start(&receiver.otlp(protocol), &resource, BatchConfig::default(), None).unwrap();
        let logging = SdkLoggerProvider::builder().with_log_processor(exporter.clone()).build();
        let logger = logging.logger("transport");
        logger.emit(logger.create_log_record());

        logging.force_flush().unwrap();

        assert_eq!(receiver.received()[0].path, path);
        assert_eq!(exporter.counts(), ExportCounts { exported: 1, ..ExportCounts::default() });
    }
}

#[test]
fn the_path_of_the_endpoint_stays() {
    let receiver = Receiver::start();
    for (base, path) in [("/otlp", "/otlp/v1/traces"), ("/otlp/", "/otlp/v1/traces"), ("/", "/v1/traces")] {
        let provider = provider(Otlp::http(format!("{}{base}", receiver.url())));
        end_spans(&provider, 1);

        provider.force_flush().unwrap();

        assert_eq!(receiver.received().last().unwrap().path, path);
    }
}

#[test]
fn a_client_of_the_callers_carries_requests_with_headers_and_compressed() {
    let sink = Sink::default();
    let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, HeaderValue::from_static("Bearer secret"))]);
    let otlp = Otlp::http("http://collector.example/base")
        .with_http_client(Arc::new(sink.clone()))
        .with_headers(headers)
        .with_compression(Some(Compression::Gzip));
    let provider = provider(otlp);
    end_spans(&provider, 3);

    provider.force_flush().unwrap();

    let [request] = sink.take().try_into().unwrap();
    assert_eq!(request.uri(), "http://collector.example/base/v1/traces");
    assert_eq!(request.headers()["authorization"], "Bearer secret");
    assert_eq!(request.headers()["content-type"], "application/x-protobuf");
    assert_eq!(request.headers().get("content-encoding").map(HeaderValue::as_bytes), Some(b"gzip".as_slice()));
    assert_eq!(request.body()[..2], [0x1F, 0x8B]);
}

#[test]
fn a_busy_collector_gets_the_same_request_again() {
    for protocol in BOTH {
        let receiver = Receiver::start();
        receiver.answer([busy(None), busy(None)]);
        let provider = provider(receiver.otlp(protocol));
        end_spans(&provider, 3);

        provider.force_flush().unwrap();

        let requests = receiver.received();
        assert_eq!(requests.len(), 3);
        assert!(requests.iter().all(|request| request.message == requests[0].message));
        assert_eq!(provider.counts(), ExportCounts { exported: 3, ..ExportCounts::default() });
    }
}

#[test]
fn a_collector_that_says_when_is_not_asked_before() {
    let said = Duration::from_secs(1);
    for protocol in BOTH {
        let receiver = Receiver::start();
        receiver.answer([busy(Some(said))]);
        let provider = provider(receiver.otlp(protocol));
        end_spans(&provider, 1);

        // On a machine that is busy the flush may lose patience first; the export goes on.
        let _ = provider.force_flush();

        let requests = wait::until("the second attempt", || Some(receiver.received()).filter(|all| all.len() == 2));
        assert!(requests[1].at - requests[0].at >= said, "{protocol:?}");
        wait::until("the answer", || (provider.counts().exported == 1).then_some(()));
    }
}

#[test]
fn a_collector_that_says_a_time_beyond_the_timeout_is_not_waited_for() {
    for protocol in BOTH {
        let receiver = Receiver::start();
        receiver.answer([busy(Some(Duration::from_hours(1)))]);
        let provider = provider(receiver.otlp(protocol));
        end_spans(&provider, 2);

        let flushed = provider.force_flush();

        assert!(matches!(flushed, Err(OTelSdkError::InternalFailure(_))), "{flushed:?}");
        assert_eq!(receiver.received().len(), 1);
        assert_eq!(provider.counts(), ExportCounts { failed: 2, ..ExportCounts::default() });
    }
}

#[test]
fn what_a_collector_calls_wrong_is_not_sent_again() {
    for protocol in BOTH {
        let receiver = Receiver::start();
        receiver.answer([refusal(400, Code::InvalidArgument)]);
        let provider = provider(receiver.otlp(protocol));
        end_spans(&provider, 2);

        let flushed = provider.force_flush();

        assert!(matches!(flushed, Err(OTelSdkError::InternalFailure(_))), "{flushed:?}");
        assert_eq!(receiver.received().len(), 1);
        assert_eq!(provider.counts(), ExportCounts { failed: 2, ..ExportCounts::default() });
    }
}

#[test]
fn what_a_collector_takes_a_request_without_is_rejected() {
    for protocol in BOTH {
        // A number that cannot be is no reason to count what never was.
        for (said, rejected) in [(0, 0), (2, 2), (5, 5), (1_000, 5), (-1, 0)] {
            let receiver = Receiver::start();
            receiver.answer([Answer::TakeBut(said)]);
            let provider = provider(receiver.otlp(protocol));
            end_spans(&provider, 5);

            provider.force_flush().unwrap();

            let counts = ExportCounts { exported: 5 - rejected, rejected, ..ExportCounts::default() };
            assert_eq!(provider.counts(), counts, "{protocol:?}, {said}");
            assert_eq!(receiver.received().len(), 1);
        }
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let (receiver, elsewhere) = (Receiver::start(), Receiver::start());
    receiver.answer([Answer::Redirect(format!("{}/v1/traces", elsewhere.url()))]);
    let provider = provider(receiver.otlp(Protocol::HttpProtobuf));
    end_spans(&provider, 1);

    provider.force_flush().unwrap_err();

    assert_eq!(elsewhere.received().len(), 0);
    assert_eq!(provider.counts(), ExportCounts { failed: 1, ..ExportCounts::default() });
}

#[test]
fn a_collector_that_comes_later_gets_what_ends_later() {
    for protocol in BOTH {
        let reserved = Reserved::new();
        let provider = provider(otlp(protocol, reserved.url()).with_timeout(Duration::from_millis(50)));
        end_spans(&provider, 2);
        provider.force_flush().unwrap_err();

        let receiver = reserved.listen();
        // The timeout is short for a machine that is busy: more than one may be lost.
        let mut ended = 2;
        wait::until("an export", || {
            end_spans(&provider, 1);
            ended += 1;
            provider.force_flush().ok()
        });

        let counts = provider.counts();
        assert!(counts.exported >= 1, "{counts:?}");
        assert_eq!(counts.exported + counts.failed, ended);
        assert!(!receiver.spans().is_empty());
    }
}

#[test]
fn a_collector_that_comes_in_time_gets_everything() {
    for protocol in BOTH {
        let reserved = Reserved::new();
        let provider = provider(otlp(protocol, reserved.url()).with_timeout(wait::PATIENCE));
        end_spans(&provider, 2);
        std::thread::scope(|threads| {
            // It may lose patience; the export goes on.
            threads.spawn(|| provider.force_flush());
            let receiver = reserved.listen();

            wait::until("the export", || (provider.counts().exported == 2).then_some(()));
            assert_eq!(receiver.spans().len(), 2);
        });
    }
}

#[test]
fn a_collector_that_restarts_gets_everything_once() {
    for protocol in BOTH {
        let mut receiver = Receiver::start();
        let provider = provider(receiver.otlp(protocol).with_timeout(wait::PATIENCE));
        for _ in 0..3 {
            end_spans(&provider, 2);
            let _ = provider.force_flush();
            receiver.restart();
        }
        wait::until("the exports", || (provider.counts().exported == 6).then_some(()));
        assert_eq!(receiver.spans().len(), 6);
    }
}

#[test]
fn an_endpoint_that_is_none_is_an_error_that_does_not_repeat_it() {
    let endpoints = [
        "",
        "collector",
        "collector:4317",
        "/v1/traces",
        "ftp://user:password@collector",
        "http://",
        "http:///path",
        "https://:4317",
        "http://user:password@",
        "http://user:password@col lector",
        "http://user:password@collector:port",
        "http://user:password@collector:99999",
        "http://user:password@[::1",
        "unix:///tmp/password",
    ];
    for endpoint in endpoints {
        for protocol in BOTH {
            let error = TracerProvider::builder(otlp(protocol, endpoint.to_owned())).build().err();
            let error = error.unwrap_or_else(|| panic!("{endpoint:?} is taken for an endpoint of {protocol:?}"));
            let said = format!("{error} {error:?}");
            assert!(!said.contains("password") && !said.contains("collector"), "{said}");
            let logs = LogExporter::start(
                &otlp(protocol, endpoint.to_owned()),
                &Resource::builder_empty().build(),
                BatchConfig::default(),
                None,
            );
            assert!(logs.is_err(), "{endpoint:?}");
        }
    }
}

#[test]
fn settings_are_printed_without_endpoint_and_headers() {
    let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, HeaderValue::from_static("Bearer secret"))]);
    let otlp = Otlp::http("http://user:password@collector").with_headers(headers);
    let printed = format!("{otlp:?} {:?} {:?}", TracerProvider::builder(otlp.clone()), provider(otlp.clone()));

    for secret in ["password", "collector", "secret"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
