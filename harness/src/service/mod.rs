//! The service under test, as a process: built, started, watched, asked to stop.

mod build;
mod command;
mod group;
mod output;
mod process;
mod program;
mod target;

pub use build::build;
pub use output::Output;
pub use process::{Service, ServiceError};
pub use program::{Ended, ProgramError, run_to_end};
