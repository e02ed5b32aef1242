//! A span that is written as it happens.

use std::{borrow::Cow, cell::RefCell, sync::Arc, time::SystemTime};

use opentelemetry::{
    KeyValue, SpanId,
    trace::{Event, Link, SpanContext, SpanKind, Status},
};
use opentelemetry_sdk::trace::SpanLimits;

use crate::{
    encode::span::{self as encode, Dropped},
    tracer::Scoped,
};

/// A span. Ends when it is dropped, if it has not ended before.
///
/// Its attributes, events and links are encoded when they are given, so that the end is one copy into the buffer of the
/// current thread.
pub struct Span {
    context: SpanContext,
    /// Lent by the thread that started it. In a box, since a span is moved a few times until it lies in its context.
    recording: Option<Box<Recording>>,
}

struct Recording {
    /// Kept until another tracer's span is recorded here: hardly any span counts its tracer in and out.
    tracer: Arc<Scoped>,
    /// The span so far.
    bytes: Vec<u8>,
    name: Cow<'static, str>,
    status: Status,
    attributes: u32,
    events: u32,
    links: u32,
    dropped: Dropped,
}

/// Attributes that are encoded once, for spans that all start with the same ones.
#[derive(Debug, Clone)]
pub struct PreparedAttributes {
    list: Vec<KeyValue>,
    encoded: Vec<u8>,
}

impl PreparedAttributes {
    /// Encodes the attributes.
    #[must_use]
    pub fn new(list: Vec<KeyValue>) -> Self {
        let mut encoded = Vec::new();
        for attribute in &list {
            encode::attribute(&mut encoded, attribute);
        }
        Self { list, encoded }
    }

    /// The attributes.
    #[must_use]
    pub fn list(&self) -> &[KeyValue] {
        &self.list
    }

    pub(crate) fn encoded(&self) -> &[u8] {
        &self.encoded
    }
}

/// Which span it is, and what the sampler added.
pub(crate) struct Identity {
    pub(crate) context: SpanContext,
    pub(crate) parent: SpanId,
    pub(crate) parent_is_remote: bool,
    pub(crate) attributes: Vec<KeyValue>,
}

impl Span {
    /// A span that only carries its context on.
    pub(crate) fn not_recording(context: SpanContext) -> Self {
        Self { context, recording: None }
    }

    pub(crate) fn start(
        tracer: &Arc<Scoped>,
        ids: Identity,
        name: Cow<'static, str>,
        kind: &SpanKind,
        time: SystemTime,
        attributes: &[KeyValue],
    ) -> Self {
        let mut recording = lend(tracer);
        recording.name = name;
        encode::start(&mut recording.bytes, &ids.context, ids.parent, ids.parent_is_remote, kind, encode::nanos(time));
        for attribute in attributes.iter().chain(&ids.attributes) {
            recording.set_attribute(attribute);
        }
        Self { context: ids.context, recording: Some(recording) }
    }

    /// What a builder may have beside attributes.
    pub(crate) fn add_all(&mut self, events: Vec<Event>, links: Vec<Link>) {
        let Some(recording) = &mut self.recording else { return };
        for Event { name, timestamp, attributes, .. } in events {
            recording.add_event(&name, timestamp, &attributes);
        }
        for Link { span_context, attributes, .. } in links {
            recording.add_link(&span_context, &attributes);
        }
    }

    fn end(&mut self, time: SystemTime) {
        let Some(mut recording) = self.recording.take() else { return };
        // One that is recorded without being sampled is for processors, of which there are none here.
        if self.context.is_sampled() {
            encode::end(
                &mut recording.bytes,
                &recording.name,
                &recording.status,
                encode::nanos(time),
                recording.dropped,
            );
            recording.tracer.ended(|out| out.extend_from_slice(&recording.bytes));
        }
        give_back(recording);
    }
}

impl Recording {
    fn new(tracer: &Arc<Scoped>) -> Self {
        Self {
            tracer: Arc::clone(tracer),
            // Enough for a span of a dozen attributes.
            bytes: Vec::with_capacity(512),
            name: Cow::Borrowed(""),
            status: Status::Unset,
            attributes: 0,
            events: 0,
            links: 0,
            dropped: Dropped::default(),
        }
    }

