//! How a context crosses the process boundary.

use opentelemetry::Context;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapCompositePropagator, TextMapPropagator};
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};

use crate::config::Propagator;

pub(super) fn propagator(chosen: &[Propagator]) -> TextMapCompositePropagator {
    let propagators = chosen
        .iter()
        .map(|propagator| -> Box<dyn TextMapPropagator + Send + Sync> {
            match propagator {
                Propagator::TraceContext => Box::new(StrictTraceContext::default()),
                Propagator::Baggage => Box::new(BaggagePropagator::new()),
            }
        })
        .collect();
    TextMapCompositePropagator::new(propagators)
}

/// W3C Trace Context, read as strictly as its specification asks.
///
/// The SDK's own propagator (0.33.1) continues a trace whose ids are too short: the caller's trace and ours then carry
/// different ids, and our first span has a parent nobody exported.
#[derive(Debug, Default)]
struct StrictTraceContext(TraceContextPropagator);

impl TextMapPropagator for StrictTraceContext {
    fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
        self.0.inject_context(context, injector);
    }

    fn extract_with_context(&self, context: &Context, extractor: &dyn Extractor) -> Context {
        if extractor.get("traceparent").is_some_and(is_traceparent) {
            self.0.extract_with_context(context, extractor)
        } else {
            context.clone()
        }
    }

    fn fields(&self) -> FieldIter<'_> {
        self.0.fields()
    }
}

/// Whether `header` is `version-traceid-parentid-flags` with lower-case hexadecimal fields of 2, 32, 16 and 2 digits,
/// ids other than zero, and nothing behind it in version 00 (<https://www.w3.org/TR/trace-context/#traceparent-header>).
fn is_traceparent(header: &str) -> bool {
    let mut fields = header.splitn(5, '-');
    let mut field = |digits: usize| {
        fields.next().filter(|field| {
            field.len() == digits && field.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        })
    };
    let (Some(version), Some(trace_id), Some(parent_id), Some(_flags)) = (field(2), field(32), field(16), field(2))
    else {
        return false;
    };
    let is_id = |id: &str| id.bytes().any(|byte| byte != b'0');
    version != "ff" && is_id(trace_id) && is_id(parent_id) && (version != "00" || fields.next().is_none())
}

/// Writes into a list of names and values.
pub(super) struct PairInjector<'a>(pub(super) &'a mut Vec<(String, String)>);

impl Injector for PairInjector<'_> {
    /// An empty value says nothing (`tracestate` without members) and is left out.
    fn set(&mut self, key: &str, value: String) {
        if !value.is_empty() {
            self.0.push((key.to_owned(), value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_taken_only_as_the_specification_writes_it() {
        let trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let parent_id = "00f067aa0ba902b7";

        for good in [
            format!("00-{trace_id}-{parent_id}-01"),
            format!("00-{trace_id}-{parent_id}-00"),
            format!("01-{trace_id}-{parent_id}-01-what-a-later-version-adds"),
        ] {
            assert!(is_traceparent(&good), "{good}");
        }
        for bad in [
            String::new(),
            format!("00-{}-{parent_id}-01", &trace_id[1..]),
            format!("00-{trace_id}-{}-01", &parent_id[1..]),
            format!("00-{trace_id}-{parent_id}"),
            format!("00-{trace_id}-{parent_id}-1"),
            format!("00-{trace_id}-{parent_id}-01-more"),
            format!("ff-{trace_id}-{parent_id}-01"),
            format!("00-{}-{parent_id}-01", trace_id.to_uppercase()),
            format!("00-{}-{parent_id}-01", "0".repeat(32)),
            format!("00-{trace_id}-{}-01", "0".repeat(16)),
        ] {
            assert!(!is_traceparent(&bad), "{bad}");
        }
    }
}
