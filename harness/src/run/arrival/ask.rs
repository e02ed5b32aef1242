//! Who is asked, and for how long.

use std::time::Duration;

use crate::backends::{BackEndError, Jaeger, Prometheus};
use crate::capture::arrived::StoredMetrics;
use crate::capture::{Capture, Span};

/// Longest time to wait for what was sent to be stored, unless set: two of Prometheus' default scrape intervals of 15 s,
/// which is longer than any batch waits on its way to Jaeger.
const PATIENCE: Duration = Duration::from_secs(30);

/// Time between two looks. A look is several questions over HTTP.
pub(super) const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// The back ends of a run, to be asked what arrived.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub(super) jaeger: Option<Jaeger>,
    pub(super) prometheus: Option<Prometheus>,
    /// Host and port of the service's metrics, as Prometheus is told them.
    pub(super) address: String,
    pub(super) patience: Duration,
}

impl Default for Arrival {
    fn default() -> Self {
        Self { jaeger: None, prometheus: None, address: String::new(), patience: PATIENCE }
    }
}

impl Arrival {
    /// Nobody to ask.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Traces are in this Jaeger.
    #[must_use]
    pub fn with_jaeger(mut self, jaeger: Jaeger) -> Self {
        self.jaeger = Some(jaeger);
        self
    }

    /// Metrics are in this Prometheus, which is told to find the service at `address`: `host.docker.internal:8001`.
    #[must_use]
    pub fn with_prometheus(mut self, prometheus: Prometheus, address: impl Into<String>) -> Self {
        self.prometheus = Some(prometheus);
        self.address = address.into();
        self
    }

    /// How long to wait at most, for metrics and for traces each; 30 s by default. Has to be longer than a scrape
    /// interval.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Waits until Prometheus has scraped the service after everything in `capture`, and asks it for the run's metrics.
    /// `None` without a Prometheus.
    ///
    /// To be called while the service runs, after the last request and a scrape of one's own, with nobody asking the
    /// service anything. To be followed by one more scrape of one's own: the numbers that are the same in both are
    /// those that Prometheus must have.
    ///
    /// # Errors
    /// If Prometheus does not answer, or not as it should.
    pub async fn metrics(&self, capture: &Capture) -> Result<Option<StoredMetrics>, BackEndError> {
        match &self.prometheus {
            Some(prometheus) => self.metrics_of(prometheus, capture).await.map(Some),
            None => Ok(None),
        }
    }

    /// Waits until Jaeger has every span in `capture`, and asks it for the run's traces. `None` without a Jaeger.
    ///
    /// To be called once the service has stopped and the receiver beside Jaeger has passed on what it got.
    ///
    /// # Errors
    /// If Jaeger does not answer, or not as it should.
    pub async fn traces(&self, capture: &Capture) -> Result<Option<Vec<Span>>, BackEndError> {
        match &self.jaeger {
            Some(jaeger) => self.traces_of(jaeger, capture).await.map(Some),
            None => Ok(None),
        }
    }
}
