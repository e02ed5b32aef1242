//! The API's tracer provider and tracer.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use opentelemetry::{
    Context, InstrumentationScope, KeyValue, SpanId, TraceFlags,
    metrics::Meter,
    trace::{SpanBuilder, SpanContext, SpanKind, TraceContextExt as _},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{IdGenerator, RandomIdGenerator, Sampler, ShouldSample, SpanLimits},
};

use crate::{
    batch::{BatchConfig, Pipeline, WriteHeldBack},
    encode::envelope::{EncodedResource, EncodedScope},
    finished::Begun,
    ids::Ids,
    sampling::{Asked, Following, Sampled, Sampling},
    shards::{shard_of_thread, shards},
    span::{Identity, Span},
    stats::{ExportCounts, Signal, Stats},
    transport::{Otlp, TransportError},
};

/// Gives tracers whose spans are written as OTLP while they happen. Cheap to clone.
///
/// Ends when the last clone and the last tracer are dropped, with what is left exported; better is
/// [`Self::shutdown_with_timeout`], which says within which time.
#[derive(Clone, Debug)]
pub struct TracerProvider(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    sampler: Sampling,
    ids: Ids,
    limits: SpanLimits,
    /// `None`: spans go nowhere.
    pipeline: Option<Arc<Pipeline>>,
    is_shut_down: Arc<AtomicBool>,
    scopes: Mutex<HashMap<InstrumentationScope, Arc<[Arc<Scoped>]>>>,
}

/// A tracer. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tracer {
    /// The same a few times, one for a few threads: every open span holds one, and a count that all threads write would
    /// go to and fro between their processors.
    scoped: Arc<[Arc<Scoped>]>,
    provider: TracerProvider,
    following: Following,
}

/// What the spans of one scope have in common. In cache lines of its own, apart from the count of who holds it.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Scoped {
    scope: Arc<EncodedScope>,
    limits: SpanLimits,
    pipeline: Option<Arc<Pipeline>>,
}

/// Settings of a [`TracerProvider`].
pub struct TracerProviderBuilder {
    otlp: Option<Otlp>,
    resource: Option<Resource>,
    sampler: Sampling,
    ids: Ids,
    limits: SpanLimits,
    batches: BatchConfig,
    meter: Option<Meter>,
    held_back: Option<WriteHeldBack>,
}

impl std::fmt::Debug for TracerProviderBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TracerProviderBuilder").field("batches", &self.batches).finish_non_exhaustive()
    }
}

impl TracerProvider {
    /// Settings for a provider that exports to `otlp`. The rest is the SDK's defaults: its resource, every trace
    /// sampled unless its parent is not, random ids.
    #[must_use]
    pub fn builder(otlp: Otlp) -> TracerProviderBuilder {
        TracerProviderBuilder { otlp: Some(otlp), ..Self::discarding() }
    }

    /// The same for a provider whose spans go nowhere: they have ids, are sampled, and carry their traces on.
    #[must_use]
    pub fn discarding() -> TracerProviderBuilder {
        TracerProviderBuilder {
            otlp: None,
            resource: None,
            sampler: Sampling::Every(Box::new(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))),
            ids: Ids::Random(RandomIdGenerator::default()),
            limits: SpanLimits::default(),
            batches: BatchConfig::default(),
            meter: None,
            held_back: None,
        }
    }

    /// Exports the spans that have ended so far, and waits for it, 5 s at most. Blocks.
    ///
    /// # Errors
    /// If they could not all be exported; those are lost, and counted.
    pub fn force_flush(&self) -> OTelSdkResult {
        self.0.pipeline.as_ref().map_or(Ok(()), |pipeline| pipeline.flush())
    }

    /// Exports what is left, within `limit`, and stops. Blocks. Spans that end later are lost, and counted.
    ///
    /// # Errors
    /// If it was shut down before.
    pub fn shutdown_with_timeout(&self, limit: Duration) -> OTelSdkResult {
        self.0.pipeline.as_ref().map_or(Ok(()), |pipeline| pipeline.shutdown(limit))
    }

    /// What became of the spans so far.
    #[must_use]
    pub fn counts(&self) -> ExportCounts {
        self.0.pipeline.as_ref().map_or_else(ExportCounts::default, |pipeline| pipeline.counts())
    }
}

