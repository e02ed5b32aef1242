//! What an experiment found, for a person, a program, a browser and a CI server.
//!
//! Every renderer reads one [`Outcome`](crate::overhead::outcome::Outcome) and is pure: no clock, no environment, no
//! terminal; [`terminal`] writes only to the writer it is given. Text from outside (names of arms, values of variables,
//! messages) is made harmless for where it is shown. What was not measured reads "not measured", never 0.
//!
//! | for | function |
//! | --- | --- |
//! | a person in a hurry | [`one_line`] |
//! | a person at a terminal | [`terminal`] |
//! | a person with a browser | [`html`] |
//! | a program | [`json`] |
//! | a CI server | [`junit`] |
//! | GitHub Actions | [`github_summary`], [`github_annotations`] |

mod clean;
mod facts;
mod figures;
mod github;
mod html;
mod json;
mod junit;
mod lane;
mod latency;
mod line;
mod table;
mod tables;
mod terminal;
mod validity;

pub use github::{github_annotations, github_summary};
pub use html::{HtmlError, Page, html};
pub use json::{FORMAT, VERSION, json};
pub use junit::junit;
pub use line::one_line;
pub use terminal::{TerminalOptions, terminal};
