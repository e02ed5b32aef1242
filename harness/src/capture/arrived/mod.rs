//! What the back ends hold of a run, as they say themselves.
//!
//! The rest of a [`Capture`](super::Capture) is what the service emitted; this is what arrived. Checks compare the two.
//! It is empty where nothing was asked: the embedded stack has no back ends.

mod back_end;
mod json;
mod metrics;
mod panels;
mod rules;
mod trial;

pub use back_end::{BackEnd, Maker};
pub use metrics::{
    Health, StoredExemplar, StoredHistogram, StoredIncrease, StoredMetadata, StoredMetrics, StoredSample, StoredSeries,
    StoredTarget,
};
pub use panels::{AnsweredSeries, Asker, PanelAnswer, SourceHealth, StoredPanels};
pub use rules::{StoredAlert, StoredRule, StoredRuleGroup};
pub use trial::{BrokenRule, Fired, Proven, Trial};

use super::Span;

/// What the back ends hold of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrived {
    /// The back ends of the run, in the order in which reports name them.
    pub back_ends: Vec<BackEnd>,
    /// The run's spans in the trace store, in the order in which it gave them; `None` if none was asked.
    pub traces: Option<Vec<Span>>,
    /// What came of putting the alerts to the trial; `None` if that was not done.
    pub trial: Option<Trial>,
    /// The run's metrics in the metric store; `None` if none was asked.
    pub metrics: Option<StoredMetrics>,
    /// What the queries of the run's dashboards were answered; `None` if none was asked.
    pub panels: Option<StoredPanels>,
}

impl Arrived {
    /// Whether no back end was asked anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.back_ends.is_empty()
            && self.traces.is_none()
            && self.trial.is_none()
            && self.metrics.is_none()
            && self.panels.is_none()
    }
}