impl opentelemetry::trace::TracerProvider for TracerProvider {
    type Tracer = Tracer;

    fn tracer_with_scope(&self, scope: InstrumentationScope) -> Tracer {
        let mut known = self.0.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        let scoped = known.entry(scope).or_insert_with_key(|scope| {
            let scope = Arc::new(EncodedScope::new(scope, None));
            let scoped =
                || Scoped { scope: Arc::clone(&scope), limits: self.0.limits, pipeline: self.0.pipeline.clone() };
            (0..shards()).map(|_| Arc::new(scoped())).collect()
        });
        let is_shut_down = Arc::clone(&self.0.is_shut_down);
        let following = Following::new(&self.0.sampler, &self.0.ids, self.0.pipeline.is_some(), is_shut_down);
        Tracer { scoped: Arc::clone(scoped), provider: self.clone(), following }
    }
}

impl TracerProviderBuilder {
    /// What telemetry is from.
    #[must_use]
    pub fn with_resource(mut self, resource: Resource) -> Self {
        self.resource = Some(resource);
        self
    }

    /// Which spans are kept. The sampler is asked about each.
    #[must_use]
    pub fn with_sampler(mut self, sampler: impl Into<Box<dyn ShouldSample>>) -> Self {
        self.sampler = Sampling::Every(sampler.into());
        self
    }

    /// Which traces are kept, of those that begin here; spans with a parent do as it does. What
    /// [`Sampler::parent_based`] decides, without a question for each span.
    #[must_use]
    pub fn with_root_sampler(mut self, sampler: impl Into<Box<dyn ShouldSample>>) -> Self {
        self.sampler = Sampling::Roots(sampler.into());
        self
    }

    /// Which traces are kept, by a sampler that looks at their id alone, as [`Sampler::TraceIdRatioBased`] and
    /// [`Sampler::AlwaysOn`] do: asked about spans that are the first of their trace in this process, whatever is decided
    /// elsewhere. Those under them do as they do, unasked.
    #[must_use]
    pub fn with_trace_id_sampler(mut self, sampler: impl Into<Box<dyn ShouldSample>>) -> Self {
        self.sampler = Sampling::Entries(sampler.into());
        self
    }

    /// No span is kept; they carry their traces on, which no sampler is asked about.
    #[must_use]
    pub fn without_sampling(mut self) -> Self {
        self.sampler = Sampling::Never;
        self
    }

    /// Where ids come from.
    #[must_use]
    pub fn with_id_generator(mut self, ids: impl IdGenerator + 'static) -> Self {
        self.ids = Ids::Given(Box::new(ids));
        self
    }

    /// How much a span may hold.
    #[must_use]
    pub fn with_span_limits(mut self, limits: SpanLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How spans are collected.
    #[must_use]
    pub fn with_batch_config(mut self, batches: BatchConfig) -> Self {
        self.batches = batches;
        self
    }

    /// Where exports and losses are counted, under their conventional names (`otel.sdk.exporter.span.exported`,
    /// `otel.sdk.processor.span.processed`). Without it, [`TracerProvider::counts`] has them still.
    #[must_use]
    pub fn with_meter(mut self, meter: Meter) -> Self {
        self.meter = Some(meter);
        self
    }

    /// For layers that hold spans back to [record](Tracer::record) several together, such as in a
    /// [`HeldBack`](crate::HeldBack): called on the exporter's thread before it gathers what has ended, which it does after
    /// each delay, for a flush and for the shutdown.
    #[must_use]
    pub fn with_held_back(mut self, record: impl Fn() + Send + Sync + 'static) -> Self {
        self.held_back = Some(Box::new(move |_| record()));
        self
    }

    /// Starts the exporter's thread, which connects with the first export.
    ///
    /// # Errors
    /// Settings of the exporter that cannot be used, or a thread that cannot be started.
    pub fn build(self) -> Result<TracerProvider, TransportError> {
        let resource = self.resource.unwrap_or_else(|| Resource::builder().build());
        let pipeline = match self.otlp {
            None => None,
            Some(otlp) => {
                let most = self.batches.max_queue_size;
                let stats = Stats::new(Signal::Traces, self.meter.as_ref(), otlp.protocol, most);
                let resource = EncodedResource::new(&resource);
                Some(Arc::new(Pipeline::start(self.batches, &otlp, resource, stats, self.held_back)?))
            }
        };
        let is_shut_down = pipeline.as_ref().map(|pipeline| pipeline.is_shut_down()).unwrap_or_default();
        Ok(TracerProvider(Arc::new(Shared {
            sampler: self.sampler,
            ids: self.ids,
            limits: self.limits,
            pipeline,
            is_shut_down,
            scopes: Mutex::default(),
        })))
    }
}

impl Shared {
    #[inline]
    fn is_shut_down(&self) -> bool {
        self.is_shut_down.load(Ordering::Relaxed)
    }
}

impl Drop for Shared {
    /// Spans that are open now are lost when they end, and counted.
    fn drop(&mut self) {
        if let Some(pipeline) = &self.pipeline {
            pipeline.end();
        }
    }
}

impl Tracer {
    pub(crate) fn scoped(&self) -> &Arc<Scoped> {
        &self.scoped[shard_of_thread(self.scoped.len())]
    }