    /// As if it were new.
    fn clear(&mut self) {
        self.bytes.clear();
        self.name = Cow::Borrowed("");
        self.status = Status::Unset;
        (self.attributes, self.events, self.links) = (0, 0, 0);
        self.dropped = Dropped::default();
    }

    fn limits(&self) -> &SpanLimits {
        self.tracer.limits()
    }

    fn set_attribute(&mut self, attribute: &KeyValue) {
        if self.attributes < self.limits().max_attributes_per_span {
            self.attributes += 1;
            encode::attribute(&mut self.bytes, attribute);
        } else {
            self.dropped.attributes += 1;
        }
    }

    fn add_event(&mut self, name: &str, time: SystemTime, attributes: &[KeyValue]) {
        if self.events < self.limits().max_events_per_span {
            self.events += 1;
            let (kept, dropped) = cut(attributes, self.limits().max_attributes_per_event);
            encode::event(&mut self.bytes, name, time, kept, dropped);
        } else {
            self.dropped.events += 1;
        }
    }

    fn add_link(&mut self, to: &SpanContext, attributes: &[KeyValue]) {
        if self.links < self.limits().max_links_per_span {
            self.links += 1;
            let (kept, dropped) = cut(attributes, self.limits().max_attributes_per_link);
            encode::link(&mut self.bytes, to, kept, dropped);
        } else {
            self.dropped.links += 1;
        }
    }
}

/// The first `most` attributes, and how many are more.
fn cut(attributes: &[KeyValue], most: u32) -> (&[KeyValue], u32) {
    let kept = &attributes[..attributes.len().min(most as usize)];
    (kept, u32::try_from(attributes.len() - kept.len()).unwrap_or(u32::MAX))
}

impl opentelemetry::trace::Span for Span {
    fn add_event_with_timestamp<T>(&mut self, name: T, timestamp: SystemTime, attributes: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        if let Some(recording) = &mut self.recording {
            recording.add_event(&name.into(), timestamp, &attributes);
        }
    }

    fn span_context(&self) -> &SpanContext {
        &self.context
    }

    fn is_recording(&self) -> bool {
        self.recording.is_some()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        if let Some(recording) = &mut self.recording {
            recording.set_attribute(&attribute);
        }
    }

    fn set_status(&mut self, status: Status) {
        if let Some(recording) = &mut self.recording
            // The order is the specification's: Ok stays, an error goes before nothing.
            && status > recording.status
        {
            recording.status = status;
        }
    }

    fn update_name<T>(&mut self, new_name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        if let Some(recording) = &mut self.recording {
            recording.name = new_name.into();
        }
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        if let Some(recording) = &mut self.recording {
            recording.add_link(&span_context, &attributes);
        }
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        self.end(timestamp);
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if self.recording.is_some() {
            self.end(opentelemetry::time::now());
        }
    }
}

impl std::fmt::Debug for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Span").field("context", &self.context).finish_non_exhaustive()
    }
}

/// What a thread keeps for its next spans. A request's spans are open at once, so it is more than one.
const KEPT: usize = 64;

/// A buffer that grew beyond this is freed: one huge span is no reason to keep its size for good.
const KEPT_CAPACITY: usize = 4 << 10;

type Recordings = Vec<Box<Recording>>;

thread_local!(static RECORDINGS: RefCell<Recordings> = const { RefCell::new(Vec::new()) });

#[expect(clippy::unnecessary_box_returns, reason = "to move one is to move a pointer")]
fn lend(tracer: &Arc<Scoped>) -> Box<Recording> {
    // A thread that is ending keeps nothing any more.
    let kept = RECORDINGS.try_with(|kept| kept.borrow_mut().pop()).ok().flatten();
    let Some(mut recording) = kept else { return Box::new(Recording::new(tracer)) };
    if !Arc::ptr_eq(&recording.tracer, tracer) {
        recording.tracer = Arc::clone(tracer);
    }
    recording
}

fn give_back(mut recording: Box<Recording>) {
    if recording.bytes.capacity() > KEPT_CAPACITY {
        return;
    }
    recording.clear();
    // As above; what is not kept is freed.
    let _ = RECORDINGS.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        if kept.len() < KEPT {
            kept.push(recording);
        }
    });
}
