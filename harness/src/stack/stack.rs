//! The one face of all kinds of stacks.

use std::time::Duration;

use super::back_ends::BackEnds;
use super::containers::{Containers, Kept};
use super::error::StackError;
use super::external::External;
use super::fronts::{Behind, Fronts};
use super::kind::StackKind;
use super::order::Order;
use super::scraped::scraped;
use crate::capture::{Capture, Exchange};
use crate::scenario::{Given, Variables};
use crate::standins::Collector;

/// The dependencies of one run. Dropping it stops what it started.
pub struct Stack {
    fronts: Fronts,
    backing: Backing,
    /// What an embedded stack has behind its stand-ins.
    none: BackEnds,
}

/// What there still is of a stack that was stopped: nothing, usually.
#[derive(Debug, Default)]
pub struct Down {
    /// Containers that were left up because that was asked for.
    pub kept: Option<Kept>,
    /// Why something is left although it was to be removed.
    pub left: Option<StackError>,
}

/// What is behind the fronts.
enum Backing {
    Nothing,
    Containers(Box<Containers>),
    External(Box<External>),
}

impl Stack {
    /// Finds out what can be known without starting anything: whether the files are there, and a container engine.
    ///
    /// # Errors
    /// If they are not.
    pub async fn preflight(order: &Order<'_>) -> Result<(), StackError> {
        match order.kind {
            StackKind::Containers => Containers::preflight(order).await,
            // What is to be found is found at once by starting.
            StackKind::Embedded | StackKind::External => Ok(()),
        }
    }

    /// Starts everything and waits until all of it is ready.
    ///
    /// # Errors
    /// If any of it is not; what had been started is then stopped and removed.
    pub async fn start(order: &Order<'_>) -> Result<Self, StackError> {
        let backing = match order.kind {
            StackKind::Embedded => Backing::Nothing,
            StackKind::Containers => Backing::Containers(Box::new(Containers::up(order).await?)),
            StackKind::External => Backing::External(Box::new(External::find(order.external).await?)),
        };
        let behind = match &backing {
            Backing::Nothing => Behind::default(),
            Backing::Containers(containers) => containers.behind(),
            Backing::External(external) => external.behind.clone(),
        };
        let fronts = Fronts::start(order.pieces, order.answer_canary, order.exchanges, order.receiver_on, behind)
            .await
            .map_err(StackError::Front)?;
        Ok(Self { fronts, backing, none: BackEnds::default() })
    }

    /// Which kind it is, for a report.
    pub fn kind(&self) -> StackKind {
        match self.backing {
            Backing::Nothing => StackKind::Embedded,
            Backing::Containers(_) => StackKind::Containers,
            Backing::External(_) => StackKind::External,
        }
    }

    /// The servers behind the stand-ins; none in an embedded stack.
    pub fn back_ends(&self) -> &BackEnds {
        match &self.backing {
            Backing::Nothing => &self.none,
            Backing::Containers(containers) => containers.back_ends(),
            Backing::External(external) => &external.back_ends,
        }
    }

    /// Where each stand-in listens, as placeholders: `collector.grpc`, `qdrant.url`.
    pub fn addresses(&self) -> Vec<(&'static str, String)> {
        self.fronts.addresses()
    }

    /// The OTLP receiver, if it is part of the stack.
    pub fn collector(&self) -> Option<&Collector> {
        self.fronts.collector()
    }

    /// Adds placeholders for all addresses.
    pub fn name_addresses(&self, variables: &mut Variables) {
        for (name, url) in self.addresses() {
            variables.set(name, url);
        }
    }

    /// Says where the service listens, so that Prometheus gets at it.
    pub fn serve(&self, service_url: &str) {
        let relay = match &self.backing {
            Backing::Nothing => None,
            Backing::Containers(containers) => Some(containers.relay()),
            Backing::External(external) => external.relay.as_ref(),
        };
        if let Some(relay) = relay {
            relay.point_at(service_url);
        }
    }

    /// Waits until Prometheus has scraped the service; returns at once if there is no Prometheus.
    ///
    /// # Errors
    /// If it has not after `patience`: with the address it tries and what it says of it.
    pub async fn scraped(&self, patience: Duration) -> Result<(), StackError> {
        scraped(self.back_ends(), 0, patience).await
    }

    /// Waits until Prometheus has a scrape that began after now, and one more; returns at once if there is no Prometheus.
    ///
    /// # Errors
    /// If it has not after `patience`.
    pub async fn scraped_again(&self, patience: Duration) -> Result<(), StackError> {
        // The next one to be finished may have begun before now.
        scraped(self.back_ends(), 3, patience).await
    }

    /// Completes when a server of this stack ends by itself; never, if it started none.
    pub async fn ended(&self) -> StackError {
        match &self.backing {
            Backing::Containers(containers) => containers.ended().await,
            Backing::Nothing | Backing::External(_) => std::future::pending().await,
        }
    }

    /// Tells the stand-ins to show these faults.
    ///
    /// # Errors
    /// If a fault is meant for a piece that is not part of the stack.
    pub fn impose(&self, given: &Given) -> Result<(), String> {
        self.fronts.impose(given)
    }

    /// Makes all stand-ins well again.
    pub fn heal(&self) {
        self.fronts.heal();
    }

    /// Requests the service sent to the stand-ins, in the order of their starts.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.fronts.exchanges()
    }

    /// Moves everything the OTLP receiver has into `capture`.
    pub fn drain_into(&self, capture: &mut Capture) {
        self.fronts.drain_into(capture);
    }

    /// Stops and removes everything that is not to be kept.
    pub async fn down(self) -> Down {
        match self.backing {
            Backing::Containers(containers) => containers.down().await,
            Backing::Nothing | Backing::External(_) => Down::default(),
        }
    }
}
