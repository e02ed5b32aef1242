//! One live run: stack up, service up, scenarios, scrape, service down, capture.

mod around;
mod arrival;
mod event;
mod gather;
mod live;
pub mod panels;
mod scrape;
mod trial;

pub use around::Around;
pub use arrival::Arrival;
pub use event::Event;
pub use live::{Choices, Live, RunError, Taken, scenarios};
