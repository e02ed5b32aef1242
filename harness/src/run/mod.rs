//! One live run: stack up, service up, scenarios, scrape, service down, capture.

mod event;
mod live;

pub use event::Event;
pub use live::{Live, RunError, Taken, scenarios};
