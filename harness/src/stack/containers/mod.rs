//! Real servers in containers of one run, behind the stand-ins.
//!
//! All are started at once on a network of the run, from the images [pinned here](images), with the files of `compose/`
//! and `grafana/` (`rendered` says what differs). Each is ready when it says so (`stack::probe`). What a run made in the
//! engine carries its label, and one guard (`cleanup`) removes all of it.

mod cleanup;
mod engine;
mod examine;
mod files;
pub mod images;
mod kept;
mod labels;
mod network;
mod recipe;
pub(super) mod relay;
mod rendered;
mod running;
mod start;

pub use engine::{Engine, EngineAbsent, Memory};
pub use files::FileError;
pub use images::ImageAbsent;
pub use kept::Kept;
pub(super) use running::Containers;
