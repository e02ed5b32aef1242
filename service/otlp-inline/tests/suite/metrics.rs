//! Exports and losses as metrics, under their conventional names
//! (<https://opentelemetry.io/docs/specs/semconv/otel/sdk-metrics/>).

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use opentelemetry::{
    logs::{Logger as _, LoggerProvider as _},
    metrics::{Meter, MeterProvider as _},
    trace::{Tracer as _, TracerProvider as _},
};
use opentelemetry_sdk::{
    Resource,
    logs::SdkLoggerProvider,
    metrics::{
        InMemoryMetricExporter, PeriodicReader, SdkMeterProvider,
        data::{AggregatedMetrics, Metric, MetricData, ScopeMetrics, SumDataPoint},
    },
};
use otlp_inline::{BatchConfig, LogExporter, Otlp, Protocol, TracerProvider};
use tonic::Code;

use crate::support::{
    receiver::{Answer, BOTH, Receiver},
    sink::Sink,
    wait,
};

/// A meter, and what it measured.
struct Meters {
    provider: SdkMeterProvider,
    exporter: InMemoryMetricExporter,
}

impl Meters {
    fn new() -> Self {
        let exporter = InMemoryMetricExporter::default();
        let reader = PeriodicReader::builder(exporter.clone()).with_interval(Duration::from_hours(1)).build();
        Self { provider: SdkMeterProvider::builder().with_reader(reader).build(), exporter }
    }

    fn meter(&self) -> Meter {
        self.provider.meter("otlp-inline")
    }

    /// Looks at every metric, at what they are now.
    fn read(&self, mut look: impl FnMut(&Metric)) {
        self.exporter.reset();
        self.provider.force_flush().unwrap();
        for resource in self.exporter.get_finished_metrics().unwrap() {
            resource.scope_metrics().flat_map(ScopeMetrics::metrics).for_each(&mut look);
        }
    }

    /// The value of each series, by its metric, `error.type` and component.
    fn series(&self) -> BTreeMap<String, u64> {
        let mut series = BTreeMap::new();
        self.read(|metric| {
            series.extend(
                points(metric).into_iter().map(|(labels, value)| (format!("{} {labels}", metric.name()), value)),
            );
        });
        series
    }
}

fn points(metric: &Metric) -> Vec<(String, u64)> {
    match metric.data() {
        AggregatedMetrics::U64(MetricData::Sum(sum)) => {
            sum.data_points().map(|point| (labels(point.attributes()), point.value())).collect()
        }
        // A number that may go down, in theory.
        AggregatedMetrics::I64(MetricData::Sum(sum)) => {
            sum.data_points().map(|point| (labels(point.attributes()), point.value().try_into().unwrap())).collect()
        }
        _ => panic!("{metric:?} is no sum"),
    }
}

fn labels<'a>(attributes: impl Iterator<Item = &'a opentelemetry::KeyValue>) -> String {
    let attributes: Vec<_> = attributes.collect();
    let label = |key: &str| {
        let found = attributes.iter().find(|pair| pair.key.as_str() == key);
        found.map_or_else(|| "-".to_owned(), |pair| pair.value.as_str().into_owned())
    };
    let (kind, name) = (label("otel.component.type"), label("otel.component.name"));
    // The instance's number is one of the process.
    assert!(name.strip_prefix(&format!("{kind}/")).is_some_and(|number| number.parse::<u64>().is_ok()), "{name}");
    format!("{} {kind}", label("error.type"))
}

