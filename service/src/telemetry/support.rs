//! What tests of this module share.

use std::{
    borrow::Cow,
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};

use super::{Operation, Outcome, Providers, Recorder, spans::Any};
use crate::config::Config;

/// A collector that takes everything, and counts the requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Sink(Arc<AtomicUsize>);

impl Sink {
    pub(super) fn requests(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl HttpClient for Sink {
    fn send_bytes<'life, 'future>(
        &'life self,
        _: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future,
    {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(Response::new(Bytes::new())) })
    }
}

/// Everything on, exported to `sink`, with these settings besides. Needs a tokio runtime around it.
pub(super) fn providers(sink: &Sink, settings: &[(&'static str, &str)]) -> Providers {
    let mut all = HashMap::from([("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")]);
    all.extend(settings.iter().copied());
    let config = Config::from_source(&all).unwrap();
    let client: Arc<dyn HttpClient> = Arc::new(sink.clone());
    Providers::start_over(&config.telemetry, &client)
}

/// An operation that counts how often it is written.
#[derive(Clone, Default)]
pub(super) struct Work(Arc<AtomicUsize>);

impl Work {
    pub(super) fn written(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Operation for Work {
    type Output = ();

    fn take(&mut self) -> Any {
        Any::Other(Box::new(self.clone()))
    }

    fn name(&self) -> Cow<'static, str> {
        "work".into()
    }

    fn end(&mut self, _: &Outcome, _: Duration, _: &Recorder<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
