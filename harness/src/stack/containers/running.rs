//! All containers of a run: up, watched, down.

use std::time::Duration;

use futures::future::{FutureExt, select_all, try_join_all};

use super::cleanup::{self, Cleanup};
use super::engine::Engine;
use super::examine::examine;
use super::kept::Kept;
use super::recipe::Recipe;
use super::relay::Relay;
use super::start::{self, Running};
use super::{files, images, network};
use crate::config::Piece;
use crate::stack::back_ends::BackEnds;
use crate::stack::error::What;
use crate::stack::fronts::Behind;
use crate::stack::kind::Server;
use crate::stack::{Down, Order, StackError};

/// Running containers. Dropping it removes them, and everything else the run made in the engine.
pub(in crate::stack) struct Containers {
    engine: Engine,
    run: String,
    running: Vec<Running>,
    relay: Relay,
    back_ends: BackEnds,
    keep: bool,
    cleanup: Cleanup,
}

impl Containers {
    /// Finds out what can be known without starting anything: whether the files are there, and an engine.
    pub(in crate::stack) async fn preflight(order: &Order<'_>) -> Result<(), StackError> {
        files::check(order.back_ends)?;
        Engine::connect(order.environment).await?;
        Ok(())
    }

    /// Starts everything at once and waits until every server is ready.
    pub(in crate::stack) async fn up(order: &Order<'_>) -> Result<Self, StackError> {
        let engine = Engine::connect(order.environment).await?;
        let mut cleanup = Cleanup::new(&engine, order.run, order.lifeline, order.keep);
        let servers = wanted(order);
        let resolved = servers.iter().map(|server| images::resolve(&engine, *server, order.environment, order.pulling));
        let resolved = async { try_join_all(resolved).await.map_err(StackError::from) };
        // An image that is not there is known before anything is made.
        let images = resolved.await?;
        let gateway = network::create(&engine, order.run).await?;
        let relay = Relay::at_gateway(gateway).await.map_err(|source| StackError::Relay {
            address: gateway.map_or_else(|| "the loopback address".to_owned(), |gateway| gateway.to_string()),
            source,
        })?;
        let recipes = servers
            .iter()
            .zip(images)
            .map(|(server, image)| Recipe::of(*server, image, order.run, order.back_ends, &relay, order.time_factor));
        let recipes = recipes.collect::<Result<Vec<_>, _>>()?;
        let patience = Duration::from_millis(order.back_ends.ready_within_ms);
        let starts =
            recipes.into_iter().map(|recipe| start::start(&engine, order.run, recipe, order.back_ends, patience));
        let running = try_join_all(starts).await?;
        cleanup.settled = true;
        let back_ends = describe(&running, &relay, order);
        Ok(Self { engine, run: order.run.to_owned(), running, relay, back_ends, keep: order.keep, cleanup })
    }

    pub(in crate::stack) fn behind(&self) -> Behind {
        let url = |server| self.of(server).map(|running| running.back_end.url.clone());
        Behind {
            collector: self.of(Server::Jaeger).and_then(|jaeger| jaeger.otlp.clone()),
            qdrant: url(Server::Qdrant),
            redis: url(Server::Redis),
        }
    }

    pub(in crate::stack) fn back_ends(&self) -> &BackEnds {
        &self.back_ends
    }

    pub(in crate::stack) fn relay(&self) -> &Relay {
        &self.relay
    }

    /// Completes when one of them ends.
    pub(in crate::stack) async fn ended(&self) -> StackError {
        if self.running.is_empty() {
            return std::future::pending().await;
        }
        let endings = self.running.iter().map(|running| start::ended(&self.engine, &running.recipe.container).boxed());
        let ((), which, _) = select_all(endings).await;
        examine(&self.engine, &self.running[which].recipe, What::EndedDuringRun).await
    }

    /// Removes everything, or says how to.
    pub(in crate::stack) async fn down(mut self) -> Down {
        if self.keep {
            self.cleanup.disarm();
            return Down { kept: Some(Kept::of(&self.run, &self.back_ends)), left: None };
        }
        let removed = self.cleanup.now().await;
        let left = removed.err().map(|message| StackError::Left { message, remove: cleanup::command(&self.run) });
        Down { kept: None, left }
    }

    fn of(&self, server: Server) -> Option<&Running> {
        self.running.iter().find(|running| running.recipe.server == server)
    }
}

/// The servers a configuration has use for.
fn wanted(order: &Order<'_>) -> Vec<Server> {
    let has = |piece: Piece| order.pieces.contains(&piece);
    let all = Server::ALL.into_iter();
    all.filter(|server| match server {
        Server::Jaeger => has(Piece::Collector),
        Server::Qdrant => has(Piece::Qdrant),
        Server::Redis => has(Piece::Redis),
        Server::Prometheus => order.back_ends.prometheus.is_some(),
        Server::Grafana => order.back_ends.grafana.is_some(),
    })
    .collect()
}

fn describe(running: &[Running], relay: &Relay, order: &Order<'_>) -> BackEnds {
    let mut back_ends = BackEnds { target: Some(relay.address.clone()), ..BackEnds::default() };
    for one in running {
        back_ends.set(one.back_end.clone());
    }
    back_ends.login = back_ends.grafana.is_some().then(|| start::login(order.back_ends));
    back_ends
}
