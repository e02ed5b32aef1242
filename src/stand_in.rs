//! `otelgate stand-in`

mod grafana;

use std::io;
use std::net::SocketAddr;

use otelgate_harness::finding::Verdict;
use otelgate_harness::standins::{self, Collector, Counts};

pub(crate) use self::grafana::Options as GrafanaOptions;
use crate::cli::StandIn;
use crate::exit::Failure;
use crate::{interrupt, output};

/// Runs one stand-in until Ctrl-C or SIGTERM.
///
/// It may run for weeks, so nothing of what it is asked is remembered.
pub(crate) async fn run(wanted: &StandIn) -> Result<Option<Verdict>, Failure> {
    let stop = interrupt::interrupted();
    match wanted {
        StandIn::Collector { listen, listen_http } => collector(listen.listen, *listen_http, stop).await?,
        StandIn::Qdrant { listen, listen_rest } => qdrant(listen.listen, *listen_rest, stop).await?,
        StandIn::Redis(listen) => {
            let redis = standins::redis().with_exchanges(false).listen(listen.listen).run();
            let redis = redis.await.map_err(not_started)?;
            tell(&[("redis.url", redis.url())])?;
            stop.await;
        }
        StandIn::Model(listen) => {
            let model = standins::model().with_exchanges(false).listen(listen.listen).run();
            let model = model.await.map_err(not_started)?;
            tell(&[("model.url", model.url())])?;
            stop.await;
        }
        StandIn::Grafana(options) => grafana::run(options, stop).await?,
    }
    Ok(None)
}

async fn collector(grpc: SocketAddr, http: SocketAddr, stop: impl Future) -> Result<(), Failure> {
    let collector = standins::collector().listen(grpc, http).run().await.map_err(not_started)?;
    tell(&[("collector.grpc", collector.grpc_url()), ("collector.http", collector.http_url())])?;
    tokio::select! {
        () = forget(&collector) => {}
        _ = stop => {}
    }
    let Counts { spans, scrapes, logs, refusals } = collector.counts();
    output::write(|out| {
        writeln!(out, "received {spans} spans, {scrapes} exports of metrics, {logs} logs; refused {refusals} requests")
    })
}

/// Throws away what arrives, as soon as it arrives. Ends only if the collector does.
async fn forget(collector: &Collector) {
    let mut changed = collector.changed();
    while changed.changed().await.is_ok() {
        drop(collector.take());
    }
}

async fn qdrant(grpc: SocketAddr, rest: Option<SocketAddr>, stop: impl Future) -> Result<(), Failure> {
    let mut qdrant = standins::qdrant().with_exchanges(false).listen(grpc);
    if let Some(rest) = rest {
        qdrant = qdrant.listen_rest(rest);
    }
    #[cfg(feature = "qdrant-edge")]
    let qdrant = qdrant.with_engine(standins::qdrant::Engine::QdrantEdge);
    let qdrant = qdrant.run().await.map_err(not_started)?;
    tell(&[("qdrant.url", qdrant.url()), ("qdrant.rest", qdrant.rest_url())])?;
    stop.await;
    Ok(())
}

/// Prints where it listens, named like the placeholders of `otelgate.yaml`.
fn tell(addresses: &[(&str, String)]) -> Result<(), Failure> {
    output::addresses(&addresses.iter().map(|(name, url)| ((*name).to_owned(), url.clone())).collect::<Vec<_>>())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn not_started(error: io::Error) -> Failure {
    Failure::Environment(format!("the stand-in cannot start: {error}\nchoose another address; port 0 is any free one"))
}
