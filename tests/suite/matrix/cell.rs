//! One cell: the service with some settings, driven by scenarios, and what became of it.

use std::collections::BTreeSet;

use otelgate_harness::capture::{Capture, Exchange, Span};
use otelgate_harness::config::{self, Config};
use otelgate_harness::lifeline::Lifeline;
use otelgate_harness::run::{Choices, Live};
use otelgate_harness::scenario::{Loaded, read_all};

use super::Tier;
use crate::built::{rag_service, root};

/// What was seen of a service in one cell.
pub(super) struct Seen {
    /// What it emitted, and the exchanges with it and of it. Without metrics.
    pub(super) capture: Capture,
    /// Names of its threads after the last request.
    pub(super) threads: BTreeSet<String>,
    /// How many connections the collector ever accepted.
    pub(super) connections: usize,
}

impl Tier {
    fn config(&self, settings: &[(&str, &str)]) -> Config {
        let mut config = config::read(&root().join("otelgate.yaml")).unwrap();
        config.external.clone_from(&self.servers);
        config.service.build.clear();
        config.service.command = vec![rag_service().to_str().unwrap().to_owned()];
        config.service.env.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        config
    }

    /// Drives the service with these settings, and asserts that every answer is as its scenario expects.
    pub(super) async fn drive(&self, settings: &[(&str, &str)], scenarios: &[Loaded]) -> Seen {
        let config = self.config(settings);
        let (lifeline, environment) = (Lifeline::none(), |name: &str| std::env::var(name).ok());
        let choices = Choices { kind: self.kind, ..Choices::embedded(&lifeline, &environment) };
        let live = Live::up(&config, &choices, &mut |_| {}).await.unwrap();
        let mut driver = live.driver(&config).unwrap();
        driver.until_ready().await.unwrap();
        for loaded in scenarios {
            driver.drive(loaded).await.unwrap();
            if !loaded.scenario.given.is_empty() {
                driver.until_ready().await.unwrap();
            }
        }
        let exchanges = driver.into_exchanges();
        let threads = threads(live.process_id().unwrap());
        assert_answers(settings, &exchanges);
        let taken = live.take(exchanges).await;
        assert!(taken.trouble.is_none(), "{settings:?}: {}", taken.trouble.unwrap());
        self.assert_stored(settings, &taken.capture);
        Seen { capture: taken.capture, threads, connections: taken.collector_connections }
    }

    /// Asserts that Jaeger, if there is one, has the spans that the collector before it got, and no others of the run.
    fn assert_stored(&self, settings: &[(&str, &str)], capture: &Capture) {
        assert_eq!(capture.arrived.traces.is_some(), self.servers.jaeger.is_some(), "whether Jaeger was asked");
        if let Some(stored) = &capture.arrived.traces {
            let ids = |spans: &[Span]| -> BTreeSet<String> {
                spans.iter().map(|span| format!("{} of {}", span.span_id, span.trace_id)).collect()
            };
            assert_eq!(stored.len(), capture.spans.len(), "{settings:?}: the number of spans that Jaeger has");
            assert_eq!(ids(stored), ids(&capture.spans), "{settings:?}: the spans that Jaeger has");
        }
    }
}

fn assert_answers(settings: &[(&str, &str)], exchanges: &[Exchange]) {
    let unmet: Vec<String> = exchanges
        .iter()
        .filter(|exchange| !exchange.unmet.is_empty())
        .map(|exchange| format!("{} #{}: {}", exchange.scenario, exchange.step + 1, exchange.unmet.join("; ")))
        .collect();
    assert!(unmet.is_empty(), "{settings:?}:\n{}", unmet.join("\n"));
}

/// The first 15 characters of each thread's name, which is all that Linux keeps.
fn threads(process: u32) -> BTreeSet<String> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    tasks
        // A thread may end between the listing and the look.
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .map(|name| name.trim_end().to_owned())
        .collect()
}

/// The scenarios that `verify` drives.
pub(super) fn all_scenarios() -> Vec<Loaded> {
    read_all(&[root().join("fixtures/scenarios/rag-service.yaml")]).unwrap()
}

/// Scenarios written in a test: the list under `scenarios:`.
pub(super) fn scenarios(yaml: &str) -> Vec<Loaded> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scenarios.yaml");
    std::fs::write(&path, format!("version: 1\nscenarios:\n{yaml}")).unwrap();
    read_all(&[path]).unwrap()
}
