//! Load on a service, and what its telemetry costs under it.
//!
//! - [`load`]: users of goose on a service, its budgets, and trials with a collector in trouble.
//! - [`conservation`]: whether requests, spans, measurements and log lines of a load are as many as they must be.
//! - [`workload`]: which requests are sent, from a file; the same for load tests and for the experiment.
//! - [`duet`]: the driver that sends each of them to several services.
//! - [`lane`]: what telemetry adds to a request, counted instead of timed.
//! - [`overhead`]: the experiment: the service with and without telemetry, side by side, on the same requests.
//! - [`stats`]: the statistics of the experiment.
//! - [`report`]: what an experiment found, for a person, a program, a browser and a CI server.
//!
//! What the service is, and how it is started, the `harness` knows; this crate starts it more than once.

pub mod conservation;
pub mod duet;
pub mod lane;
pub mod load;
pub mod overhead;
pub mod report;
pub mod stats;
pub mod workload;
