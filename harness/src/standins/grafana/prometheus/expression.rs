//! What is really asked: step, time range, and the expression with its variables replaced.

use std::time::Duration;

use serde::Deserialize;

use crate::standins::grafana::interval::{format_go, format_interval, parse_interval, round};
use crate::standins::grafana::query::Query;

/// Time between scrapes, if the data source does not say.
const SCRAPE_INTERVAL: Duration = Duration::from_secs(15);
/// Points Grafana takes for a step, if a query wants none.
const DEFAULT_POINTS: i64 = 1500;
/// Prometheus refuses more points than this in one series.
const MOST_POINTS: i64 = 11_000;

/// A query as panels write it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Model {
    expr: String,
    range: bool,
    instant: bool,
    exemplar: bool,
    legend_format: String,
    interval: String,
    interval_ms: f64,
    interval_factor: i64,
    utc_offset_sec: i64,
}

/// A query ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    pub(super) expression: String,
    pub(super) step: Duration,
    pub(super) legend: String,
    pub(super) instant: bool,
    pub(super) range: bool,
    pub(super) exemplar: bool,
    /// Nanoseconds since the epoch, rounded down to a step.
    pub(super) start: i64,
    /// Nanoseconds since the epoch, rounded down to a step.
    pub(super) end: i64,
    /// Nanoseconds since the epoch: when an instant query is evaluated.
    pub(super) at: i64,
}

impl Ready {
    /// `scrape`: the data source's `timeInterval`, empty if it has none.
    pub(super) fn new(query: &Query, scrape: &str) -> Result<Self, String> {
        let model: Model = serde_json::from_value(query.model.clone()).map_err(|error| error.to_string())?;
        let step = step(query, &model, scrape)?;
        let align = |nanos: i64| {
            let step = i64::try_from(step.as_nanos()).unwrap_or(i64::MAX).max(1);
            let offset = model.utc_offset_sec.saturating_mul(1_000_000_000);
            nanos.saturating_add(offset).div_euclid(step).saturating_mul(step).saturating_sub(offset)
        };
        Ok(Self {
            expression: interpolate(&model, query, step, scrape),
            step,
            legend: model.legend_format,
            instant: model.instant,
            // Old dashboards say neither; they meant a range.
            range: model.range || !model.instant,
            exemplar: model.exemplar,
            start: align(query.range.from),
            end: align(query.range.to),
            at: query.range.to,
        })
    }

    /// What the query inspector shows.
    pub(super) fn executed(&self) -> String {
        format!("Expr: {}\nStep: {}", self.expression, format_go(self.step))
    }
}

/// The time between two points: as wanted, but so that neither the panel nor Prometheus gets too many.
fn step(query: &Query, model: &Model, scrape: &str) -> Result<Duration, String> {
    let wanted = if is_variable(&model.interval) { "" } else { &model.interval };
    let least = least_step(wanted, scrape, model.interval_ms)?;

    let points = if query.max_data_points == 0 { DEFAULT_POINTS } else { query.max_data_points };
    let computed = divided(query, points);
    let step = if computed < least { least } else { round(computed) };
    let step = step.max(round(divided(query, MOST_POINTS)));

    if is_rate(&model.interval) {
        return rate_interval(step, scrape);
    }
    Ok(step.saturating_mul(u32::try_from(model.interval_factor).unwrap_or(1).max(1)))
}

fn divided(query: &Query, points: i64) -> Duration {
    Duration::from_nanos(u64::try_from(query.range.length() / points.max(1)).unwrap_or(0))
}

fn least_step(wanted: &str, scrape: &str, interval_ms: f64) -> Result<Duration, String> {
    let wanted = if wanted == "0s" { "" } else { wanted };
    if wanted.is_empty() && interval_ms > 0.0 {
        return Duration::try_from_secs_f64(interval_ms / 1000.0).map_err(|error| error.to_string());
    }
    match (wanted, scrape) {
        ("", "") => Ok(SCRAPE_INTERVAL),
        ("", scrape) => parse_interval(scrape),
        (wanted, _) => parse_interval(wanted),
    }
}

/// Long enough for four scrapes, so that `rate` has two points at all times.
fn rate_interval(interval: Duration, scrape: &str) -> Result<Duration, String> {
    let scrape = if scrape.is_empty() { SCRAPE_INTERVAL } else { parse_interval(scrape)? };
    Ok(interval.saturating_add(scrape).max(scrape.saturating_mul(4)))
}

