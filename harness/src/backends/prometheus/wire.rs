//! Targets, rules and exemplars as Prometheus writes them.

use serde::Deserialize;

use super::{Labels, time, value};
use crate::capture::arrived::{
    Health, StoredAlert, StoredExemplar, StoredMetadata, StoredRule, StoredRuleGroup, StoredTarget,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Targets {
    #[serde(default)]
    pub(super) active_targets: Vec<Target>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Target {
    labels: Labels,
    scrape_url: String,
    #[serde(default)]
    last_error: String,
    #[serde(deserialize_with = "time::rfc3339")]
    last_scrape: u64,
    health: String,
    #[serde(default, deserialize_with = "time::written")]
    scrape_interval: u64,
}

impl Target {
    pub(super) fn stored(self) -> StoredTarget {
        StoredTarget {
            labels: self.labels,
            url: self.scrape_url,
            health: match self.health.as_str() {
                "up" => Health::Up,
                "down" => Health::Down,
                _ => Health::Unknown,
            },
            last_error: self.last_error,
            last_scrape: self.last_scrape,
            interval: self.scrape_interval,
        }
    }
}

/// An entry of `/targets/metadata`.
#[derive(Deserialize)]
pub(super) struct TargetMetadata {
    #[serde(default)]
    pub(super) metric: String,
    #[serde(rename = "type")]
    kind: String,
    help: String,
    unit: String,
}

impl TargetMetadata {
    pub(super) fn stored(self) -> (String, StoredMetadata) {
        (self.metric, StoredMetadata { kind: self.kind, help: self.help, unit: self.unit })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Exemplars {
    series_labels: Labels,
    exemplars: Vec<Exemplar>,
}

#[derive(Deserialize)]
struct Exemplar {
    labels: Labels,
    value: String,
    timestamp: f64,
}

impl Exemplars {
    pub(super) fn stored(self) -> Result<Vec<StoredExemplar>, serde_json::Error> {
        let series = self.series_labels;
        self.exemplars
            .into_iter()
            .map(|exemplar| {
                Ok(StoredExemplar {
                    series: series.clone(),
                    value: value::number(&exemplar.value)?,
                    time: time::nanos(exemplar.timestamp),
                    labels: exemplar.labels,
                })
            })
            .collect()
    }
}

#[derive(Deserialize)]
pub(super) struct Rules {
    #[serde(default)]
    pub(super) groups: Vec<RuleGroup>,
}

#[derive(Deserialize)]
pub(super) struct RuleGroup {
    name: String,
    file: String,
    #[serde(deserialize_with = "time::duration")]
    interval: u64,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    name: String,
    query: String,
    #[serde(rename = "type")]
    kind: String,
    health: String,
    #[serde(default)]
    last_error: String,
    #[serde(default)]
    state: String,
    #[serde(default, deserialize_with = "time::duration")]
    duration: u64,
    #[serde(default)]
    labels: Labels,
    #[serde(default)]
    annotations: Labels,
    #[serde(default)]
    alerts: Vec<Alert>,
    #[serde(default, deserialize_with = "time::rfc3339")]
    last_evaluation: u64,
}

#[derive(Deserialize)]
pub(super) struct Alerts {
    #[serde(default)]
    pub(super) alerts: Vec<Alert>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Alert {
    labels: Labels,
    annotations: Labels,
    state: String,
    #[serde(default, deserialize_with = "time::rfc3339")]
    active_at: u64,
    value: String,
}

impl RuleGroup {
    pub(super) fn stored(self) -> StoredRuleGroup {
        StoredRuleGroup {
            name: self.name,
            file: self.file,
            interval: self.interval,
            rules: self.rules.into_iter().map(Rule::stored).collect(),
        }
    }
}

impl Rule {
    fn stored(self) -> StoredRule {
        StoredRule {
            name: self.name,
            kind: self.kind,
            query: self.query,
            health: self.health,
            last_error: self.last_error,
            state: self.state,
            hold: self.duration,
            labels: self.labels,
            annotations: self.annotations,
            alerts: self.alerts.into_iter().map(Alert::stored).collect(),
            last_evaluation: self.last_evaluation,
        }
    }
}

impl Alert {
    pub(super) fn stored(self) -> StoredAlert {
        StoredAlert {
            labels: self.labels,
            annotations: self.annotations,
            state: self.state,
            active_at: self.active_at,
            value: self.value,
        }
    }
}
