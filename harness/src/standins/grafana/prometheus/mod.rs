//! The Prometheus data source: queries as Grafana's server puts them, answers as data frames.

mod convert;
mod exemplars;
mod expression;
mod health;
mod legend;
mod run;

pub(super) use health::health;
pub(super) use run::run;
