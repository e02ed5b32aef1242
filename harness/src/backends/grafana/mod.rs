//! Grafana's HTTP API, as versions 10 to 12 have it, and as the stand-in of it answers.

mod client;
mod frames;

pub use client::{DashboardHit, DataSourceInfo, Grafana, Query, QueryAnswer};
