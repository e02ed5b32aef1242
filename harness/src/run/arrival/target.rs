//! Which of Prometheus' targets is this run's service.

use reqwest::Url;

use crate::backends::prometheus::Labels;
use crate::backends::{BackEndError, Prometheus};
use crate::capture::Run;
use crate::capture::arrived::StoredTarget;

/// The label that `otelgate.run.id` of the resource becomes.
const RUN_ID: &str = "otelgate_run_id";

/// The targets that may be the service, and which one is.
pub(super) struct Found {
    pub(super) targets: Vec<StoredTarget>,
    pub(super) ours: Option<usize>,
}

impl Found {
    /// This run's target.
    pub(super) fn ours(&self) -> Option<&StoredTarget> {
        self.targets.get(self.ours?)
    }
}

/// Looks for the run's target: by its id, else by its address. Without either, the candidates are those of a job or an
/// address like the service's, else all.
pub(super) async fn find(prometheus: &Prometheus, run: &Run, address: &str) -> Result<Found, BackEndError> {
    let targets = prometheus.targets().await?;
    let marked = prometheus.query(&info(&run.id), None).await?.data.into_series();
    let of_run = |target: &StoredTarget| {
        marked.iter().any(|series| same(&series.labels, target, "job") && same(&series.labels, target, "instance"))
    };
    let at_address = |target: &StoredTarget| host_and_port(&target.url).is_some_and(|found| found == address);
    if let Some(at) = targets.iter().position(of_run).or_else(|| targets.iter().position(at_address)) {
        let ours = targets[at].clone();
        return Ok(Found { targets: vec![ours], ours: Some(0) });
    }
    let alike: Vec<StoredTarget> = targets.iter().filter(|target| target.job() == run.service).cloned().collect();
    Ok(Found { targets: if alike.is_empty() { targets } else { alike }, ours: None })
}

/// The series that says which run a target is of.
pub(super) fn info(run: &str) -> String {
    format!("target_info{{{RUN_ID}={}}}", quoted(run))
}

fn same(labels: &Labels, target: &StoredTarget, name: &str) -> bool {
    labels.get(name) == target.labels.get(name)
}

fn host_and_port(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

/// A selector of everything that a target exposes.
pub(super) fn selector(target: &StoredTarget) -> String {
    format!("job={},instance={}", quoted(target.job()), quoted(target.instance()))
}

/// A text as queries write it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_holds_any_label() {
        let labels =
            [("job", "a\"b\\c"), ("instance", "host:1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let target = StoredTarget { labels: labels.into(), ..StoredTarget::default() };

        assert_eq!(selector(&target), r#"job="a\"b\\c",instance="host:1""#);
    }

    #[test]
    fn a_url_is_known_by_host_and_port() {
        assert_eq!(host_and_port("http://127.0.0.1:8001/metrics").as_deref(), Some("127.0.0.1:8001"));
        assert_eq!(host_and_port("https://service/metrics").as_deref(), Some("service:443"));
    }
}
