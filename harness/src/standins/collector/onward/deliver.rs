//! One request, tried until it is accepted, refused or given up.

use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use tokio::time::{Instant, sleep_until, timeout_at};
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use super::sender::Parcel;
use crate::standins::Signal;
use crate::standins::raw::Raw;
use crate::standins::upstream::chain;

/// The pause after the first attempt; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// No pause is longer, so that a back end that comes back is soon found.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Where requests are sent, and how the last attempt failed if none has succeeded since.
pub(super) struct BackEnd {
    channel: Channel,
    url: String,
    failure: Option<String>,
}

impl BackEnd {
    pub(super) fn new(channel: Channel, url: String) -> Self {
        Self { channel, url, failure: None }
    }

    /// Sends a request. Gives how many of its items were lost and why, if any.
    pub(super) async fn deliver(&mut self, parcel: &Parcel) -> Option<(usize, String)> {
        sleep_until(parcel.not_before).await;
        let mut pause = FIRST_PAUSE;
        loop {
            match timeout_at(parcel.deadline, export(&self.channel, parcel)).await {
                Ok(Ok(answer)) => {
                    self.failure = None;
                    return rejected(parcel.signal, &answer, &self.url);
                }
                Ok(Err(status)) => {
                    let failure = format!("{} did not take it: {}", self.url, describe(&status));
                    if !may_retry(&status) {
                        return Some((parcel.items, failure));
                    }
                    self.failure = Some(failure);
                    let wanted = status.get_details_retry_info().and_then(|info| info.retry_delay);
                    let again = Instant::now() + wanted.unwrap_or(pause);
                    if again >= parcel.deadline {
                        return Some((parcel.items, self.given_up()));
                    }
                    sleep_until(again).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(_) => return Some((parcel.items, self.given_up())),
            }
        }
    }

    /// Also a request that had no attempt left, as those before it took all the time, is told why.
    fn given_up(&self) -> String {
        self.failure.clone().unwrap_or_else(|| format!("{} gave no answer in time", self.url))
    }
}

async fn export(channel: &Channel, parcel: &Parcel) -> Result<Bytes, Status> {
    let mut client = Grpc::new(channel.clone());
    // Fails if no connection can be made.
    client.ready().await.map_err(|error| Status::from_error(Box::new(error)))?;
    let path = PathAndQuery::from_static(parcel.signal.grpc_path());
    client.unary(Request::new(parcel.body.clone()), path, Raw).await.map(tonic::Response::into_inner)
}

/// The codes that OTLP calls worth another attempt, and connections that failed.
fn may_retry(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable
        | Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::DataLoss => true,
        Code::ResourceExhausted => status.get_details_retry_info().is_some(),
        // Not a status of the server's, but what tonic makes of a connection that broke under the call.
        _ => std::error::Error::source(status).is_some(),
    }
}

fn describe(status: &Status) -> String {
    match std::error::Error::source(status) {
        Some(source) => chain(source),
        None => format!("{:?}: {}", status.code(), status.message()),
    }
}

/// What an answer says was rejected. An answer that cannot be read says nothing.
fn rejected(signal: Signal, answer: &[u8], url: &str) -> Option<(usize, String)> {
    let (rejected, message) = match signal {
        Signal::Traces => {
            let partial = ExportTraceServiceResponse::decode(answer).ok()?.partial_success?;
            (partial.rejected_spans, partial.error_message)
        }
        Signal::Metrics => {
            let partial = ExportMetricsServiceResponse::decode(answer).ok()?.partial_success?;
            (partial.rejected_data_points, partial.error_message)
        }
        Signal::Logs => {
            let partial = ExportLogsServiceResponse::decode(answer).ok()?.partial_success?;
            (partial.rejected_log_records, partial.error_message)
        }
    };
    let rejected = usize::try_from(rejected).unwrap_or_default();
    // None rejected, with a message: a warning.
    (rejected > 0).then(|| (rejected, format!("{url} rejected a part: {message}")))
}
