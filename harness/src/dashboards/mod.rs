//! Grafana dashboards and Prometheus rules, held against the metrics there really are.
//!
//! [`load`] reads dashboards (the classic schema and the second one), provisioning and rule files. [`judge`] holds every
//! selector, label, function and unit in them against a [`Truth`]: *that metric never existed*, *that label never existed
//! on it*, *that label never had that value*, and what makes no sense whatever the metrics. It is pure: the same files
//! and the same metrics always give the same findings.
//!
//! Dashboards that nobody here has seen are judged too, so that what cannot be known (the value of a variable, a label
//! that only Prometheus adds) is never taken for a defect.

mod answers;
mod classic;
mod duration;
mod fetch;
mod interpolate;
mod json;
mod judge;
mod legend;
pub(crate) mod live;
mod load;
pub mod model;
mod outcome;
mod provisioning;
mod rules;
mod second;
mod source;
mod truth;
mod variable_query;

pub use answers::{Shown, judge_answers};
pub(crate) use duration::parse as parse_duration;
pub use fetch::fetch_scrape;
pub use judge::{Judged, Options, QueryVerdict, judge};
pub use load::{Dashboards, LoadError, ToBe, Trouble, load, parse};
pub use provisioning::{DataSource, Provider, Provisioning};
pub use rules::{Rule, RuleFile, parse as parse_rules};
pub use source::{MayBeEmpty, Source};
pub use truth::{Histogram, LabelSet, Metric, Part, Truth};
