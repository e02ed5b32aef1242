//! Runs a query.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::convert::{Answer, examples, frames};
use super::expression::Ready;
use super::{exemplars, legend};
use crate::standins::grafana::frame::{Frame, Meta};
use crate::standins::grafana::number;
use crate::standins::grafana::provisioning::DataSource;
use crate::standins::grafana::query::{Query, QueryError, QueryResult};
use crate::standins::grafana::upstream::{self, Upstream};

/// The longest part of an answer nobody expected that is told.
const MOST_TOLD: usize = 1024;

/// Answers one query: of a point in time, of a range, its exemplars, or all of them.
pub(crate) async fn run(upstream: &Upstream, source: &DataSource, query: &Query) -> QueryResult {
    let ready = match Ready::new(query, source.text("timeInterval")) {
        Ok(ready) => ready,
        Err(error) => return QueryError::plugin(error).into(),
    };
    let mut result = QueryResult { error: None, frames: Some(Vec::new()) };
    let step = number::float(i64::try_from(ready.step.as_millis()).unwrap_or(i64::MAX)) / 1000.0;
    if ready.instant {
        let parameters = [("query", ready.expression.clone()), ("time", seconds(ready.at))];
        add(&mut result, ask(upstream, source, &ready, "api/v1/query", &parameters).await);
    }
    if ready.range {
        let parameters = [
            ("query", ready.expression.clone()),
            ("start", seconds(ready.start)),
            ("end", seconds(ready.end)),
            ("step", step.to_string()),
        ];
        add(&mut result, ask(upstream, source, &ready, "api/v1/query_range", &parameters).await);
    }
    if ready.exemplar {
        match ask_exemplars(upstream, source, &ready).await {
            Ok(frame) => result.frames.get_or_insert_default().extend(frame),
            // As Grafana: without exemplars a panel is still a panel.
            Err(error) => tracing::error!(query = ready.expression, error, "exemplar query failed"),
        }
    }
    result
}

fn add(result: &mut QueryResult, part: QueryResult) {
    if let Some(mut error) = part.error {
        if let Some(before) = &result.error {
            error.text = format!("{} {}", before.text, error.text);
        }
        result.error = Some(error);
    }
    result.frames.get_or_insert_default().extend(part.frames.unwrap_or_default());
}

async fn ask(
    upstream: &Upstream,
    source: &DataSource,
    ready: &Ready,
    path: &str,
    parameters: &[(&str, String)],
) -> QueryResult {
    let answer = match send(upstream, source, path, parameters).await {
        Ok(answer) => answer,
        Err(error) => return QueryError::downstream(error, StatusCode::BAD_GATEWAY.as_u16()).into(),
    };
    let status = answer.status;
    // The ones with which Prometheus sends an answer of its own.
    if !(status.is_success() || matches!(status.as_u16(), 400 | 422 | 503)) {
        let told = String::from_utf8_lossy(&answer.body[..answer.body.len().min(MOST_TOLD)]).into_owned();
        let text = format!("unexpected response with status code {}: {told}", status.as_u16());
        let frames = Some(vec![described(ready, Frame::default(), true)]);
        return QueryResult { error: Some(QueryError::downstream(text, 500)), frames };
    }
    let read = serde_json::from_slice::<Answer>(&answer.body).map_err(|error| error.to_string());
    let (error, mut frames) = match read.and_then(|answer| refused(answer).and_then(frames)) {
        Ok(frames) => (None, frames),
        Err(error) => {
            (Some(QueryError::downstream(error, if status.is_success() { 500 } else { status.as_u16() })), vec![])
        }
    };
    // One that carries what was asked, even if nothing was found.
    if frames.is_empty() && !ready.exemplar {
        frames.push(Frame::default());
    }
    let frames = frames.into_iter().enumerate().map(|(index, frame)| described(ready, frame, index == 0)).collect();
    QueryResult { error, frames: Some(frames) }
}

async fn ask_exemplars(upstream: &Upstream, source: &DataSource, ready: &Ready) -> Result<Option<Frame>, String> {
    let parameters =
        [("query", ready.expression.clone()), ("start", seconds(ready.start)), ("end", seconds(ready.end))];
    let answer = send(upstream, source, "api/v1/query_exemplars", &parameters).await?;
    let answer: Answer = serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
    Ok(exemplars::frame(ready, &examples(refused(answer)?)?))
}

/// Sends a query the way the data source wants it: `POST` unless it says `GET`.
pub(super) async fn send(
    upstream: &Upstream,
    source: &DataSource,
    path: &str,
    parameters: &[(&str, String)],
) -> Result<upstream::Answer, String> {
    let request = if source.text("httpMethod").eq_ignore_ascii_case("get") {
        upstream.request(source, Method::GET, &format!("{path}?{}", upstream::encode(parameters)))
    } else {
        upstream.form(source, path, parameters)
    };
    upstream.send(request).await
}

fn refused(answer: Answer) -> Result<Answer, String> {
    if answer.status == "error" { Err(format!("{}: {}", answer.error_type, answer.error)) } else { Ok(answer) }
}

/// Adds the names of its series, and to the first what was asked.
fn described(ready: &Ready, mut frame: Frame, first: bool) -> Frame {
    let step_ms = u64::try_from(ready.step.as_millis()).unwrap_or(u64::MAX);
    let meta = frame.meta.get_or_insert_with(Meta::default);
    if first {
        meta.executed_query = Some(ready.executed());
        meta.custom.insert("calculatedMinStep".to_owned(), json!(step_ms));
    }
    let heatmap = meta.kind == Some("heatmap-cells");
    if let [time, value, ..] = &mut frame.fields[..] {
        time.config.insert("interval".to_owned(), json!(step_ms));
        let labels = value.labels.clone().unwrap_or_default();
        let name = legend::name(ready, &labels);
        if !name.is_empty() {
            value.config.insert("displayNameFromDS".to_owned(), Value::String(name));
        }
        if let Some(metric) = labels.get("__name__").filter(|_| !heatmap) {
            value.name.clone_from(metric);
        }
    }
    frame
}

/// A time as Prometheus reads it.
fn seconds(nanos: i64) -> String {
    (number::float(nanos.div_euclid(1_000_000)) / 1000.0).to_string()
}
