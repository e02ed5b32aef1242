//! The stand-in for Grafana, against recorded answers of the real Prometheus 3.16 and Jaeger 2.13.
//!
//! What is expected is what Grafana 12 answers: its documentation, and the frames its plug-in SDK writes.

mod access;
mod dashboards;
mod data_sources;
mod exemplars;
mod forward;
mod problems;
mod prometheus;
mod refusals;
mod stage;
mod start;
mod traces;
