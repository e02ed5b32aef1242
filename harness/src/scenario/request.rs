//! Sends one request and reads its answer.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::{Request, TemplateError, TraceMode, Variables};
use crate::capture::{Exchange, Party, SpanId, TraceContext, TraceId};
use crate::clock;

/// Longest time to wait for an answer and for each chunk of it.
const PATIENCE: Duration = Duration::from_mins(1);

/// A request that cannot be sent as written.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    /// A placeholder is wrong.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The request line is not `METHOD /path`.
    #[error("`{0}` is not a method and a path, such as `POST /api/rag`")]
    Line(String),
    /// A header's name or value cannot be sent.
    #[error("header `{0}` cannot be sent: its name or value is not legal HTTP")]
    Header(String),
    /// More than one of `json`, `body` and `body-bytes`.
    #[error("a request has one body: `json`, `body` or `body-bytes`")]
    TwoBodies,
}

/// A request ready to send.
pub(super) struct Prepared {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Option<String>,
    trace: TraceContext,
    leave_after_chunks: Option<usize>,
}

/// Fills the placeholders and chooses the trace ids.
pub(super) fn prepare(request: &Request, variables: &Variables) -> Result<Prepared, RequestError> {
    let line = variables.text(&request.request)?;
    let (method, path) = line
        .split_once(' ')
        .filter(|(_, path)| path.starts_with('/'))
        .ok_or_else(|| RequestError::Line(line.clone()))?;
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| RequestError::Line(line.clone()))?;

    let mut headers = HeaderMap::new();
    let mut set = |name: &str, value: &str| {
        let legal = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
        let (name, value) = legal.ok_or_else(|| RequestError::Header(name.to_owned()))?;
        headers.insert(name, value);
        Ok::<(), RequestError>(())
    };
    let body = match (&request.json, &request.body, request.body_bytes) {
        (None, None, None) => None,
        (Some(json), None, None) => {
            set("content-type", "application/json")?;
            Some(variables.value(json)?.to_string())
        }
        (None, Some(body), None) => {
            set("content-type", "application/json")?;
            Some(variables.text(body)?)
        }
        (None, None, Some(bytes)) => {
            set("content-type", "application/json")?;
            Some("x".repeat(bytes))
        }
        _ => return Err(RequestError::TwoBodies),
    };
    let trace = context(request.trace);
    if let Some(header) = traceparent(&trace) {
        set("traceparent", &header)?;
    }
    for (name, value) in &request.headers {
        set(name, &variables.text(value)?)?;
    }
    Ok(Prepared { method, path: path.to_owned(), headers, body, trace, leave_after_chunks: request.leave_after_chunks })
}

fn context(mode: TraceMode) -> TraceContext {
    let trace_id = TraceId(rand::random()).to_string();
    let span_id = SpanId(rand::random()).to_string();
    match mode {
        TraceMode::Sampled => TraceContext::Sampled { trace_id, span_id },
        TraceMode::Unsampled => TraceContext::Unsampled { trace_id, span_id },
        // The trace id is one digit short, and the rest is legal: only a strict reader refuses it.
        TraceMode::Malformed => TraceContext::Malformed { header: format!("00-{}-{span_id}-01", &trace_id[1..]) },
        TraceMode::None => TraceContext::None,
    }
}

fn traceparent(trace: &TraceContext) -> Option<String> {
    match trace {
        TraceContext::Sampled { trace_id, span_id } => Some(format!("00-{trace_id}-{span_id}-01")),
        TraceContext::Unsampled { trace_id, span_id } => Some(format!("00-{trace_id}-{span_id}-00")),
        TraceContext::Malformed { header } => Some(header.clone()),
        TraceContext::None => None,
    }
}

/// Sends a request and reads the answer to its end, or to where the client is to leave. Failures of the network are
/// part of the exchange: it then has no status.
pub(super) async fn send(client: &reqwest::Client, base: &str, prepared: Prepared) -> Exchange {
    let mut exchange = Exchange {
        by: Party::Driver,
        method: prepared.method.to_string(),
        path: prepared.path.clone(),
        request_headers: text_of(&prepared.headers),
        request_body: prepared.body.clone().unwrap_or_default(),
        trace: Some(prepared.trace),
        start: clock::now(),
        ..Exchange::default()
    };
    let mut builder = client.request(prepared.method, format!("{base}{}", prepared.path)).headers(prepared.headers);
    if let Some(body) = prepared.body {
        builder = builder.body(body);
    }
    match tokio::time::timeout(PATIENCE, builder.send()).await {
        Ok(Ok(response)) => read(response, prepared.leave_after_chunks, &mut exchange).await,
        Ok(Err(error)) => exchange.unmet.push(format!("no answer came: {}", chain(&error))),
        Err(_) => exchange.unmet.push(format!("no answer came within {} s", PATIENCE.as_secs())),
    }
    exchange.end = clock::now();
    exchange
}

async fn read(response: reqwest::Response, leave_after_chunks: Option<usize>, exchange: &mut Exchange) {
    exchange.status = Some(response.status().as_u16());
    exchange.response_headers = text_of(response.headers());
    let mut body = Vec::new();
    let mut chunks = 0;
    let mut stream = response.bytes_stream();
    loop {
        if leave_after_chunks.is_some_and(|limit| chunks >= limit) {
            exchange.left = true;
            break;
        }
        match tokio::time::timeout(PATIENCE, stream.next()).await {
            Ok(None) => break,
            Ok(Some(Ok(chunk))) => {
                body.extend_from_slice(&chunk);
                chunks += 1;
            }
            Ok(Some(Err(error))) => {
                exchange.unmet.push(format!("the answer broke off: {}", chain(&error)));
                break;
            }
            Err(_) => {
                exchange.unmet.push(format!("the answer stalled for {} s", PATIENCE.as_secs()));
                break;
            }
        }
    }
    exchange.response_body = String::from_utf8_lossy(&body).into_owned();
}

fn text_of(headers: &HeaderMap) -> BTreeMap<String, String> {
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

/// An error and what led to it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
