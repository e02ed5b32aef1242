//! Alerts, proven: each fires when its fault is there, and none when all is well.
//!
//! A rule that parses, and even one whose unit tests pass, may never fire: its
//! metric was renamed, its threshold cannot be met, its label is not there. So
//! each is put to the trial. While a service answers healthy questions no
//! alert may fire; then, one after another, the fault each alert is there for
//! is induced, and the alert must fire within its window.
//!
//! A rule `for: 10m` is proven in seconds: the stack divides all windows of the
//! rules by one factor.
//!
//! - [`Windows`]: how long an alert may take to fire.
//! - [`Proofs`]: which fault proves which alert, read from YAML.
//! - [`prove`]: the trial itself. What came of it is a plain value,
//!   [`Trial`](crate::capture::arrived::Trial), and a check judges it.

mod proofs;
mod prove;
mod windows;

pub use proofs::{Healthy, Proof, Proofs, Stopped, read};
pub use prove::{Bench, TrialError, prove};
pub use windows::Windows;
