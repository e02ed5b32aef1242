//! What the reports say, over a capture built by hand.

mod back_ends;
mod github;
mod json;
mod junit;
mod sample;
mod secrets;
mod terminal;
mod waterfall;
