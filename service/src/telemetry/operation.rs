//! An operation that is observed: it starts a span, and ends it exactly once, with what became of it.
//!
//! There is a `Running` for each kind of operation, but one `Started` for all, whose functions stay out of line: what a
//! request costs here is decided by how much code it touches, since other processes have had the caches before it.

use std::{
    borrow::Cow,
    cell::RefCell,
    fmt::Display,
    future::{Future, poll_fn},
    pin::pin,
    time::Duration,
};

use opentelemetry::{
    KeyValue,
    trace::{SpanKind, Status},
};

use super::{
    AttributeList, Prepared, Telemetry,
    clock::Moment,
    current::{Current, Entered, Within},
    exemplars,
    handle::Active,
    metrics::Metrics,
    names::attribute,
    tracer::{Described, Description, Ending, OpenSpan},
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
    fn start(&self, _: &mut AttributeList) {}

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

    fn error(&self) -> Option<Error<'_>> {
        match self {
            Self::Succeeded(_) | Self::Abandoned(None) => None,
            Self::Failed(failure) => Some(Error::Failed(*failure)),
            Self::Abandoned(Some(error_type)) => Some(Error::Abandoned(error_type)),
        }
    }
}

/// What the span of an operation that did not succeed says.
#[derive(Clone, Copy)]
enum Error<'a> {
    Failed(&'a dyn Failure),
    Abandoned(&'static str),
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
    /// `None`: nobody keeps it.
    span: Option<&'a RefCell<Ending>>,
    pub(crate) metrics: &'a Metrics,
    pub(crate) capture_content: bool,
}

impl Recorder<'_> {
    /// Sets attributes, which are made only if somebody keeps them.
    pub(crate) fn set(&self, add: impl FnOnce(&mut AttributeList)) {
        if let Some(ending) = self.span {
            add(&mut ending.borrow_mut().attributes);
        }
    }

    /// Marks the span as failed.
    #[cold]
    pub(crate) fn fail(&self, error_type: Cow<'static, str>, description: Cow<'static, str>) {
        if let Some(ending) = self.span {
            let mut ending = ending.borrow_mut();
            ending.attributes.push(KeyValue::new(attribute::ERROR_TYPE, error_type));
            ending.status = Status::error(description);
        }
    }
}

/// A started operation. Dropping it ends it as abandoned.
pub(crate) struct Running<O: Operation> {
    operation: O,
    /// `None` when telemetry is off, and after the end.
    started: Option<Started>,
}

/// What is the same for every kind of operation.
struct Started {
    active: &'static Active,
    span: OpenSpan,
    since: Moment,
}

impl<O: Operation> Described for O {
    fn describe(&self, attributes: &mut AttributeList) -> Description {
        let prepared = self.prepared();
        if prepared.is_none() {
            self.start(attributes);
        }
        Description { name: self.name(), kind: self.kind(), prepared }
    }
}

/// An operation with its outcome, whatever that is of.
trait Ended {
    fn described(&self) -> &dyn Described;
    fn error(&self) -> Option<Error<'_>>;
    fn end(&mut self, elapsed: Duration, to: &Recorder<'_>);
}

struct WithOutcome<'a, O: Operation> {
    operation: &'a mut O,
    outcome: &'a Outcome<'a, O::Output>,
}

impl<O: Operation> Ended for WithOutcome<'_, O> {
    fn described(&self) -> &dyn Described {
        self.operation
    }

    fn error(&self) -> Option<Error<'_>> {
        self.outcome.error()
    }

    fn end(&mut self, elapsed: Duration, to: &Recorder<'_>) {
        self.operation.end(self.outcome, elapsed, to);
    }
}

impl Telemetry {
    /// Starts an operation under the current one.
    pub(crate) fn start<O: Operation>(self, operation: O) -> Running<O> {
        self.start_under_any(None, operation)
    }

