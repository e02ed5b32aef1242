//! The plain value that every check judges: what one run of a service emitted.
//!
//! A [`Capture`] holds no clock, socket or lock. It is built by the sources of
//! a live run, by [`load`] from a folder, or by hand in a test; [`save`] writes
//! it in the formats other tools read.

pub mod arrived;
mod attributes;
pub mod build;
mod exchange;
pub mod exposition;
mod folder;
mod intern;
mod log;
mod memo;
mod metric;
mod metric_name;
mod origin;
pub mod otlp;
mod run;
mod span;
mod stdout;

pub use arrived::Arrived;
pub use attributes::{Attributes, Value};
pub use exchange::{Exchange, Party, TraceContext};
pub use folder::{LoadError, LoadErrorKind, SaveError, check_target, load, save};
pub use intern::{Interner, Str};
pub use log::{LogRecord, LogVia};
pub(crate) use memo::Memo;
pub use metric::{
    BucketRun, Exemplar, ExponentialBuckets, Family, HistogramPoint, MetricKind, Point, PointValue, Scrape, Temporality,
};
pub use metric_name::{prometheus_name, unit_of_suffix};
pub use origin::{Origin, Resource, Scope};
pub use run::{Canary, Run};
pub use span::{Dropped, Event, Link, Span, SpanId, SpanKind, Status, StatusCode, TraceId};
pub use stdout::parse_line;

/// Everything one run emitted, and the requests that made it do so.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capture {
    /// Which run this is: its id, the service, the scenarios driven, the canaries planted.
    pub run: Run,
    /// Spans in the order in which they arrived.
    pub spans: Vec<Span>,
    /// Metrics, one entry a scrape of an exposition endpoint or an OTLP metrics request, oldest first.
    pub scrapes: Vec<Scrape>,
    /// Log records, from OTLP and from the service's standard output, in the order in which they arrived.
    pub logs: Vec<LogRecord>,
    /// HTTP and gRPC exchanges: the driver's with the service, and the service's with the stand-ins.
    pub exchanges: Vec<Exchange>,
    /// What the back ends hold of it; empty where there are none.
    pub arrived: Arrived,
}
