//! Jaeger's query API.
//!
//! Traces are read as OTLP (`/api/v3`), as they are stored: Jaeger's adjusters, which correct clock skew, sort and remove
//! duplicates for the user interface, are switched off by `raw_traces`.
//!
//! Jaeger 2 has no endpoint for its version. It writes it into its user interface's page (`JAEGER_VERSION`), also into
//! the placeholder page of a binary without the interface. The value is set when the binary is linked
//! (`-X github.com/jaegertracing/jaeger/internal/version.latestVersion=v2.13.0`); a plain `go install` leaves it empty,
//! and such a Jaeger states no version.

mod client;
mod page;
mod traces;

pub use client::Jaeger;
