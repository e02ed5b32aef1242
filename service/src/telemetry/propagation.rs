//! How a context crosses the process boundary.

use opentelemetry::propagation::{Injector, TextMapCompositePropagator, TextMapPropagator};
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};

use crate::config::Propagator;

pub(super) fn propagator(chosen: &[Propagator]) -> TextMapCompositePropagator {
    let propagators = chosen
        .iter()
        .map(|propagator| -> Box<dyn TextMapPropagator + Send + Sync> {
            match propagator {
                Propagator::TraceContext => Box::new(TraceContextPropagator::new()),
                Propagator::Baggage => Box::new(BaggagePropagator::new()),
            }
        })
        .collect();
    TextMapCompositePropagator::new(propagators)
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
