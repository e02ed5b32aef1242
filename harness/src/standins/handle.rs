//! The handle of a running stand-in.

use super::Faults;
use super::listen::Listening;
use super::record::Desk;
use crate::capture::Exchange;

/// A running stand-in. Dropping it closes its port and all connections.
#[derive(Debug)]
pub struct StandIn<K> {
    listening: Listening,
    url: String,
    desk: Desk,
    pub(super) own: K,
}

impl<K> StandIn<K> {
    /// `url` says where `listening` is, in the words of its clients.
    pub(super) fn new(listening: Listening, url: String, desk: Desk, own: K) -> Self {
        Self { listening, url, desk, own }
    }

    /// Where clients find it, as the module of the stand-in says.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The faults it is told to show.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.desk.faults
    }

    /// Every request answered so far, in the order in which they ended. What the fields hold the module of the stand-in
    /// says.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.desk.recorder.snapshot()
    }

    /// Connections open now.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.listening.connections()
    }
}
