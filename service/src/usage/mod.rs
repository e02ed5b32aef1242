//! What the model server was asked, what it counted, and what that costs.
//!
//! One call of `UsageMonitor` records both the plain numbers of `GET /api/usage` and the counters of `/metrics`, so
//! the two cannot disagree.

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
    report::{MinuteCount, ModelUsage, Operation, Totals, UsageReport},
};
