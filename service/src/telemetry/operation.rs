//! An operation that is observed: it starts a span, and ends it exactly once, with what became of it.
//!
//! While it runs it is its span's ids and what it keeps by itself; what it says is written later, together with others
//! ([`HeldBack`]).

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
use otlp_inline::HeldBack;

use super::{
    AttributeList, Prepared, Telemetry,
    clock::Moment,
    current::{Current, Entered, Within},
    exemplars,
    handle::Active,
    metrics::Metrics,
    names::attribute,
    spans::Any,
    tracer::{Described, Description, Ending, OpenSpan},
};
use crate::pipeline::Stage;

/// One kind of span: its name, its attributes, and the measurements that go with it.
pub(crate) trait Operation: Sized + Send + Sync + 'static {
    /// What the operation gives when it succeeds.
    type Output;

    /// The span's name.
    fn name(&self) -> Cow<'static, str>;

    /// The span's kind.
    fn kind(&self) -> SpanKind {
        SpanKind::Internal
    }

    /// What of it is told later, to lie beside others until then. Nothing is asked of what is left.
    fn take(&mut self) -> Any;

    /// All attributes known at the start, where they are always the same.
    fn prepared(&self) -> Option<&'static Prepared> {
        None
    }

    /// Adds the attributes known at the start, where they are not prepared.
    fn start(&self, _: &mut AttributeList) {}

    /// Called at the end, if it succeeded: keeps what is to be told of the output, and no more. What is left is done later.
    fn note(&mut self, _: &Self::Output) {}

    /// Called once, after the end: adds the attributes known only then, and records the measurements. Not at once, and not
    /// on the thread that the operation ended on.
    ///
    /// The error type and the error status are there already.
    fn end(&mut self, outcome: &Outcome, elapsed: Duration, to: &Recorder<'_>);

    /// The error type of an operation that was given up, if that is an error in the eyes of its caller.
    ///
    /// A call to a dependency that was cancelled is one (as in gRPC's conventions); a stage of ours is none.
    fn abandoned_as(&self) -> Option<&'static str> {
        None
    }
}

/// What became of an operation.
pub(crate) enum Outcome {
    Succeeded,
    Failed(Box<Failed>),
    /// Dropped before its end: the client left, or the shutdown cut it off. Carries what [`Operation::abandoned_as`] says.
    Abandoned(Option<&'static str>),
}

/// What is told of a failure.
pub(crate) struct Failed {
    error_type: Cow<'static, str>,
    text: String,
    pub(crate) stage: Option<Stage>,
    pub(crate) response_status: Option<Cow<'static, str>>,
}

impl Outcome {
    fn failed(failure: &dyn Failure) -> Self {
        Self::Failed(Box::new(Failed {
            error_type: failure.error_type(),
            text: failure.to_string(),
            stage: failure.stage(),
            response_status: failure.response_status(),
        }))
    }

