//! One statement of a check about one subject.

use serde::Serialize;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The telemetry breaks its contract: the verdict is red.
    Violation,
    /// Allowed, but the field's practice is better.
    Improvement,
    /// Worth knowing.
    Information,
}

/// The signal a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// The run as a whole: no telemetry, a check without a subject, a stale waiver.
    Run,
    /// What the service answered.
    Exchange,
    /// Spans.
    Trace,
    /// Metrics.
    Metric,
    /// Logs.
    Log,
    /// Attributes of the resource.
    Resource,
    /// Dashboards, and the rules of Prometheus.
    Dashboard,
}

/// Where in the capture a finding points. All fields are positions in the [`Capture`](crate::capture::Capture) judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Place {
    /// The scenario that was driven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Position of the request in its scenario, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// The trace, 32 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The span, 16 hexadecimal digits; for a missing span, the one it should hang under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span_id: Option<String>,
    /// Path of the thing inside its signal: `rag.query > rag.embedding · tokens.total`, `rag_query_errors_total{stage}`, `log 17`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
}

/// One statement of a check about one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it weighs.
    pub level: Level,
    /// Machine-readable id, documented in [`CATALOG`](super::CATALOG): `span.missing`.
    pub id: &'static str,
    /// Name of the check that said it; empty for what is said outside any check (a stale waiver).
    pub check: &'static str,
    /// The signal it is about.
    pub signal: Signal,
    /// What it is about, stable from run to run, for waivers: the contract's name of the span, metric, log or scenario
    /// (`cold query / rag.embedding / tokens.total`). Never an id or a time.
    pub subject: String,
    /// Where it is.
    #[serde(rename = "where")]
    pub place: Place,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What was wanted.
    pub wanted: String,
    /// What was found; nearest candidates if the thing is missing.
    pub found: String,
    /// What to do.
    pub hint: String,
    /// How many further findings with the same id and subject were folded into this one.
    pub more: usize,
}

impl Finding {
    /// A violation with an `id` of the catalogue.
    #[must_use]
    pub fn violation(id: &'static str, signal: Signal, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            level: Level::Violation,
            id,
            check: "",
            signal,
            subject: subject.into(),
            place: Place::default(),
            message: message.into(),
            wanted: String::new(),
            found: String::new(),
            hint: String::new(),
            more: 0,
        }
    }

    /// The same finding with another weight.
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// The same finding at `place`.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// The same finding with what was wanted.
    #[must_use]
    pub fn wanted(mut self, wanted: impl Into<String>) -> Self {
        self.wanted = wanted.into();
        self
    }

    /// The same finding with what was found.
    #[must_use]
    pub fn found(mut self, found: impl Into<String>) -> Self {
        self.found = found.into();
        self
    }

    /// The same finding with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}
