//! The Jaeger data source: a trace by its id, and a search for traces, as data frames.

mod answer;
mod run;
mod search;
mod trace;

pub(super) use run::{health, names, run};
