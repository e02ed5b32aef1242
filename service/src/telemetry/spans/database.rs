//! A call to Qdrant or Redis, as the database conventions have it.

use std::{borrow::Cow, marker::PhantomData, time::Duration};

use opentelemetry::{KeyValue, trace::SpanKind};

use super::Any;
use crate::{
    clients::Endpoint,
    telemetry::{
        Operation, Outcome, Prepared, Recorder, interned, metrics::KnownHistogram, names::attribute,
        scratch::with_attributes,
    },
};

/// Every call of one kind: the same attributes, on the span and on the measurement.
pub(crate) struct DatabaseCall {
    name: &'static str,
    attributes: Prepared,
    succeeded: KnownHistogram<f64>,
}

/// A call whose result is a `T`.
pub(crate) struct Database<T> {
    call: &'static DatabaseCall,
    output: PhantomData<fn() -> T>,
}

impl DatabaseCall {
    /// A call of Qdrant: `query rag_documents`. `collection` is `None` for calls about the server.
    ///
    /// Kept for good: for a client's own use, one a kind.
    pub(crate) fn qdrant(operation: &'static str, collection: Option<&str>, server: &Endpoint) -> &'static Self {
        let name = collection.map_or_else(|| operation.to_owned(), |collection| format!("{operation} {collection}"));
        let collection = collection.map(|name| KeyValue::new(attribute::DB_COLLECTION_NAME, interned(name)));
        Self::new("qdrant", &name, operation, server, collection)
    }

    /// A command of Redis. Its name alone: keys are unbounded, and they are made from questions.
    ///
    /// Kept for good, as above.
    pub(crate) fn redis(command: &'static str, database: &str, server: &Endpoint) -> &'static Self {
        let database = KeyValue::new(attribute::DB_NAMESPACE, interned(database));
        Self::new("redis", command, command, server, Some(database))
    }

    fn new(
        system: &'static str,
        name: &str,
        operation: &'static str,
        server: &Endpoint,
        more: Option<KeyValue>,
    ) -> &'static Self {
        let mut attributes = vec![
            KeyValue::new(attribute::DB_SYSTEM_NAME, system),
            KeyValue::new(attribute::DB_OPERATION_NAME, operation),
        ];
        attributes.extend(server.attributes());
        attributes.extend(more);
        let attributes = Prepared::new(attributes);
        Box::leak(Box::new(Self { name: interned(name), attributes, succeeded: KnownHistogram::default() }))
    }
}

impl<T> Database<T> {
    pub(crate) fn new(call: &'static DatabaseCall) -> Self {
        Self { call, output: PhantomData }
    }
}

impl<T: 'static> Operation for Database<T> {
    type Output = T;

    fn take(&mut self) -> Any {
        Any::Database(Database::new(self.call))
    }

    fn name(&self) -> Cow<'static, str> {
        self.call.name.into()
    }

    fn kind(&self) -> SpanKind {
        SpanKind::Client
    }

    fn prepared(&self) -> Option<&'static Prepared> {
        Some(&self.call.attributes)
    }

    fn end(&mut self, outcome: &Outcome, elapsed: Duration, to: &Recorder<'_>) {
        if let Outcome::Succeeded = outcome {
            to.metrics.database.succeeded(&self.call.succeeded, elapsed, self.call.attributes.list());
            return;
        }
        let status = match outcome {
            Outcome::Failed(failure) => failure.response_status.clone(),
            Outcome::Succeeded | Outcome::Abandoned(_) => None,
        };
        with_attributes(|labels| {
            labels.extend_from_slice(self.call.attributes.list());
            if let Some(status) = status {
                let status = KeyValue::new(attribute::DB_RESPONSE_STATUS_CODE, status);
                to.set(|attributes| attributes.push(status.clone()));
                labels.push(status);
            }
            labels.extend(outcome.error_type().map(|error_type| KeyValue::new(attribute::ERROR_TYPE, error_type)));
            to.metrics.database.operation(elapsed, labels);
        });
    }

    fn abandoned_as(&self) -> Option<&'static str> {
        Some("cancelled")
    }
}
