//! Whether nothing got lost unnoticed: under load, requests, traces, measurements and log lines must be as many as one
//! another, but for what the sampler had to drop and what the service *declared* that it dropped.
//!
//! ```text
//! requests ─▶ sampler ─▶ queue ─▶ export ─▶ receiver
//!                │         │        │          └ answered OK, and does not have it     conservation.receiver
//!                │         │        └ handed over, neither exported nor failed         conservation.export
//!                │         └ `queue_full`: declared
//!                └ by trace id: known before it is sent                                conservation.sampler
//! a request whose trace is not there, and nobody declared a loss                       conservation.undeclared
//! ```
//!
//! Everything here is pure: [`judge`] is a function of [`Counted`] numbers.

mod counted;
mod judge;
mod roots;
mod sampler;
mod scraped;
mod violation;

pub use counted::{Counted, Lines, Received, Requests, Sdk};
pub use judge::judge;
pub use roots::{Fate, Roots, Sent};
pub use sampler::keeps;
pub use scraped::{histogram_count, sdk};
pub use violation::{Judgement, Violation};
