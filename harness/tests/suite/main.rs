//! All tests of the crate in one binary: it links once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod alerts;
mod arrived;
mod backends;
mod capture_arbitrary;
mod capture_collector_files;
mod capture_exposition;
mod capture_folder;
mod capture_otlp;
mod capture_stdout;
mod catalog;
mod collector_bad_input;
mod collector_exporters;
mod collector_faults;
mod contract;
mod dashboards;
mod fronts;
mod grafana;
mod lifeline;
mod model;
mod planted;
mod qdrant;
mod qdrant_edge;
mod redis;
mod report;
mod retrieval;
mod scrape;
mod signals;
mod support;
mod traces;
