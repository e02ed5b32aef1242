//! A checkout, traced: `cargo run -p otlp-inline --example checkout -- http://localhost:4317`, with any OTLP collector
//! there, or none.

use std::time::Duration;

use opentelemetry::{
    KeyValue,
    trace::{Span as _, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _},
};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SpanLimits},
};
use otlp_inline::{Otlp, TracerProvider};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoint = std::env::args().nth(1).unwrap_or_else(|| "http://localhost:4317".to_owned());
    let provider = TracerProvider::builder(Otlp::grpc(endpoint).with_timeout(Duration::from_secs(2)))
        .with_resource(Resource::builder().with_service_name("checkout").build())
        .with_root_sampler(Sampler::AlwaysOn)
        .with_span_limits(SpanLimits { max_attributes_per_span: 32, ..SpanLimits::default() })
        .build()?;
    // From here on, libraries that speak OpenTelemetry's API trace as well.
    opentelemetry::global::set_tracer_provider(provider.clone());

    let tracer = provider.tracer("checkout");
    for order in 1..=3 {
        tracer.in_span("POST /orders", |context| {
            context.span().set_attribute(KeyValue::new("order.id", order));
            let mut charge = tracer
                .span_builder("charge the card")
                .with_kind(SpanKind::Client)
                .with_attributes([KeyValue::new("payment.amount", 42.5)])
                .start(&tracer);
            if order == 2 {
                charge.add_event("declined", vec![KeyValue::new("payment.retries", 0)]);
                charge.set_status(Status::error("the card was declined"));
            }
            charge.end();
        });
    }

    provider.shutdown_with_timeout(Duration::from_secs(5))?;
    let counts = provider.counts();
    #[expect(clippy::print_stdout, reason = "an example's result")]
    {
        println!("{counts:?}");
    }
    Ok(())
}
