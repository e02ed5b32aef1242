//! Grafana's HTTP API from provisioning files, for sites where Grafana itself cannot be had.
//!
//! Not Grafana: it says so in the header `x-otelgate-stand-in` of every
//! answer, in `/api/health`, and on every page. It reads the provisioning
//! folder Grafana reads (data sources, dashboard providers), asks the real
//! Prometheus and Jaeger named there, and answers as Grafana 12 does: paths,
//! status codes, error bodies and data frames. A client written against it
//! works unchanged against Grafana.
//!
//! | path | what |
//! | --- | --- |
//! | `/api/health`, `/healthz` | without login |
//! | `/api/org`, `/api/annotations`, `/api/prometheus/grafana/api/v1/rules` | one organisation, nothing in it |
//! | `/api/datasources`, `…/uid/:uid`, `…/name/:name` | the provisioned data sources, without their secrets |
//! | `/api/datasources/uid/:uid/health` | asks the back end: Prometheus `1+1`, Jaeger its services |
//! | `/api/datasources/uid/:uid/resources/*` | what the data source's plug-in offers its editors |
//! | `/api/datasources/proxy/uid/:uid/*` | the back end itself |
//! | `/api/search`, `/api/dashboards/uid/:uid` | the provisioned dashboards |
//! | `POST /api/ds/query` | queries of panels, variables and annotations, answered with data frames |
//! | `/api/otelgate/problems` | what is wrong with the provisioning files; the stand-in's own |
//! | `/`, `/d/:uid` | a page that says what this is, and lists the dashboards |
//!
//! What differs from Grafana, on purpose:
//!
//! - Files are read once, at the start; Grafana looks again every `updateIntervalSeconds`.
//! - Of two dashboards with one uid the first by path is kept; Grafana keeps either.
//! - Ids, and uids Grafana would draw at random, are the same in every run.
//! - One organisation, one user, basic authentication only. Nothing can be written.
//! - Data sources of type `prometheus` and `jaeger`. No expressions, no built-in `-- Grafana --` data source, no
//!   dependency graph. Of a data source's settings `timeInterval`, `httpMethod`, basic authentication and headers count.
//! - Of an error of the network, the words after the address are not Go's.

mod api;
mod builder;
mod frame;
mod handle;
mod interval;
mod jaeger;
mod number;
mod prometheus;
mod provisioning;
mod query;
mod state;
mod time_range;
mod upstream;

pub use builder::{GrafanaBuilder, grafana};
pub use handle::{Grafana, GrafanaError};
