//! Asks the servers behind a stack what arrived of a run.

use crate::backends::{BackEndError, Jaeger, Prometheus};
use crate::capture::arrived::{self, Maker};
use crate::stack::{BackEnds, Origin};

use super::Arrival;

/// Who is to be asked; nobody in an embedded stack. `service_url` is where the service listens, in case the stack does
/// not know what address Prometheus has of it.
pub(super) fn arrival(back_ends: &BackEnds, service_url: &str) -> Result<Arrival, BackEndError> {
    let mut arrival = Arrival::new();
    if let Some(jaeger) = &back_ends.jaeger {
        arrival = arrival.with_jaeger(Jaeger::new(&jaeger.url)?);
    }
    if let Some(prometheus) = &back_ends.prometheus {
        let own = service_url.split_once("://").map_or(service_url, |(_, authority)| authority);
        let address = back_ends.target.as_deref().unwrap_or(own);
        arrival = arrival.with_prometheus(Prometheus::new(&prometheus.url)?, address);
    }
    Ok(arrival)
}

/// What a capture keeps of them.
pub(super) fn names(back_ends: &BackEnds) -> Vec<arrived::BackEnd> {
    let kept = back_ends.iter().map(|back_end| arrived::BackEnd {
        name: back_end.server.name().to_owned(),
        product: back_end.product.clone(),
        version: back_end.version.clone(),
        maker: match back_end.origin {
            Origin::Original => Maker::Original,
            Origin::StandIn => Maker::StandIn,
        },
    });
    kept.collect()
}