fn expected<const N: usize>(series: [(&str, u64); N]) -> BTreeMap<String, u64> {
    series.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Nothing is exported before it is asked for.
fn batches() -> BatchConfig {
    BatchConfig { scheduled_delay: Duration::from_hours(1), ..BatchConfig::default() }
}

fn end_spans(provider: &TracerProvider, spans: usize) {
    let tracer = provider.tracer("metrics");
    (0..spans).for_each(|_| drop(tracer.start("span")));
}

#[test]
fn every_span_is_in_the_conventional_metrics() {
    for (protocol, exporter) in BOTH.into_iter().zip(["otlp_grpc_span_exporter", "otlp_http_span_exporter"]) {
        let (receiver, meters) = (Receiver::start(), Meters::new());
        let provider = TracerProvider::builder(receiver.otlp(protocol))
            .with_batch_config(batches())
            .with_meter(meters.meter())
            .build()
            .unwrap();
        let exported = |error_type: &str| format!("otel.sdk.exporter.span.exported {error_type} {exporter}");

        // A loss whose series begins with it is no increase.
        assert_eq!(
            meters.series(),
            expected([
                ("otel.sdk.processor.span.processed - batching_span_processor", 0),
                ("otel.sdk.processor.span.processed queue_full batching_span_processor", 0),
                ("otel.sdk.processor.span.processed already_shutdown batching_span_processor", 0),
                (&exported("timeout"), 0),
                (&exported("export_failed"), 0),
                (&exported("rejected"), 0),
            ])
        );

        end_spans(&provider, 5);
        receiver.answer([Answer::TakeBut(2)]);
        provider.force_flush().unwrap();
        end_spans(&provider, 4);
        receiver.answer([Answer::Refuse { status: 400, code: Code::InvalidArgument, retry_after: None }]);
        provider.force_flush().unwrap_err();
        let open = provider.tracer("metrics").start("open");
        provider.shutdown_with_timeout(wait::PATIENCE).unwrap();
        drop(open);

        assert_eq!(
            meters.series(),
            expected([
                ("otel.sdk.processor.span.processed - batching_span_processor", 9),
                ("otel.sdk.processor.span.processed queue_full batching_span_processor", 0),
                ("otel.sdk.processor.span.processed already_shutdown batching_span_processor", 1),
                (&exported("-"), 3),
                (&exported("timeout"), 0),
                (&exported("rejected"), 2),
                (&exported("export_failed"), 4),
            ])
        );
    }
}

#[test]
fn a_span_that_is_open_when_its_provider_is_dropped_is_counted_as_lost() {
    let (receiver, meters) = (Receiver::start(), Meters::new());
    let provider = TracerProvider::builder(receiver.otlp(Protocol::Grpc)).with_meter(meters.meter()).build().unwrap();
    end_spans(&provider, 2);
    let open = provider.tracer("metrics").start("open");

    drop(provider);
    drop(open);

    let series = meters.series();
    assert_eq!(series["otel.sdk.processor.span.processed already_shutdown batching_span_processor"], 1, "{series:?}");
    assert_eq!(receiver.spans().len(), 2);
}

#[test]
fn spans_that_find_no_room_and_exports_out_of_time_are_in_the_metrics() {
    let (receiver, meters) = (Receiver::start(), Meters::new());
    receiver.close();
    let batches = BatchConfig { max_queue_size: 8, max_export_batch_size: 4, ..batches() };
    let provider = TracerProvider::builder(receiver.otlp(Protocol::Grpc).with_timeout(Duration::from_hours(1)))
        .with_batch_config(batches)
        .with_meter(meters.meter())
        .build()
        .unwrap();

    end_spans(&provider, 100);
    provider.shutdown_with_timeout(Duration::from_millis(50)).unwrap();

    let (counts, series) = (provider.counts(), meters.series());
    assert!(counts.queue_full > 0 && counts.failed > 0, "{counts:?}");
    assert_eq!(series["otel.sdk.processor.span.processed queue_full batching_span_processor"], counts.queue_full);
    assert_eq!(series["otel.sdk.processor.span.processed - batching_span_processor"], counts.failed);
    assert_eq!(series["otel.sdk.exporter.span.exported timeout otlp_grpc_span_exporter"], counts.failed);
}

#[test]
fn every_log_record_is_in_the_conventional_metrics() {
    let (receiver, meters) = (Receiver::start(), Meters::new());
    let (otlp, resource) = (receiver.otlp(Protocol::HttpProtobuf), Resource::builder_empty().build());
    let exporter = LogExporter::start(&otlp, &resource, batches(), Some(&meters.meter())).unwrap();
    let logging = SdkLoggerProvider::builder().with_log_processor(exporter).build();
    let logger = logging.logger("metrics");

    (0..3).for_each(|_| logger.emit(logger.create_log_record()));
    logging.shutdown().unwrap();
    logger.emit(logger.create_log_record());

    assert_eq!(
        meters.series(),
        expected([
            ("otel.sdk.processor.log.processed - batching_log_processor", 3),
            ("otel.sdk.processor.log.processed queue_full batching_log_processor", 0),
            ("otel.sdk.processor.log.processed already_shutdown batching_log_processor", 1),
            ("otel.sdk.exporter.log.exported - otlp_http_log_exporter", 3),
            ("otel.sdk.exporter.log.exported timeout otlp_http_log_exporter", 0),
            ("otel.sdk.exporter.log.exported export_failed otlp_http_log_exporter", 0),
            ("otel.sdk.exporter.log.exported rejected otlp_http_log_exporter", 0),
            ("otel.sdk.processor.log.queue.capacity - batching_log_processor", 2_048),
        ])
    );
}

#[test]
fn metrics_have_the_units_of_the_conventions() {
    let (receiver, meters) = (Receiver::start(), Meters::new());
    let resource = Resource::builder_empty().build();
    let otlp = receiver.otlp(Protocol::Grpc);
    let provider = TracerProvider::builder(otlp.clone()).with_meter(meters.meter()).build().unwrap();
    let logs = LogExporter::start(&otlp, &resource, batches(), Some(&meters.meter())).unwrap();
    end_spans(&provider, 1);
    provider.force_flush().unwrap();

    meters.read(|metric| {
        let unit = if metric.name().contains(".span.") { "{span}" } else { "{log_record}" };
        assert_eq!(metric.unit(), unit, "{}", metric.name());
        match metric.data() {
            AggregatedMetrics::U64(MetricData::Sum(sum)) => assert!(sum.is_monotonic()),
            AggregatedMetrics::I64(MetricData::Sum(sum)) => {
                assert_eq!(metric.name(), "otel.sdk.processor.log.queue.capacity");
                assert!(!sum.is_monotonic());
            }
            _ => panic!("{metric:?} is no sum"),
        }
    });
    drop(logs);
}

#[test]
fn what_a_layer_writes_is_counted_as_what_a_logger_emits() {
    use tracing_subscriber::layer::SubscriberExt as _;

    let (meters, sink) = (Meters::new(), Sink::default());
    let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(sink));
    let resource = Resource::builder_empty().build();
    let exporter = LogExporter::start(&otlp, &resource, BatchConfig::default(), Some(&meters.meter())).unwrap();

    tracing::subscriber::with_default(tracing_subscriber::Registry::default().with(exporter.layer()), || {
        tracing::info!(target: "app", "one");
        tracing::info!(target: "app", "two");
    });

    let mut created = 0;
    meters.read(|metric| {
        if let ("otel.sdk.log.created", AggregatedMetrics::U64(MetricData::Sum(sum))) = (metric.name(), metric.data()) {
            created += sum.data_points().map(SumDataPoint::value).sum::<u64>();
        }
    });
    assert_eq!(created, 2);
}
