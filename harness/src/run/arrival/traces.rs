//! Asks Jaeger.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use rustc_hash::{FxHashMap, FxHashSet};

use super::ask::{Arrival, BETWEEN_LOOKS};
use crate::backends::{BackEndError, Jaeger};
use crate::capture::{Capture, Span, SpanId, TraceId};
use crate::clock;
use crate::eventually::eventually_every;

/// The resource attribute that marks telemetry of a run.
const RUN_ID: &str = "otelgate.run.id";

/// Questions under way at once.
const AT_ONCE: usize = 8;

impl Arrival {
    pub(super) async fn traces_of(&self, jaeger: &Jaeger, capture: &Capture) -> Result<Vec<Span>, BackEndError> {
        let (order, expected) = expected(capture);
        let mut waiting = order.clone();
        let mut stored: FxHashMap<TraceId, Vec<Span>> = FxHashMap::default();
        let look = async || {
            let answers = fetch(jaeger, &waiting).await;
            let answers = match answers {
                Ok(answers) => answers,
                Err(error) if error.is_passing() => return Err(Some(error)),
                Err(error) => return Ok(Err(error)),
            };
            stored.extend(answers);
            waiting.retain(|id| !is_whole(&expected[id], &stored[id]));
            if waiting.is_empty() { Ok(Ok(())) } else { Err(None) }
        };
        match eventually_every(BETWEEN_LOOKS, self.patience, look).await {
            Ok(whole) => whole?,
            // What is missing is for the checks to say.
            Err(timed_out) => timed_out.last.map_or(Ok(()), Err)?,
        }
        let mut order = order;
        for id in others(jaeger, capture).await? {
            if !expected.contains_key(&id) && !order.contains(&id) {
                order.push(id);
                stored.extend(fetch(jaeger, &[id]).await?);
            }
        }
        Ok(order.iter().filter_map(|id| stored.remove(id)).flatten().collect())
    }
}

/// The traces that the receiver has, in the order in which they arrived, and their spans.
fn expected(capture: &Capture) -> (Vec<TraceId>, FxHashMap<TraceId, FxHashSet<SpanId>>) {
    let mut order = Vec::new();
    let mut spans: FxHashMap<TraceId, FxHashSet<SpanId>> = FxHashMap::default();
    for span in &capture.spans {
        let of_trace = spans.entry(span.trace_id).or_insert_with(|| {
            order.push(span.trace_id);
            FxHashSet::default()
        });
        of_trace.insert(span.span_id);
    }
    (order, spans)
}

fn is_whole(expected: &FxHashSet<SpanId>, stored: &[Span]) -> bool {
    let found: FxHashSet<SpanId> = stored.iter().map(|span| span.span_id).collect();
    expected.iter().all(|id| found.contains(id))
}

async fn fetch(jaeger: &Jaeger, ids: &[TraceId]) -> Result<Vec<(TraceId, Vec<Span>)>, BackEndError> {
    let ask = async |id: TraceId| Ok((id, jaeger.trace(id).await?));
    stream::iter(ids.iter().copied().map(ask)).buffer_unordered(AT_ONCE).try_collect().await
}

/// The traces of the run by its id, whether or not the receiver has them.
async fn others(jaeger: &Jaeger, capture: &Capture) -> Result<Vec<TraceId>, BackEndError> {
    let mut services: Vec<&str> = Vec::new();
    for span in &capture.spans {
        let resource = &span.origin.resource.attributes;
        if let Some(service) = resource.str("service.name")
            && resource.str(RUN_ID).is_some_and(|id| id == capture.run.id)
            && !services.contains(&service)
        {
            services.push(service);
        }
    }
    let from = capture.spans.iter().map(|span| span.start).min().unwrap_or(0);
    let from = capture.exchanges.iter().map(|exchange| exchange.start).fold(from, u64::min);
    let mut found = Vec::new();
    for service in services {
        found.extend(jaeger.find(service, (RUN_ID, &capture.run.id), from, clock::now()).await?);
    }
    Ok(found)
}
