//! OpenTelemetry traces and logs for services that cannot afford the SDK's: the same API, the same OTLP on the wire.
//!
//! The stock SDK keeps a finished span as an object, hands it to another thread, turns it into a second object of
//! protobuf's and encodes that: 17,900 instructions a span, of which 16 % happen while the span does. Here a span is
//! written as OTLP while it happens. Its end is one copy into a buffer that the thread's other spans are in already;
//! whole buffers go to the exporter, which prepends resource and scope and sends them as they are.
//!
//! What stays the same: [`opentelemetry`]'s API and context (any instrumentation library works), the SDK's samplers, id
//! generators, span limits and resources, `tracestate`, links, events, statuses, scopes, OTLP over gRPC and HTTP with
//! retries, `Retry-After`, partial success, gzip, and the SDK's own metrics on exports and losses. What a collector
//! receives is what the stock exporter sends; property tests hold the two against each other. What is not there: span
//! processors other than this one (a span is no object that they could look at), and exporters other than OTLP's.
//!
//! # Safety of telemetry
//! Memory is bounded: [`BatchConfig::max_queue_size`] items or 64 MiB wait, and a batch for each of the machine's
//! threads. What is more is lost, counted, and told once. Nothing waits for the network but
//! [`force_flush`](TracerProvider::force_flush) and [`shutdown`](TracerProvider::shutdown_with_timeout), which are
//! bounded too. The exporter has a thread and a runtime of its own: it neither needs a runtime around it nor dies with
//! one. A thread that ends leaves its spans where the exporter finds them. A child of `fork` has no exporter, as with
//! the SDK: start the provider after it.
//!
//! # Example
//! ```no_run
//! use opentelemetry::trace::{Tracer as _, TracerProvider as _};
//! use otlp_inline::{Otlp, TracerProvider};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let provider = TracerProvider::builder(Otlp::grpc("http://localhost:4317")).build()?;
//! opentelemetry::global::set_tracer_provider(provider.clone());
//!
//! provider.tracer("checkout").in_span("charge the card", |_| { /* work */ });
//!
//! provider.shutdown_with_timeout(std::time::Duration::from_secs(5))?;
//! # Ok(())
//! # }
//! ```

mod batch;
mod encode;
mod events;
mod finished;
mod held;
mod ids;
mod logs;
mod sampling;
mod shards;
mod span;
mod stats;
mod tracer;
mod transport;

pub use self::{
    batch::BatchConfig,
    events::{EventLayer, LookAtSpan},
    finished::{Begun, FinishedSpan},
    held::HeldBack,
    logs::LogExporter,
    span::{PreparedAttributes, Span},
    stats::ExportCounts,
    tracer::{Tracer, TracerProvider, TracerProviderBuilder},
    transport::{Compression, Otlp, Protocol, TransportError},
};
