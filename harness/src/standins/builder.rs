//! What the builders of stand-ins have in common.

use std::net::SocketAddr;

use super::Faults;
use super::listen::ANYWHERE;
use super::record::{Desk, Recorder};

/// Settings of a stand-in: those every one has, and its own.
#[derive(Debug)]
#[must_use = "a stand-in answers nobody before `run`"]
pub struct Builder<S> {
    pub(super) own: S,
    address: SocketAddr,
    faults: Faults,
    keep_exchanges: bool,
}

impl<S> Builder<S> {
    pub(super) fn new(own: S) -> Self {
        Self { own, address: ANYWHERE, faults: Faults::default(), keep_exchanges: true }
    }

    /// Listens there instead of on a free port of the loopback address; port 0 is any free one.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Shows these faults, which may be shared with other stand-ins; none unless set.
    pub fn with_faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Whether to remember every request (the default). Turn it off under load: memory grows with each.
    pub fn with_exchanges(mut self, keep: bool) -> Self {
        self.keep_exchanges = keep;
        self
    }

    /// Where to listen, where requests will come in, and the stand-in's own settings.
    pub(super) fn open(self) -> (SocketAddr, Desk, S) {
        let desk = Desk { faults: self.faults, recorder: Recorder::new(self.keep_exchanges) };
        (self.address, desk, self.own)
    }
}
