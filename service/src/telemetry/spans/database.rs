//! A call to Qdrant or Redis, as the database conventions have it.

use std::{marker::PhantomData, time::Duration};

use opentelemetry::{
    KeyValue,
    trace::{SpanBuilder, SpanKind},
};

use crate::{
    clients::Endpoint,
    telemetry::{Operation, Outcome, Recorder, names::attribute},
};

/// `db.system.name`.
#[derive(Debug, Clone, Copy)]
enum System {
    Qdrant,
    Redis,
}

/// A call whose result is a `T`.
pub(crate) struct Database<T> {
    name: String,
    attributes: Vec<KeyValue>,
    output: PhantomData<fn() -> T>,
}

impl<T> Database<T> {
    /// A call of Qdrant: `query rag_documents`. `collection` is `None` for calls about the server.
    pub(crate) fn qdrant(operation: &'static str, collection: Option<&str>, server: &Endpoint) -> Self {
        let name = collection.map_or_else(|| operation.to_owned(), |collection| format!("{operation} {collection}"));
        let mut call = Self::new(System::Qdrant, name, operation, server);
        call.attributes.extend(collection.map(|name| KeyValue::new(attribute::DB_COLLECTION_NAME, name.to_owned())));
        call
    }

    /// A command of Redis. Its name alone: keys are unbounded, and they are made from questions.
    pub(crate) fn redis(command: &'static str, database: &str, server: &Endpoint) -> Self {
        let mut call = Self::new(System::Redis, command.to_owned(), command, server);
        call.attributes.push(KeyValue::new(attribute::DB_NAMESPACE, database.to_owned()));
        call
    }

    fn new(system: System, name: String, operation: &'static str, server: &Endpoint) -> Self {
        let system = match system {
            System::Qdrant => "qdrant",
            System::Redis => "redis",
        };
        let mut attributes = vec![
            KeyValue::new(attribute::DB_SYSTEM_NAME, system),
            KeyValue::new(attribute::DB_OPERATION_NAME, operation),
        ];
        attributes.extend(server.attributes());
        Self { name, attributes, output: PhantomData }
    }
}

impl<T: 'static> Operation for Database<T> {
    type Output = T;

    fn builder(&self) -> SpanBuilder {
        SpanBuilder::from_name(self.name.clone()).with_kind(SpanKind::Client).with_attributes(self.attributes.clone())
    }

    fn end(&mut self, outcome: &Outcome<'_, T>, elapsed: Duration, to: &Recorder<'_>) {
        let status = match outcome {
            Outcome::Failed(failure) => failure.response_status(),
            Outcome::Succeeded(_) | Outcome::Abandoned(_) => None,
        };
        let mut labels = std::mem::take(&mut self.attributes);
        if let Some(status) = status {
            let status = KeyValue::new(attribute::DB_RESPONSE_STATUS_CODE, status);
            to.set(|| [status.clone()]);
            labels.push(status);
        }
        labels.extend(outcome.error_type().map(|error_type| KeyValue::new(attribute::ERROR_TYPE, error_type)));
        to.metrics.database.operation(elapsed, &labels);
    }

    fn abandoned_as(&self) -> Option<&'static str> {
        Some("cancelled")
    }
}
