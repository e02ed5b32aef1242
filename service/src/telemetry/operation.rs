//! An operation that is observed: it starts a span, and ends it exactly once, with what became of it.

use std::{
    borrow::Cow,
    fmt::Display,
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use opentelemetry::{
    Context, KeyValue,
    context::{FutureExt as _, WithContext},
    trace::{SpanKind, SpanRef, Status, TraceContextExt as _},
};

use super::{
    Prepared, Telemetry, clock, exemplars, handle::Active, metrics::Metrics, names::attribute,
    scratch::with_attributes, tracer::Attributes,
};
use crate::pipeline::Stage;

/// One kind of span: its name, its attributes, and the measurements that go with it.
pub(crate) trait Operation: Send + Sync + 'static {
    /// What the operation gives when it succeeds.
    type Output;

    /// The span's name.
    fn name(&self) -> Cow<'static, str>;

    /// The span's kind.
    fn kind(&self) -> SpanKind {
        SpanKind::Internal
    }

    /// All attributes known at the start, where they are always the same.
    fn prepared(&self) -> Option<&'static Prepared> {
        None
    }

    /// Adds the attributes known at the start, where they are not prepared.
    fn start(&self, _: &mut Vec<KeyValue>) {}

    /// Called once, at the end: adds the attributes known only now, and records the measurements.
    ///
    /// The error type and the error status are there already.
    fn end(&mut self, outcome: &Outcome<'_, Self::Output>, elapsed: Duration, to: &Recorder<'_>);

    /// The error type of an operation that was given up, if that is an error in the eyes of its caller.
    ///
    /// A call to a dependency that was cancelled is one (as in gRPC's conventions); a stage of ours is none.
    fn abandoned_as(&self) -> Option<&'static str> {
        None
    }
}

/// What became of an operation.
pub(crate) enum Outcome<'a, T> {
    Succeeded(&'a T),
    Failed(&'a dyn Failure),
    /// Dropped before its end: the client left, or the shutdown cut it off. Carries what [`Operation::abandoned_as`] says.
    Abandoned(Option<&'static str>),
}

impl<T> Outcome<'_, T> {
    /// The `error.type` of the span and of its metric: one source, so that they are the same.
    pub(crate) fn error_type(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Succeeded(_) => None,
            Self::Failed(failure) => Some(failure.error_type()),
            Self::Abandoned(error_type) => error_type.map(Cow::Borrowed),
        }
    }
}

/// An error that can stand in telemetry: its text holds nothing that came from outside.
pub(crate) trait Failure: Display {
    /// A class of errors, of which there are few.
    fn error_type(&self) -> Cow<'static, str>;

    /// The stage of the pipeline that failed.
    fn stage(&self) -> Option<Stage> {
        None
    }

    /// The status a database answered with.
    fn response_status(&self) -> Option<Cow<'static, str>> {
        None
    }
}

/// Where an ending operation writes to.
pub(crate) struct Recorder<'a> {
    span: SpanRef<'a>,
    pub(crate) metrics: &'a Metrics,
    pub(crate) capture_content: bool,
}

impl Recorder<'_> {
    /// Sets attributes, which are made only if somebody keeps them.
    pub(crate) fn set<I: IntoIterator<Item = KeyValue>>(&self, attributes: impl FnOnce() -> I) {
        if self.span.is_recording() {
            self.span.set_attributes(attributes());
        }
    }

    /// Marks the span as failed.
    pub(crate) fn fail(&self, error_type: Cow<'static, str>, description: impl Into<Cow<'static, str>>) {
        if self.span.is_recording() {
            self.span.set_attribute(KeyValue::new(attribute::ERROR_TYPE, error_type));
            self.span.set_status(Status::error(description));
        }
    }
}

/// A started operation. Dropping it ends it as abandoned.
pub(crate) struct Running<O: Operation> {
    /// `None` when telemetry is off, and after the end.
    live: Option<Live<O>>,
}