    /// Starts an operation under what a request came with.
    pub(crate) fn start_under<O: Operation>(self, parent: &Current, operation: O) -> Running<O> {
        self.start_under_any(Some(parent), operation)
    }

    #[inline]
    fn start_under_any<O: Operation>(self, parent: Option<&Current>, operation: O) -> Running<O> {
        let started = self.active().map(|active| Started::new(active, parent, &operation));
        Running { operation, started }
    }

    /// Does `work` as an operation: under its span, which ends with the result.
    pub(crate) async fn observe<O, T, E>(&self, operation: O, work: impl Future<Output = Result<T, E>>) -> Result<T, E>
    where
        O: Operation<Output = T>,
        E: Failure,
    {
        let running = self.start(operation);
        // Where it is, not moved into another future: some are kilobytes.
        let mut work = pin!(work);
        let result = poll_fn(|task| {
            let _current = running.enter();
            work.as_mut().poll(task)
        });
        let result = result.await;
        running.finish(&result);
        result
    }
}

impl Started {
    /// Under what is current, if there is no `parent`.
    #[inline(never)]
    fn new(active: &'static Active, parent: Option<&Current>, operation: &dyn Described) -> Self {
        let since = Moment::now();
        Self { active, span: active.tracer.start(parent, since.unix, operation), since }
    }

    /// Makes the span the current one.
    fn enter(&self) -> Entered {
        self.span.current.enter(self.span.context.as_ref())
    }

    /// Ends the span, when `operation` has added to it what is known only now.
    #[inline(never)]
    fn end(self, operation: &mut dyn Ended) {
        let Self { active, span, since } = self;
        let (elapsed, time) = since.elapsed();
        // Where it is, not moved any more: a list of attributes is half a kilobyte.
        let ending = RefCell::new(Ending { time, attributes: AttributeList::new(), status: Status::Unset });
        let described = (span.is_recording && active.tracer.tells_at_the_end())
            .then(|| operation.described().describe(&mut ending.borrow_mut().attributes));
        let to = Recorder {
            span: span.is_recording.then_some(&ending),
            metrics: &active.metrics,
            capture_content: active.capture_content,
        };
        match operation.error() {
            None => {}
            Some(Error::Failed(failure)) => to.fail(failure.error_type(), failure.to_string().into()),
            Some(Error::Abandoned(error_type)) => to.fail(error_type.into(), "given up by the caller".into()),
        }
        // What is measured at the end belongs to the operation's span, not to whoever waits for it.
        exemplars::measured_in(&span.current.ids(), time, || operation.end(elapsed, &to));
        if span.is_recording {
            active.tracer.end(&span, since.unix, described, &mut ending.borrow_mut());
        }
    }
}

impl<O: Operation> Running<O> {
    /// Makes the operation's span the current one, until the guard is dropped; nothing if telemetry is off.
    pub(crate) fn enter(&self) -> Option<Entered> {
        self.started.as_ref().map(Started::enter)
    }

    /// Runs a future with the operation's span as the current one at every poll.
    pub(crate) fn within<W: Future>(&self, work: W) -> Within<W> {
        let of = |started: &Started| (started.span.current.clone(), started.span.context.clone());
        Within { work, span: self.started.as_ref().map(of) }
    }

    /// The operation itself, to note what becomes known while it runs; `None` if telemetry is off.
    pub(crate) fn operation(&mut self) -> Option<&mut O> {
        self.started.is_some().then_some(&mut self.operation)
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
        if let Some(started) = self.started.take() {
            started.end(&mut WithOutcome { operation: &mut self.operation, outcome });
        }
    }

    #[cold]
    fn abandon(&mut self) {
        let error_type = self.operation.abandoned_as();
        self.end(&Outcome::Abandoned(error_type));
    }
}

impl<O: Operation> Drop for Running<O> {
    fn drop(&mut self) {
        if self.started.is_some() {
            self.abandon();
        }
    }
}