    /// The `error.type` of the span and of its metric: one source, so that they are the same.
    pub(crate) fn error_type(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Succeeded => None,
            Self::Failed(failed) => Some(failed.error_type.clone()),
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
    /// `None`: nobody keeps it.
    span: Option<&'a RefCell<Ending>>,
    pub(crate) metrics: &'a Metrics,
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
///
/// `None` when telemetry is off, and after the end.
pub(crate) struct Running<O: Operation>(Option<Started<O>>);

struct Started<O> {
    head: Head,
    operation: O,
}

/// An operation that has ended, until it is written.
///
/// All that is the same for every operation is done with one whose type is forgotten: there are a dozen types, each runs
/// once a request, and code that is fetched from memory for it costs more than to run it. They lie side by side, in the order
/// of their ends, for the same reason.
pub(super) struct Over {
    active: &'static Active,
    span: OpenSpan,
    /// When it started and when it ended, in nanoseconds since 1970. What is between is by the steady clock ([`Moment`]).
    started: u64,
    ended: u64,
    outcome: Outcome,
    operation: Any,
}

/// Three cache lines: it is written in the middle of a request, and read when it is in no cache any more.
const _: () = assert!(size_of::<Over>() <= 192);

/// What has ended, but is not written yet.
pub(super) type EndedOperations = HeldBack<Over>;

/// Operations that are written together: those of about twenty requests, which takes some 200 µs.
const TOGETHER: usize = 256;

pub(super) fn ended_operations() -> EndedOperations {
    HeldBack::new(TOGETHER, Over::write)
}

struct Head {
    active: &'static Active,
    span: OpenSpan,
    since: Moment,
}

/// What is asked of an operation without knowing what it gives.
pub(crate) trait Told: Described + Send + Sync {
    fn tell(&mut self, outcome: &Outcome, elapsed: Duration, to: &Recorder<'_>);
}

impl<O: Operation> Told for O {
    fn tell(&mut self, outcome: &Outcome, elapsed: Duration, to: &Recorder<'_>) {
        self.end(outcome, elapsed, to);
    }
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
        Running(self.active().map(|active| {
            let head = Head::start(active, parent, &operation);
            Started { head, operation }
        }))
    }

    /// Does `work` as an operation: under its span, which ends with the result.
    pub(crate) async fn observe<O, T, E>(&self, operation: O, work: impl Future<Output = Result<T, E>>) -> Result<T, E>
    where
        O: Operation<Output = T>,
        E: Failure,
    {
        let mut running = self.start(operation);
        // Where it is, not moved into another future: some are kilobytes.
        let mut work = pin!(work);
        let result = poll_fn(|task| {
            let _current = running.enter();
            work.as_mut().poll(task)
        });
        let result = result.await;
        running.end_with(&result);
        result
    }
}

impl Head {
    #[inline(never)]
    fn start(active: &'static Active, parent: Option<&Current>, operation: &dyn Described) -> Self {
        let since = Moment::now();
        let span = active.tracer.start(parent, since.unix, operation);
        Self { active, span, since }
    }
}

impl Over {
    /// Ends the span, when the operation has added to it what is known only now.
    fn write(&mut self) {
        let Self { active, span, started, ended, outcome, operation } = self;
        let operation = operation.told();
        // Where it is, not moved any more: a list of attributes is half a kilobyte.
        let ending = RefCell::new(Ending { time: *ended, attributes: AttributeList::new(), status: Status::Unset });
        let described = (span.is_recording && active.tracer.tells_at_the_end())
            .then(|| operation.describe(&mut ending.borrow_mut().attributes));
        let to = Recorder { span: span.is_recording.then_some(&ending), metrics: &active.metrics };
        match outcome {
            Outcome::Succeeded | Outcome::Abandoned(None) => {}
            Outcome::Failed(failed) => to.fail(failed.error_type.clone(), std::mem::take(&mut failed.text).into()),
            Outcome::Abandoned(Some(error_type)) => to.fail((*error_type).into(), "given up by the caller".into()),
        }
        // What is measured at the end belongs to the operation's span, not to whoever waits for it.
        let elapsed = Duration::from_nanos(ended.saturating_sub(*started));
        exemplars::measured_in(&span.current.ids(), *ended, || operation.tell(outcome, elapsed, &to));
        if span.is_recording {
            active.tracer.end(span, *started, described, &mut ending.borrow_mut());
        }
    }
}

impl<O: Operation> Running<O> {
    /// Makes the operation's span the current one, until the guard is dropped; nothing if telemetry is off.
    pub(crate) fn enter(&self) -> Option<Entered> {
        self.0.as_ref().map(|started| started.head.span.enter())
    }

    /// Runs a future with the operation's span as the current one at every poll.
    pub(crate) fn within<W: Future>(&self, work: W) -> Within<W> {
        let of = |span: &OpenSpan| (span.current.clone(), span.context.clone());
        Within { work, span: self.0.as_ref().map(|started| of(&started.head.span)) }
    }

    /// The operation itself, to note what becomes known while it runs; `None` if telemetry is off.
    pub(crate) fn operation(&mut self) -> Option<&mut O> {
        self.0.as_mut().map(|started| &mut started.operation)
    }

    #[inline]
    pub(crate) fn finish<E: Failure>(mut self, result: &Result<O::Output, E>) {
        self.end_with(result);
    }

    #[inline]
    fn end_with<E: Failure>(&mut self, result: &Result<O::Output, E>) {
        self.end(result.as_ref().map_err(|failure| -> &dyn Failure { failure }));
    }

    #[inline]
    pub(crate) fn succeed(mut self, output: &O::Output) {
        self.end(Ok(output));
    }

    pub(crate) fn fail(mut self, failure: &dyn Failure) {
        self.end(Err(failure));
    }

    /// Where it lies, not moved: to move what has started is more code than all the rest.
    #[inline]
    fn end(&mut self, result: Result<&O::Output, &dyn Failure>) {
        if let Some(Started { head, operation }) = &mut self.0 {
            match result {
                Ok(output) => {
                    operation.note(output);
                    over(head, Outcome::Succeeded, operation.take());
                }
                Err(failure) => failed(head, failure, operation.take()),
            }
        }
        self.0 = None;
    }

    #[cold]
    fn abandon(&mut self) {
        if let Some(Started { head, operation }) = &mut self.0 {
            over(head, Outcome::Abandoned(operation.abandoned_as()), operation.take());
        }
    }
}

impl<O: Operation> Drop for Running<O> {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            self.abandon();
        }
    }
}

/// Ends an operation, which may be told later.
#[inline(never)]
fn over(head: &mut Head, outcome: Outcome, operation: Any) {
    let Head { active, span, since } = head;
    let over = Over { active, span: span.take(), started: since.unix, ended: since.then(), outcome, operation };
    if active.tracer.tells_at_the_end() {
        active.held_back.take(over);
    } else {
        write_now(over);
    }
}

#[cold]
fn failed(head: &mut Head, failure: &dyn Failure, operation: Any) {
    over(head, Outcome::failed(failure), operation);
}

/// The SDK's spans end when they do.
#[cold]
fn write_now(mut over: Over) {
    over.write();
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::telemetry::{
        ExpositionFormat,
        support::{Sink, Work, providers},
    };

    #[tokio::test(flavor = "multi_thread")]
    async fn what_has_ended_is_written_for_a_flush_and_for_a_scrape() {
        let (sink, work) = (Sink::default(), Work::default());
        let providers = providers(&sink, &[]);
        let telemetry = providers.telemetry();

        telemetry.start(work.clone()).succeed(&());
        assert_eq!(work.written(), 0, "held back");
        providers.flush();
        assert_eq!((work.written(), sink.requests()), (1, 1));

        drop(telemetry.start(work.clone()));
        assert_eq!(work.written(), 1, "held back");
        assert!(telemetry.exposition(ExpositionFormat::Text).is_some());
        assert_eq!(work.written(), 2);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_ends_after_the_shutdown_is_written_at_once() {
        let (sink, work) = (Sink::default(), Work::default());
        let providers = providers(&sink, &[]);
        let open = providers.telemetry().start(work.clone());

        providers.telemetry().start(work.clone()).succeed(&());
        providers.shutdown(Duration::from_secs(5));
        assert_eq!((work.written(), sink.requests()), (1, 1));
        open.succeed(&());

        assert_eq!(work.written(), 2, "its span is lost, and counted, as after any shutdown");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn spans_that_are_objects_end_when_they_do() {
        let work = Work::default();
        let providers = providers(&Sink::default(), &[("TELEMETRY_PIPELINE", "sdk")]);

        providers.telemetry().start(work.clone()).succeed(&());

        assert_eq!(work.written(), 1);
    }
}