struct Live<O> {
    active: Arc<Active>,
    operation: O,
    context: Context,
    started: Instant,
    time: SystemTime,
}

impl Telemetry {
    /// Starts an operation under the current context.
    pub(crate) fn start<O: Operation>(&self, operation: O) -> Running<O> {
        if self.is_enabled() { self.start_under(&Context::current(), operation) } else { Running { live: None } }
    }

    /// Starts an operation under a given context.
    pub(crate) fn start_under<O: Operation>(&self, parent: &Context, operation: O) -> Running<O> {
        let Some(active) = self.active() else { return Running { live: None } };
        let (started, time) = clock::now();
        let start = |attributes: Attributes<'_>| {
            active.tracer.start(operation.name(), operation.kind(), time, attributes, parent)
        };
        let context = match operation.prepared() {
            Some(prepared) => start(Attributes::Prepared(prepared)),
            None => with_attributes(|attributes| {
                operation.start(attributes);
                start(Attributes::Listed(attributes))
            }),
        };
        Running { live: Some(Live { active: Arc::clone(active), operation, context, started, time }) }
    }

    /// Does `work` as an operation: under its span, which ends with the result.
    pub(crate) async fn observe<O, T, E>(&self, operation: O, work: impl Future<Output = Result<T, E>>) -> Result<T, E>
    where
        O: Operation<Output = T>,
        E: Failure,
    {
        if !self.is_enabled() {
            return work.await;
        }
        let running = self.start(operation);
        let context = running.context();
        // Where it is, not moved into another future: some are kilobytes.
        let mut work = pin!(work);
        let result = poll_fn(|task| {
            let _current = context.clone().attach();
            work.as_mut().poll(task)
        });
        let result = result.await;
        running.finish(&result);
        result
    }
}

impl<O: Operation> Running<O> {
    /// The context with this operation's span in it.
    pub(crate) fn context(&self) -> Context {
        self.live.as_ref().map_or_else(Context::current, |live| live.context.clone())
    }

    /// Runs a future, or a stream, with this operation's span as the current one at every poll.
    pub(crate) fn within<W>(&self, work: W) -> WithContext<W> {
        work.with_context(self.context())
    }

    /// The operation itself, to note what becomes known while it runs.
    pub(crate) fn operation(&mut self) -> Option<&mut O> {
        self.live.as_mut().map(|live| &mut live.operation)
    }

    pub(crate) fn finish<E: Failure>(self, result: &Result<O::Output, E>) {
        match result {
            Ok(output) => self.succeed(output),
            Err(failure) => self.fail(failure),
        }
    }

    pub(crate) fn succeed(mut self, output: &O::Output) {
        self.end(&Outcome::Succeeded(output));
    }

    pub(crate) fn fail(mut self, failure: &dyn Failure) {
        self.end(&Outcome::Failed(failure));
    }

    fn end(&mut self, outcome: &Outcome<'_, O::Output>) {
        let Some(mut live) = self.live.take() else { return };
        let elapsed = live.started.elapsed();
        let to = Recorder {
            span: live.context.span(),
            metrics: &live.active.metrics,
            capture_content: live.active.capture_content,
        };
        match outcome {
            Outcome::Succeeded(_) | Outcome::Abandoned(None) => {}
            Outcome::Failed(failure) => to.fail(failure.error_type(), failure.to_string()),
            Outcome::Abandoned(Some(error_type)) => to.fail(Cow::Borrowed(error_type), "given up by the caller"),
        }
        // From the steady clock: one that is set back meanwhile would end the span before its start.
        let ended = live.time + elapsed;
        // What is measured at the end belongs to the operation's span, not to whoever waits for it.
        exemplars::measured_in(to.span.span_context(), ended, || live.operation.end(outcome, elapsed, &to));
        to.span.end_with_timestamp(ended);
    }
}

impl<O: Operation> Drop for Running<O> {
    fn drop(&mut self) {
        let error_type = self.live.as_ref().and_then(|live| live.operation.abandoned_as());
        self.end(&Outcome::Abandoned(error_type));
    }
}
