//! Asks Prometheus.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::value::Read;
use super::{Answer, Labels, QueryValue, answer, time, wire};
use crate::backends::endpoint::Endpoint;
use crate::backends::error::BackEndError;
use crate::capture::arrived::{StoredAlert, StoredExemplar, StoredMetadata, StoredRuleGroup, StoredTarget};

/// A Prometheus, by its HTTP API (port 9090).
#[derive(Clone, Debug)]
pub struct Prometheus {
    endpoint: Endpoint,
}

/// How much the store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tsdb {
    /// Series in the head block.
    pub series: u64,
    /// Oldest sample in the head block, in milliseconds since the Unix epoch.
    pub oldest_ms: i64,
    /// Newest sample in the head block, in milliseconds since the Unix epoch.
    pub newest_ms: i64,
}

impl Prometheus {
    /// The Prometheus at `url`. Connects to nothing yet.
    ///
    /// # Errors
    /// If `url` is none.
    pub fn new(url: &str) -> Result<Self, BackEndError> {
        Ok(Self { endpoint: Endpoint::new("Prometheus", url)? })
    }

    /// Its URL, without user and password.
    #[must_use]
    pub fn url(&self) -> &str {
        self.endpoint.url()
    }

    /// Whether it is ready to answer queries.
    ///
    /// # Errors
    /// If it is not.
    pub async fn ready(&self) -> Result<(), BackEndError> {
        self.endpoint.get("-/ready", &[]).await?.success().map(|_| ())
    }

    /// Makes it read its configuration and rules again; it must run with `--web.enable-lifecycle`.
    ///
    /// # Errors
    /// If it may not, or the files are wrong: the error has its words.
    pub async fn reload(&self) -> Result<(), BackEndError> {
        self.endpoint.send(Method::POST, "-/reload", &[], |request| request).await?.success().map(|_| ())
    }

