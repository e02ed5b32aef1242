//! The service under test, as a process: built, started, watched, asked to stop.

mod build;
mod output;
mod process;

pub use build::build;
pub use output::Output;
pub use process::{Service, ServiceError};
