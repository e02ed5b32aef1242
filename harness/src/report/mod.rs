//! The same findings for a person, a program and a CI server.
//!
//! A [`Report`] is what every renderer reads: the outcome, the capture it is
//! about, and a [`RunSummary`]. Making one replaces the value of every canary
//! by its name, so that no renderer can print a secret. Renderers are pure:
//! they read no clock, environment or terminal, and [`terminal`] writes only
//! to the writer it is given.
//!
//! | for | function |
//! | --- | --- |
//! | a person at a terminal | [`terminal`] |
//! | a program | [`json`] |
//! | a CI server | [`junit`] |
//! | GitHub Actions | [`github_summary`], [`github_annotations`] |
//! | a page of another crate | [`Report::findings`], [`Report::waterfalls`] and their like |
//! | a reader of one finding id | [`explain`], [`catalog_markdown`] |

mod detail;
pub mod escape;
mod explain;
mod github;
mod input;
mod json;
mod junit;
mod palette;
mod redact;
mod summary;
mod table;
mod terminal;
pub mod text;
mod tree;
mod verdict;
mod waterfall;

pub use explain::{UnknownFinding, catalog_markdown, explain};
pub use github::{github_annotations, github_summary};
pub use input::Report;
pub use json::{FORMAT, VERSION, json};
pub use junit::{JunitError, junit};
pub use palette::Palette;
pub use summary::{Counts, RunSummary};
pub use terminal::{TerminalOptions, terminal};
pub use waterfall::{Bar, Waterfall};
