//! An HTTP client that keeps what it is given and says that all is well.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
};

use http::{Request, Response};
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_proto::tonic::collector::{logs::v1::ExportLogsServiceRequest, trace::v1::ExportTraceServiceRequest};
use prost::Message as _;

/// Cheap to clone: the clones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sink(Arc<Mutex<Vec<Request<Bytes>>>>);

impl Sink {
    /// The requests so far, which are forgotten.
    pub(crate) fn take(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// As requests of spans.
    pub(crate) fn take_spans(&self) -> Vec<ExportTraceServiceRequest> {
        self.take().into_iter().map(|sent| ExportTraceServiceRequest::decode(sent.into_body()).unwrap()).collect()
    }

    /// As requests of log records.
    pub(crate) fn take_logs(&self) -> Vec<ExportLogsServiceRequest> {
        self.take().into_iter().map(|sent| ExportLogsServiceRequest::decode(sent.into_body()).unwrap()).collect()
    }
}

impl HttpClient for Sink {
    fn send_bytes<'life, 'future>(
        &'life self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future,
    {
        self.0.lock().unwrap().push(request);
        // An empty message says that all of it was accepted.
        Box::pin(async { Ok(Response::new(Bytes::new())) })
    }
}
