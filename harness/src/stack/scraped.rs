//! Whether Prometheus gets at the service.

use std::time::Duration;

use serde::Deserialize;

use super::back_ends::BackEnds;
use super::error::StackError;
use crate::eventually::eventually_every;

/// Time between two looks, far below the time between two scrapes.
const INTERVAL: Duration = Duration::from_millis(50);

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    active_targets: Vec<Target>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    labels: std::collections::BTreeMap<String, String>,
    scrape_url: String,
    last_error: String,
    /// By Prometheus' clock; compared with its own earlier answers alone.
    last_scrape: String,
    health: String,
}

/// After so many scrapes that failed since we look, the next will too: the service was ready before the first of them.
const FAILED: usize = 5;

/// Why Prometheus has not scraped often enough.
#[derive(Debug)]
enum NotYet {
    /// It does not get at the service, or only began to.
    Reached(String),
    /// It gets at the service, and cannot use what that answers.
    Understood,
}

/// Waits until Prometheus has scraped the service `times` more often than it has now; returns at once if there is no
/// Prometheus.
///
/// That the service answers what Prometheus does not take, even at the end of `patience`, is no trouble of the stack: the
/// run goes on, and a check tells it of the service.
pub(super) async fn scraped(back_ends: &BackEnds, times: usize, patience: Duration) -> Result<(), StackError> {
    let Some(prometheus) = &back_ends.prometheus else { return Ok(()) };
    let mut seen: Vec<String> = Vec::new();
    let mut failed: Vec<String> = Vec::new();
    let began = std::time::Instant::now();
    let looked = eventually_every(INTERVAL, patience, async || {
        let target = target(&prometheus.url, back_ends).await.map_err(NotYet::Reached)?;
        if target.health != "up" {
            let trouble = target.trouble();
            // One that was not answered in time may be the next time.
            if !target.last_error.is_empty() && !target.last_error.contains("deadline exceeded") {
                if failed.last() != Some(&target.last_scrape) {
                    failed.push(target.last_scrape);
                }
                // The first may be from before the service was there.
                if failed.len() > FAILED {
                    return Ok(Err(trouble));
                }
            }
            return Err(trouble);
        }
        failed.clear();
        if seen.last() != Some(&target.last_scrape) {
            seen.push(target.last_scrape);
        }
        // The first is what was there already.
        if seen.len() > times {
            Ok(Ok(()))
        } else {
            Err(NotYet::Reached(format!("it scraped {} only {} times meanwhile", target.scrape_url, seen.len() - 1)))
        }
    });
    let looked = looked.await.unwrap_or_else(|timed_out| Err(timed_out.last));
    let Err(NotYet::Reached(last)) = looked else { return Ok(()) };
    Err(StackError::NotScraped {
        prometheus: prometheus.url.clone(),
        why: format!("{last} (waited {} ms)", began.elapsed().as_millis()),
        next: match &back_ends.target {
            Some(target) => format!("see whether a firewall keeps containers from this machine's {target}"),
            None => "see whether the address that job has leads to the service; `external.prometheus.listen` opens it"
                .to_owned(),
        },
    })
}

impl Target {
    fn trouble(&self) -> NotYet {
        // Go's HTTP client begins so what went wrong on the way; the rest is said of an answer.
        if self.last_error.is_empty() || self.last_error.starts_with("Get ") {
            let why = if self.last_error.is_empty() { "not scraped yet" } else { &self.last_error };
            return NotYet::Reached(format!("it tries {}: {why}", self.scrape_url));
        }
        NotYet::Understood
    }
}

async fn target(url: &str, back_ends: &BackEnds) -> Result<Target, String> {
    let client = crate::http::client().timeout(Duration::from_secs(3)).build().map_err(|error| error.to_string())?;
    let response =
        client.get(format!("{url}/api/v1/targets?state=active")).send().await.map_err(|error| error.to_string())?;
    let text = response.text().await.map_err(|error| error.to_string())?;
    let answer: Answer = serde_json::from_str(&text).map_err(|error| format!("its targets cannot be read: {error}"))?;
    let targets = answer.data.active_targets;
    let all = targets.iter().map(|target| target.scrape_url.clone()).collect::<Vec<_>>().join(", ");
    let wanted = |target: &Target| match (&back_ends.target, &back_ends.job) {
        (Some(address), _) => target.scrape_url.contains(&format!("://{address}/")),
        (None, Some(job)) => target.labels.get("job") == Some(job),
        (None, None) => false,
    };
    targets.into_iter().find(wanted).ok_or_else(|| {
        let wanted = back_ends.target.clone().or_else(|| back_ends.job.as_ref().map(|job| format!("of job `{job}`")));
        format!("it has no target {}; it has: {all}", wanted.unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::{NotYet, Target};

    fn trouble(last_error: &str) -> NotYet {
        let target = Target {
            labels: [].into(),
            scrape_url: "http://service:8001/metrics".to_owned(),
            last_error: last_error.to_owned(),
            last_scrape: String::new(),
            health: "down".to_owned(),
        };
        target.trouble()
    }

    #[test]
    fn an_answer_that_prometheus_does_not_take_is_the_service_s() {
        for error in [
            "data does not end with # EOF",
            "server returned HTTP status 500 Internal Server Error",
            "received unsupported Content-Type \"application/json\" and no fallback_scrape_protocol specified for target",
        ] {
            assert!(matches!(trouble(error), NotYet::Understood), "{error}");
        }
    }

    #[test]
    fn a_service_that_is_not_reached_is_told_with_the_address() {
        for error in [
            "Get \"http://service:8001/metrics\": dial tcp 172.17.0.1:8001: connect: connection refused",
            "Get \"http://service:8001/metrics\": context deadline exceeded",
            "Get \"http://service:8001/metrics\": EOF",
            "",
        ] {
            let NotYet::Reached(why) = trouble(error) else { panic!("{error}") };
            assert!(why.starts_with("it tries http://service:8001/metrics: "), "{why}");
        }
    }
}
