//! What became of exported telemetry, under the SDK's own conventional names.

use opentelemetry::{
    KeyValue,
    metrics::{Counter, Meter},
};

use crate::telemetry::names::attribute;

#[derive(Clone)]
pub(crate) struct ExportMetrics {
    spans: Counter<u64>,
    logs: Counter<u64>,
}

/// A counter of one exporter.
#[derive(Clone)]
pub(crate) struct ExportCounter {
    counter: Counter<u64>,
    labels: [KeyValue; 2],
}

impl ExportMetrics {
    pub(super) fn new(meter: &Meter) -> Self {
        Self {
            spans: meter
                .u64_counter("otel.sdk.exporter.span.exported")
                .with_unit("{span}")
                .with_description("Spans whose export has ended, successfully or not.")
                .build(),
            logs: meter
                .u64_counter("otel.sdk.exporter.log.exported")
                .with_unit("{log_record}")
                .with_description("Log records whose export has ended, successfully or not.")
                .build(),
        }
    }

    pub(crate) fn spans(&self, component_type: &'static str) -> ExportCounter {
        ExportCounter::new(&self.spans, component_type)
    }

    pub(crate) fn logs(&self, component_type: &'static str) -> ExportCounter {
        ExportCounter::new(&self.logs, component_type)
    }
}

impl ExportCounter {
    fn new(counter: &Counter<u64>, component_type: &'static str) -> Self {
        let labels = [
            KeyValue::new(attribute::OTEL_COMPONENT_TYPE, component_type),
            KeyValue::new(attribute::OTEL_COMPONENT_NAME, format!("{component_type}/0")),
        ];
        Self { counter: counter.clone(), labels }
    }

    pub(crate) fn exported(&self, count: usize, error_type: Option<&'static str>) {
        let mut labels = self.labels.to_vec();
        labels.extend(error_type.map(|error_type| KeyValue::new(attribute::ERROR_TYPE, error_type)));
        self.counter.add(count as u64, &labels);
    }
}
