//! What happens to a message that is accepted, whichever way it came.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message;

use super::onward::Sender;
use super::signal::Signal;
use super::store::{Encoding, Received, Store};
use crate::capture::Family;
use crate::capture::otlp::{DecodeError, encode};

/// What every handler needs.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) store: Arc<Store>,
    pub(super) faults: crate::standins::Faults,
    /// Largest message accepted, in bytes after decompression.
    pub(super) max_body_bytes: usize,
    /// Where accepted messages go on to, if anywhere.
    pub(super) onward: Option<Arc<Sender>>,
}

impl Shared {
    /// Reads a message, keeps what it holds, and has it sent on. Nobody waits for that: the client is answered meanwhile.
    pub(super) fn ingest(&self, signal: Signal, encoding: Encoding, body: &Bytes) -> Result<(), DecodeError> {
        let received = self.store.read(signal, encoding, body)?;
        let parcel = self.onward.as_ref().filter(|onward| onward.takes(signal)).map(|onward| {
            let body = match encoding {
                Encoding::Protobuf => body.clone(),
                Encoding::Json => received.to_protobuf(signal),
            };
            (onward, body, received.items(signal))
        });
        if let Some((onward, body, items)) = parcel {
            onward.send(signal, body, items, self.faults.next_named("onward"));
        }
        self.store.keep(received);
        Ok(())
    }
}

impl Received {
    /// How many spans, data points or log records there are.
    fn items(&self, signal: Signal) -> usize {
        match signal {
            Signal::Traces => self.spans.len(),
            Signal::Metrics => {
                let families = self.scrapes.iter().flat_map(|scrape| &scrape.families);
                families.map(|family| family.points.len()).sum()
            }
            Signal::Logs => self.logs.len(),
        }
    }

    fn to_protobuf(&self, signal: Signal) -> Bytes {
        let bytes = match signal {
            Signal::Traces => encode::traces(&self.spans).encode_to_vec(),
            Signal::Metrics => {
                let families: Vec<Family> = self.scrapes.iter().flat_map(|scrape| scrape.families.clone()).collect();
                encode::metrics(&families).encode_to_vec()
            }
            Signal::Logs => encode::logs(&self.logs).encode_to_vec(),
        };
        bytes.into()
    }
}
