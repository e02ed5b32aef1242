//! YAML files written by people: contracts, scenarios, `otelgate.yaml`.
//!
//! Whatever is wrong with one is told as a [`Problem`]: file, line, column,
//! what is wrong, what to do. `Document` keeps where everything was written,
//! so that what is found after reading can name its place too.

mod document;
mod positions;
mod problem;
mod reader_error;

pub use document::load;
pub(crate) use document::{Document, MOST_BYTES, decode, parse, read};
pub(crate) use positions::Cursor;
pub(crate) use problem::did_you_mean;
pub use problem::{Position, Problem};
