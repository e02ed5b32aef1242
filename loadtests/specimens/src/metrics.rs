//! Metrics: the same eleven records a request, whichever way spans are made.

use std::time::Instant;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, MeterProvider as _, UpDownCounter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Encoder as _, Registry, TextEncoder};

use crate::instrument::SCOPE;
use crate::pipeline::Stage;

/// The advice of the HTTP conventions, in seconds.
const REQUEST_BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// In seconds; stages take microseconds.
const STAGE_BUCKETS: [f64; 8] = [0.000_01, 0.000_025, 0.000_1, 0.000_25, 0.001, 0.01, 0.1, 1.0];

/// The instruments, or nothing where the service is not instrumented.
#[derive(Clone, Default)]
pub(crate) struct Metrics(Option<Instruments>);

#[derive(Clone)]
struct Instruments {
    registry: Registry,
    /// Recording ends with the last clone of it.
    _meters: SdkMeterProvider,
    active_requests: UpDownCounter<i64>,
    request_duration: Histogram<f64>,
    stage_duration: Histogram<f64>,
    questions: Counter<u64>,
    // Label sets that never change, made once.
    request: [KeyValue; 2],
    stages: [[KeyValue; 1]; Stage::ALL.len()],
}

impl Metrics {
    /// Makes the instruments, exported in Prometheus' text format by [`Self::exposition`].
    pub(crate) fn start() -> Result<Self, Box<dyn std::error::Error>> {
        let registry = Registry::new();
        let reader =
            opentelemetry_prometheus::exporter().with_registry(registry.clone()).scope_info_enabled(false).build()?;
        let meters = SdkMeterProvider::builder().with_resource(Resource::builder().build()).with_reader(reader).build();
        let meter = meters.meter(SCOPE);
        let seconds = |name: &'static str, buckets: &[f64]| {
            meter.f64_histogram(name).with_unit("s").with_boundaries(buckets.to_vec()).build()
        };
        Ok(Self(Some(Instruments {
            registry,
            _meters: meters,
            active_requests: meter.i64_up_down_counter("http.server.active_requests").with_unit("{request}").build(),
            request_duration: seconds("http.server.request.duration", &REQUEST_BUCKETS),
            stage_duration: seconds("rag.stage.duration", &STAGE_BUCKETS),
            questions: meter.u64_counter("rag.questions").with_unit("{question}").build(),
            request: [KeyValue::new("http.request.method", "POST"), KeyValue::new("url.scheme", "http")],
            stages: Stage::ALL.map(|stage| [KeyValue::new("stage", stage.name())]),
        })))
    }

    /// A request has begun. What is returned ends it.
    pub(crate) fn begin_request(&self) -> ActiveRequest<'_> {
        if let Some(instruments) = &self.0 {
            instruments.active_requests.add(1, &instruments.request);
        }
        ActiveRequest { instruments: self.0.as_ref(), began: Instant::now() }
    }

    /// A stopwatch for the stages of one question.
    pub(crate) fn laps(&self) -> Laps<'_> {
        Laps(self.0.as_ref().map(|instruments| (instruments, Instant::now())))
    }

    /// A question was answered.
    pub(crate) fn answered(&self) {
        if let Some(instruments) = &self.0 {
            instruments.questions.add(1, &[KeyValue::new("outcome", "answered")]);
        }
    }

    /// Everything recorded, in Prometheus' text format; nothing where there are no metrics.
    pub(crate) fn exposition(&self) -> Result<String, prometheus::Error> {
        let mut text = Vec::new();
        if let Some(instruments) = &self.0 {
            TextEncoder::new().encode(&instruments.registry.gather(), &mut text)?;
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

/// A request that is being served. It counts as active until this is dropped, also when its client leaves.
pub(crate) struct ActiveRequest<'m> {
    instruments: Option<&'m Instruments>,
    began: Instant,
}

impl ActiveRequest<'_> {
    /// The request was answered with this status.
    pub(crate) fn answered(self, route: &str, status: u16) {
        if let Some(instruments) = self.instruments {
            let [method, scheme] = instruments.request.clone();
            let mut labels = vec![
                method,
                scheme,
                KeyValue::new("http.route", route.to_owned()),
                KeyValue::new("http.response.status_code", i64::from(status)),
            ];
            if status >= 500 {
                labels.push(KeyValue::new("error.type", status.to_string()));
            }
            instruments.request_duration.record(self.began.elapsed().as_secs_f64(), &labels);
        }
    }
}

impl Drop for ActiveRequest<'_> {
    fn drop(&mut self) {
        if let Some(instruments) = self.instruments {
            instruments.active_requests.add(-1, &instruments.request);
        }
    }
}

/// A stopwatch that is read at the end of each stage.
pub(crate) struct Laps<'m>(Option<(&'m Instruments, Instant)>);

impl Laps<'_> {
    /// The stage that began with the last reading has ended.
    pub(crate) fn end(&mut self, stage: Stage) {
        if let Some((instruments, began)) = &mut self.0 {
            let now = Instant::now();
            let labels = &instruments.stages[stage as usize];
            instruments.stage_duration.record((now - *began).as_secs_f64(), labels);
            *began = now;
        }
    }
}
