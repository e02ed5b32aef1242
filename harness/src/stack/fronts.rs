//! What the service talks to in every kind of stack: stand-ins in this process, on ports of their own.

use std::collections::BTreeSet;

use tokio::runtime::Handle;

use crate::capture::{Capture, Exchange, Party};
use crate::config::Piece;
use crate::scenario::Given;
use crate::standins::{self, Collector, Fault, Faults, Model, Qdrant, Redis, Refusal};

/// The real servers the stand-ins are in front of. Where there is none, the stand-in answers by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Behind {
    /// OTLP over gRPC, to which everything accepted is sent on.
    pub(super) collector: Option<String>,
    /// Qdrant's gRPC interface.
    pub(super) qdrant: Option<String>,
    /// `redis://…`
    pub(super) redis: Option<String>,
}

/// Running stand-ins. Dropping it stops them.
pub(super) struct Fronts {
    collector: Option<Collector>,
    qdrant: Option<Qdrant>,
    redis: Option<Redis>,
    model: Option<Model>,
}

impl Fronts {
    /// Starts the pieces named. `answer_canary` is a secret the model server puts into every answer; `exchanges` says
    /// whether requests are remembered, `receiver_on` where the OTLP receiver runs, if not here.
    ///
    /// # Errors
    /// If a port cannot be bound.
    pub(super) async fn start(
        pieces: &[Piece],
        answer_canary: Option<&str>,
        exchanges: bool,
        receiver_on: Option<&Handle>,
        behind: Behind,
    ) -> std::io::Result<Self> {
        let wanted: BTreeSet<Piece> = pieces.iter().copied().collect();
        let mut fronts = Self { collector: None, qdrant: None, redis: None, model: None };
        for piece in wanted {
            match piece {
                Piece::Collector => {
                    let front =
                        in_front(standins::collector(), behind.collector.as_ref(), |front, url| front.in_front_of(url));
                    fronts.collector = Some(match receiver_on {
                        // What it starts runs where it was started.
                        Some(elsewhere) => elsewhere.spawn(front.run()).await.map_err(std::io::Error::other)??,
                        None => front.run().await?,
                    });
                }
                Piece::Qdrant => {
                    fronts.qdrant = Some(
                        in_front(standins::qdrant().with_exchanges(exchanges), behind.qdrant.as_ref(), |front, url| {
                            front.in_front_of(url)
                        })
                        .run()
                        .await?,
                    );
                }
                Piece::Redis => {
                    fronts.redis = Some(
                        in_front(standins::redis().with_exchanges(exchanges), behind.redis.as_ref(), |front, url| {
                            front.in_front_of(url)
                        })
                        .run()
                        .await?,
                    );
                }
                Piece::Model => {
                    let mut model = standins::model().with_exchanges(exchanges);
                    if let Some(canary) = answer_canary {
                        model = model.with_answer_suffix(canary);
                    }
                    fronts.model = Some(model.run().await?);
                }
            }
        }
        Ok(fronts)
    }

    /// Where each piece listens, as placeholders: `collector.grpc`, `qdrant.url`.
    pub(super) fn addresses(&self) -> Vec<(&'static str, String)> {
        let mut addresses = Vec::new();
        if let Some(collector) = &self.collector {
            addresses.push(("collector.grpc", collector.grpc_url()));
            addresses.push(("collector.http", collector.http_url()));
        }
        if let Some(qdrant) = &self.qdrant {
            addresses.push(("qdrant.url", qdrant.url()));
        }
        if let Some(redis) = &self.redis {
            addresses.push(("redis.url", redis.url()));
        }
        if let Some(model) = &self.model {
            addresses.push(("model.url", model.url()));
        }
        addresses
    }

    /// The OTLP receiver, if it is part of the fronts.
    pub(super) fn collector(&self) -> Option<&Collector> {
        self.collector.as_ref()
    }

    /// Tells the stand-ins to show these faults.
    ///
    /// # Errors
    /// If a fault is meant for a piece that is not part of the fronts.
    pub(super) fn impose(&self, given: &Given) -> Result<(), String> {
        let pieces: [(&str, Option<&Faults>, &[Fault]); 4] = [
            ("collector", self.collector.as_ref().map(Collector::faults), &given.collector),
            ("qdrant", self.qdrant.as_ref().map(Qdrant::faults), &given.qdrant),
            ("redis", self.redis.as_ref().map(Redis::faults), &given.redis),
            ("model", self.model.as_ref().map(Model::faults), &given.model),
        ];
        for (name, faults, wanted) in pieces {
            match faults {
                Some(faults) => wanted.iter().for_each(|fault| faults.add(fault.clone())),
                None if wanted.is_empty() => {}
                None => return Err(format!("it has faults for `{name}`, which is not in `stack`")),
            }
        }
        Ok(())
    }

    /// Makes all stand-ins well again.
    pub(super) fn heal(&self) {
        let all = [
            self.collector.as_ref().map(Collector::faults),
            self.qdrant.as_ref().map(Qdrant::faults),
            self.redis.as_ref().map(Redis::faults),
            self.model.as_ref().map(Model::faults),
        ];
        all.into_iter().flatten().for_each(Faults::clear);
    }

    /// Requests the service sent to the stand-ins, in the order of their starts.
    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        let mut exchanges = Vec::new();
        exchanges.extend(self.collector.iter().flat_map(Collector::refusals).map(refused));
        exchanges.extend(self.qdrant.iter().flat_map(Qdrant::exchanges));
        exchanges.extend(self.redis.iter().flat_map(Redis::exchanges));
        exchanges.extend(self.model.iter().flat_map(Model::exchanges));
        exchanges.sort_by_key(|exchange| exchange.start);
        exchanges
    }

    /// Moves everything the OTLP receiver has into `capture`.
    pub(super) fn drain_into(&self, capture: &mut Capture) {
        if let Some(collector) = &self.collector {
            let mut received = collector.take();
            capture.spans.append(&mut received.spans);
            capture.scrapes.append(&mut received.scrapes);
            capture.logs.append(&mut received.logs);
        }
    }
}

/// A telemetry request that was refused, as the exchange it was.
fn refused(refusal: Refusal) -> Exchange {
    Exchange {
        by: Party::Collector,
        method: refusal.transport.to_string(),
        start: refusal.when,
        end: refusal.when,
        response_body: refusal.reason,
        ..Exchange::default()
    }
}

/// A stand-in in front of the server that is there, or one that answers by itself.
fn in_front<B>(builder: B, server: Option<&String>, put: impl FnOnce(B, &str) -> B) -> B {
    match server {
        Some(url) => put(builder, url),
        None => builder,
    }
}