    /// The version it states, without a leading `v`; `None` if it was built without one.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn version(&self) -> Result<Option<String>, BackEndError> {
        #[derive(Deserialize)]
        struct Build {
            version: String,
        }
        let build: Build = self.ask("status/buildinfo", &[]).await?.data;
        let version = build.version.trim_start_matches('v');
        Ok((!version.is_empty()).then(|| version.to_owned()))
    }

    /// What its clock says, in nanoseconds since the Unix epoch.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn now(&self) -> Result<u64, BackEndError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Runtime {
            #[serde(deserialize_with = "time::rfc3339")]
            server_time: u64,
        }
        Ok(self.ask::<Runtime>("status/runtimeinfo", &[]).await?.data.server_time)
    }

    /// Evaluates `query` at one moment, by default now. A range selector gives its samples as they are stored.
    ///
    /// # Errors
    /// If it does not answer, or refuses the query.
    pub async fn query(&self, query: &str, at: Option<u64>) -> Result<Answer<QueryValue>, BackEndError> {
        let at = at.map(time::seconds);
        let mut form = vec![("query", query)];
        form.extend(at.as_deref().map(|at| ("time", at)));
        Ok(self.ask::<Read>("query", &form).await?.map(|read| read.0))
    }

    /// Evaluates `query` at every step between two moments, both included.
    ///
    /// # Errors
    /// If it does not answer, or refuses the query.
    pub async fn query_range(
        &self,
        query: &str,
        from: u64,
        until: u64,
        step: Duration,
    ) -> Result<Answer<QueryValue>, BackEndError> {
        let (from, until, step) = (time::seconds(from), time::seconds(until), step.as_secs_f64().to_string());
        let form = [("query", query), ("start", &from), ("end", &until), ("step", &step)];
        Ok(self.ask::<Read>("query_range", &form).await?.map(|read| read.0))
    }

    /// The labels of the series that match a selector and have a sample between two moments.
    ///
    /// # Errors
    /// If it does not answer, or refuses the selector.
    pub async fn series(&self, selector: &str, from: u64, until: u64) -> Result<Answer<Vec<Labels>>, BackEndError> {
        let (from, until) = (time::seconds(from), time::seconds(until));
        self.ask("series", &[("match[]", selector), ("start", &from), ("end", &until)]).await
    }

    /// The values of a label, of the series that match a selector and have a sample between two moments.
    ///
    /// # Errors
    /// If it does not answer, or refuses the selector.
    pub async fn label_values(
        &self,
        label: &str,
        selector: &str,
        from: u64,
        until: u64,
    ) -> Result<Answer<Vec<String>>, BackEndError> {
        let (from, until) = (time::seconds(from), time::seconds(until));
        let query = [("match[]", selector), ("start", from.as_str()), ("end", &until)];
        self.ask(&format!("label/{label}/values"), &query).await
    }

    /// Type, help and unit by metric name, over all targets: several, where they disagree.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn metadata(&self) -> Result<Answer<BTreeMap<String, Vec<StoredMetadata>>>, BackEndError> {
        self.ask("metadata", &[]).await
    }

    /// Type, help and unit by metric name, of the targets whose labels match a selector without a metric name.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn metadata_of(&self, selector: &str) -> Result<BTreeMap<String, StoredMetadata>, BackEndError> {
        let entries: Vec<wire::TargetMetadata> =
            self.ask("targets/metadata", &[("match_target", selector)]).await?.data;
        Ok(entries.into_iter().map(wire::TargetMetadata::stored).collect())
    }

    /// The targets it scrapes, with the address each is asked at and why the last scrape failed.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn targets(&self) -> Result<Vec<StoredTarget>, BackEndError> {
        let targets: wire::Targets = self.ask("targets", &[("state", "active")]).await?.data;
        Ok(targets.active_targets.into_iter().map(wire::Target::stored).collect())
    }

    /// The exemplars of the series in `query`, between two moments. Without `--enable-feature=exemplar-storage` there
    /// are none.
    ///
    /// # Errors
    /// If it does not answer, or refuses the query.
    pub async fn exemplars(
        &self,
        query: &str,
        from: u64,
        until: u64,
    ) -> Result<Answer<Vec<StoredExemplar>>, BackEndError> {
        let (from, until) = (time::seconds(from), time::seconds(until));
        let form = [("query", query), ("start", from.as_str()), ("end", &until)];
        let reply = self.endpoint.get("api/v1/query_exemplars", &form).await?;
        let answer: Answer<Vec<wire::Exemplars>> = answer::open(&reply)?;
        let mut all = Vec::new();
        for of_series in answer.data {
            all.extend(of_series.stored().map_err(|error| reply.unreadable(error.to_string()))?);
        }
        Ok(Answer { data: all, warnings: answer.warnings, infos: answer.infos })
    }

    /// The rules loaded, and their state.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn rules(&self) -> Result<Vec<StoredRuleGroup>, BackEndError> {
        let rules: wire::Rules = self.ask("rules", &[]).await?.data;
        Ok(rules.groups.into_iter().map(wire::RuleGroup::stored).collect())
    }

    /// The alerts that are pending or firing.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn alerts(&self) -> Result<Vec<StoredAlert>, BackEndError> {
        let alerts: wire::Alerts = self.ask("alerts", &[]).await?.data;
        Ok(alerts.alerts.into_iter().map(wire::Alert::stored).collect())
    }

    /// How much the store holds.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn tsdb(&self) -> Result<Tsdb, BackEndError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Status {
            head_stats: Head,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Head {
            num_series: u64,
            min_time: i64,
            max_time: i64,
        }
        let head = self.ask::<Status>("status/tsdb", &[]).await?.data.head_stats;
        Ok(Tsdb { series: head.num_series, oldest_ms: head.min_time, newest_ms: head.max_time })
    }

    async fn ask<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer<T>, BackEndError> {
        answer::open(&self.endpoint.get(&format!("api/v1/{path}"), query).await?)
    }
}
