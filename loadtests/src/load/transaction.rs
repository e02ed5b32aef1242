//! What a user of goose does: the next item of its workload, sent, read to its end, noted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use goose::config::GooseConfiguration;
use goose::goose::{
    GooseMethod, GooseRequest, Transaction, TransactionFunction, TransactionResult, goose_method_from_method,
};
use goose::prelude::GooseUser;
use http::HeaderMap;

use super::LoadError;
use super::ledger::{End, Ledger};
use super::traces::Traces;
use crate::workload::{Item, Kind, Seed, Workload};

/// How long a user waits after a request that got no answer: a service that is gone must not be asked a million times.
const PAUSE: Duration = Duration::from_millis(50);

/// What all users of a launch share.
pub(super) struct Shared {
    pub(super) workloads: Vec<Workload>,
    pub(super) seed: Seed,
    pub(super) traces: Traces,
    pub(super) ledger: Ledger,
}

/// Fails if there is a request that goose cannot send.
pub(super) fn sendable(workloads: &[Workload]) -> Result<(), LoadError> {
    for workload in workloads {
        for kind in &workload.kinds {
            if goose_method_from_method(kind.method().clone()).is_err() {
                return Err(LoadError::Usage(format!(
                    "workload `{}`, request `{}`: goose sends no {}; it knows GET, POST, PUT, PATCH, DELETE and HEAD",
                    workload.name,
                    kind.name,
                    kind.method()
                )));
            }
        }
    }
    Ok(())
}

/// Gives a user a client like the harness' own: no proxy, no redirects followed behind the driver's count, no cookies.
pub(super) fn client(goose: &GooseConfiguration) -> Transaction {
    // Goose has checked both by the time a user starts.
    let timeout = goose.timeout.as_deref().and_then(|seconds| seconds.parse().ok());
    let timeout = timeout.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let (timeout, any_certificate) = (timeout.unwrap_or(Duration::from_mins(1)), goose.accept_invalid_certs);
    let function: TransactionFunction = Arc::new(move |user| {
        let builder = otelgate_harness::http::client()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(timeout)
            .danger_accept_invalid_certs(any_certificate);
        Box::pin(async move { user.set_client_builder(builder).await.map_err(Box::new) })
    });
    Transaction::new(function).set_name("client").set_on_start()
}

/// Sends the next item of a workload.
pub(super) fn next_item(shared: Arc<Shared>, workload: usize) -> Transaction {
    let name = shared.workloads[workload].name.clone();
    let function: TransactionFunction = Arc::new(move |user| {
        let shared = Arc::clone(&shared);
        Box::pin(async move { send(user, &shared, workload).await })
    });
    Transaction::new(function).set_name(&name)
}

async fn send(user: &mut GooseUser, shared: &Shared, workload: usize) -> TransactionResult {
    let Shared { workloads, seed, traces, ledger } = shared;
    let begun = ledger.begin(workload);
    let mut item = workloads[workload].item(*seed, begun.0);
    let kind = &workloads[workload].kinds[item.kind];
    if let Some(traceparent) = traces.traceparent(workload, begun.0) {
        item.headers.insert("traceparent", traceparent);
    }
    let from = Instant::now();
    let end = exchange(user, &item, kind).await?;
    ledger.end((workload, item.kind), begun, from.elapsed(), &end);
    if matches!(end, End::Broken(_)) {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Sends an item and reads its answer to the end. An error is the end of the run, not of the request.
async fn exchange(
    user: &mut GooseUser,
    item: &Item,
    kind: &Kind,
) -> Result<End, Box<goose::prelude::TransactionError>> {
    let method = goose_method_from_method(item.method.clone())?;
    let builder = builder(user, method, item)?;
    let request = GooseRequest::builder()
        .method(method)
        .path(item.path.as_str())
        .name(kind.name.as_str())
        .set_request_builder(builder);
    let mut sent = user.request(request.build()).await?;
    let response = match sent.response {
        Ok(response) => response,
        // Goose has noted the failure.
        Err(error) => return Ok(End::Broken(cause(&error))),
    };
    let status = response.status();
    if let Err(error) = response.bytes().await {
        let error = cause(&error);
        user.set_failure(&error, &mut sent.request, None, None).ok();
        return Ok(End::Broken(error));
    }
    if kind.accepts(status) {
        user.set_success(&mut sent.request)?;
        return Ok(End::Good);
    }
    user.set_failure(&format!("status {status}"), &mut sent.request, None, None).ok();
    Ok(End::Bad(status.as_u16()))
}

fn builder(
    user: &GooseUser,
    method: GooseMethod,
    item: &Item,
) -> Result<reqwest::RequestBuilder, Box<goose::prelude::TransactionError>> {
    let headers: HeaderMap = item.headers.clone();
    let builder = user.get_request_builder(&method, &item.path)?.headers(headers);
    Ok(if item.body.is_empty() { builder } else { builder.body(item.body.clone()) })
}

/// What happened, without the URL, so that the same troubles count as one.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "slower than the timeout".to_owned();
    }
    otelgate_harness::http::innermost(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_goose_cannot_send_is_named() {
        let file = "{version: 1, workload: w, requests: [{name: options, request: OPTIONS /}]}";
        let workload = Workload::new(serde_saphyr::from_str(file).unwrap()).unwrap();

        let error = sendable(&[workload]).unwrap_err();

        assert!(error.to_string().contains("request `options`: goose sends no OPTIONS"), "{error}");
    }
}