    /// Decides whether a span is kept, and gives it its ids. The rest of it is told at its end, to [`Self::record`].
    ///
    /// `parent` is the span around it, or one of another process; without valid ids, a trace begins here.
    #[must_use]
    pub fn begin(&self, parent: &SpanContext, name: &str, kind: &SpanKind, attributes: &[KeyValue]) -> Begun {
        // Samplers want a context, and look whether there is any span in it.
        let context = if *parent == SpanContext::NONE {
            Context::new()
        } else {
            Context::new().with_remote_span_context(parent.clone())
        };
        match self.sample(&Asked { parent: &context, name, kind, attributes, links: &[] }) {
            Sampled::Yes(Identity { context, attributes, .. }) => Begun { context, attributes },
            Sampled::No(context) => Begun { context, attributes: Vec::new() },
        }
    }

    /// The id and the flags of a span under a valid parent with these flags, where no sampler has to be asked. `None`: it has
    /// to be, by [`Self::begin`]. `parent_is_remote`: it is a span of another process.
    #[must_use]
    #[inline]
    pub fn follow(&self, parent: TraceFlags, parent_is_remote: bool) -> Option<(SpanId, TraceFlags)> {
        self.following.follow(parent, parent_is_remote, || self.provider.0.ids.new_span_id())
    }

    /// Whether spans go anywhere, if they are sampled.
    #[must_use]
    pub fn exports(&self) -> bool {
        self.following.exports()
    }

    #[inline]
    fn sample(&self, span: &Asked<'_>) -> Sampled {
        let shared = &*self.provider.0;
        if span.parent.is_telemetry_suppressed() || shared.is_shut_down() {
            return Sampled::No(SpanContext::NONE);
        }
        shared.sampler.decide(&shared.ids, span)
    }
}

impl opentelemetry::trace::Tracer for Tracer {
    type Span = Span;

    fn build_with_context(&self, builder: SpanBuilder, parent_context: &Context) -> Span {
        let SpanBuilder { name, span_kind, start_time, attributes, events, links, .. } = builder;
        let kind = span_kind.unwrap_or(SpanKind::Internal);
        let (attributes, links) = (attributes.unwrap_or_default(), links.unwrap_or_default());
        let asked = Asked { parent: parent_context, name: &name, kind: &kind, attributes: &attributes, links: &links };
        let ids = match self.sample(&asked) {
            Sampled::No(context) => return Span::not_recording(context),
            Sampled::Yes(ids) => ids,
        };
        let time = start_time.unwrap_or_else(opentelemetry::time::now);
        let mut span = Span::start(self.scoped(), ids, name, &kind, time, &attributes);
        span.add_all(events.unwrap_or_default(), links);
        span
    }
}

impl Scoped {
    pub(crate) fn limits(&self) -> &SpanLimits {
        &self.limits
    }

    /// Takes a span that has ended, which `write` appends.
    #[inline]
    pub(crate) fn ended(&self, write: impl FnOnce(&mut Vec<u8>)) {
        if let Some(pipeline) = &self.pipeline {
            pipeline.push(&self.scope, write);
        }
    }
}