fn is_variable(interval: &str) -> bool {
    let name = interval.trim_start_matches("${").trim_start_matches('$').trim_end_matches('}');
    interval.starts_with('$')
        && ["__interval", "__interval_ms", "__rate_interval", "__rate_interval_ms"].contains(&name)
}

fn is_rate(interval: &str) -> bool {
    matches!(interval, "$__rate_interval" | "${__rate_interval}")
}

/// Replaces the variables that Grafana's server knows. Those of the dashboard are the browser's business.
fn interpolate(model: &Model, query: &Query, step: Duration, scrape: &str) -> String {
    let rate = if is_rate(&model.interval) {
        step
    } else {
        let least = match model.interval.as_str() {
            "$__interval" | "${__interval}" => format_go(step),
            "" => scrape.to_owned(),
            interval => interval.to_owned(),
        };
        let interval = Duration::from_millis(u64::try_from(query.interval_ms).unwrap_or(0));
        // As Grafana: an interval that cannot be read gives a range of no length, and Prometheus says so.
        rate_interval(interval, &least).unwrap_or_default()
    };
    let range_ms = query.range.length() / 1_000_000;
    let seconds = (range_ms + 500).div_euclid(1000);

    // The longer names first: the shorter ones are their beginnings.
    let variables = [
        ("__interval_ms", step.as_millis().to_string()),
        ("__interval", format_interval(step)),
        ("__range_ms", range_ms.to_string()),
        ("__range_s", seconds.to_string()),
        ("__range", format!("{seconds}s")),
        ("__rate_interval_ms", rate.as_millis().to_string()),
        ("__rate_interval", format_go(rate)),
    ];
    let mut expression = model.expr.clone();
    for (name, value) in &variables {
        expression = expression.replace(&format!("${name}"), value);
    }
    for (name, value) in &variables {
        expression = expression.replace(&format!("${{{name}}}"), value);
    }
    expression
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::standins::grafana::time_range::TimeRange;

    fn ready(minutes: i64, scrape: &str, model: Value) -> Ready {
        let to = 1_700_000_007 * 1_000_000_000;
        Ready::new(&Query::new(model, TimeRange { from: to - minutes * 60_000_000_000, to }), scrape).unwrap()
    }

    #[test]
    fn the_variables_of_the_server_are_replaced_and_no_others() {
        let expr =
            "rate(a{b=\"$job\"}[$__rate_interval]) + x[$__interval] + y[${__range}] + $__range_s + $__interval_ms";

        let ready = ready(15, "15s", json!({"expr": expr, "intervalMs": 1000, "maxDataPoints": 900}));

        assert_eq!(ready.expression, "rate(a{b=\"$job\"}[1m0s]) + x[1s] + y[900s] + 900 + 1000");
    }

    #[test]
    fn the_step_is_the_scrape_interval_unless_the_query_says_otherwise() {
        for (scrape, model, seconds) in [
            ("", json!({"expr": "a"}), 15),
            ("1s", json!({"expr": "a", "maxDataPoints": 10_000}), 1),
            ("15s", json!({"expr": "a", "interval": "30s", "maxDataPoints": 1000}), 30),
            ("15s", json!({"expr": "a", "interval": "30s", "maxDataPoints": 1000, "intervalFactor": 2}), 60),
            ("15s", json!({"expr": "a", "interval": "$__rate_interval", "maxDataPoints": 1000}), 60),
            ("15s", json!({"expr": "a", "interval": "$__interval", "maxDataPoints": 15}), 60),
        ] {
            assert_eq!(ready(15, scrape, model.clone()).step, Duration::from_secs(seconds), "{scrape} {model}");
        }
    }

    #[test]
    fn no_step_is_so_short_that_prometheus_would_refuse() {
        let ready = ready(7 * 24 * 60, "1s", json!({"expr": "a", "maxDataPoints": 100_000}));

        assert_eq!(ready.step, Duration::from_mins(1));
    }

    #[test]
    fn the_range_begins_and_ends_at_a_step_but_an_instant_is_exact() {
        let ready = ready(15, "15s", json!({"expr": "a", "instant": true}));

        assert_eq!(ready.end, 1_700_000_000 / 15 * 15 * 1_000_000_000);
        assert_eq!(ready.at, 1_700_000_007 * 1_000_000_000);
        assert!(ready.instant && !ready.range);
    }

    #[test]
    fn an_interval_that_is_none_is_told() {
        let model = json!({"expr": "a", "interval": "soon"});

        let error = Ready::new(&Query::new(model, TimeRange { from: 0, to: 1 }), "15s").unwrap_err();

        assert_eq!(error, "time: invalid duration \"soon\"");
    }
}
