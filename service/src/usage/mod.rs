//! What the model server was asked, what it counted, and what that costs.
//!
//! The plain numbers of `GET /api/usage` and the counters of `/metrics` are read from one `UsageMonitor`, so that the two
//! cannot disagree.

mod minutes;
mod monitor;
mod prices;
mod rate_limit;
mod recommendations;
mod report;

pub(crate) use self::monitor::{ChatRecording, UsageMonitor};
pub use self::{
    prices::{Price, price},
    rate_limit::RateLimit,
    recommendations::Recommendation,
    report::{CacheUsage, MinuteCount, ModelUsage, Operation, Totals, UsageReport},
};
