//! OTLP over gRPC, by tonic: messages that are encoded already.

use bytes::{Buf as _, BufMut as _, Bytes};
use http::uri::PathAndQuery;
use tonic::{
    Code, Status,
    client::Grpc as Client,
    codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder},
    metadata::MetadataMap,
    transport::{Channel, ClientTlsConfig, Endpoint},
};
use tonic_types::StatusExt as _;

use super::{Attempt, Compression, Message, Otlp, TransportError, rejected};
use crate::stats::Signal;

/// The endpoint, which connects with its first request.
pub(super) struct Connector {
    endpoint: Endpoint,
    path: PathAndQuery,
    metadata: MetadataMap,
    compression: Option<Compression>,
}

pub(super) struct Grpc {
    client: Client<Channel>,
    path: PathAndQuery,
    metadata: MetadataMap,
}

impl Connector {
    pub(super) fn new(otlp: &Otlp, signal: Signal) -> Result<Self, TransportError> {
        let mut endpoint = Endpoint::from_shared(otlp.endpoint.clone()).map_err(|_| TransportError::Endpoint)?;
        if endpoint.uri().scheme_str() == Some("https") {
            endpoint =
                endpoint.tls_config(ClientTlsConfig::new().with_enabled_roots()).map_err(TransportError::Grpc)?;
        }
        let path = PathAndQuery::from_static(match signal {
            Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            Signal::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        });
        let metadata = MetadataMap::from_headers(otlp.headers.clone());
        Ok(Self { endpoint, path, metadata, compression: otlp.compression })
    }

    pub(super) fn connect(self) -> Grpc {
        let mut client = Client::new(self.endpoint.connect_lazy());
        if let Some(Compression::Gzip) = self.compression {
            client = client.send_compressed(CompressionEncoding::Gzip);
        }
        Grpc { client, path: self.path, metadata: self.metadata }
    }
}

impl Grpc {
    pub(super) async fn attempt(&self, message: Message) -> Attempt {
        let mut client = self.client.clone();
        if client.ready().await.is_err() {
            return Attempt::Again(None);
        }
        let mut request = tonic::Request::new(message);
        *request.metadata_mut() = self.metadata.clone();
        match client.unary(request, self.path.clone(), Encoded).await {
            Ok(answer) => Attempt::Taken(rejected(answer.into_inner())),
            Err(status) => failed(&status),
        }
    }
}

/// <https://opentelemetry.io/docs/specs/otlp/#failures>
fn failed(status: &Status) -> Attempt {
    let asked = || status.get_details_retry_info().and_then(|info| info.retry_delay);
    match status.code() {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => Attempt::Again(asked()),
        // Only if the collector says when there will be room again.
        Code::ResourceExhausted => asked().map_or(Attempt::Refused, |delay| Attempt::Again(Some(delay))),
        // tonic's own, for a connection that broke under the request.
        Code::Unknown if std::error::Error::source(status).is_some() => Attempt::Again(None),
        _ => Attempt::Refused,
    }
}

/// Sends what is encoded, gives the answer as it came.
#[derive(Debug, Default)]
struct Encoded;

impl Codec for Encoded {
    type Encode = Message;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Encoded {
    type Item = Message;
    type Error = Status;

    fn encode(&mut self, message: Message, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.reserve(message.length);
        message.parts.into_iter().for_each(|part| out.put(part));
        Ok(())
    }
}

impl Decoder for Encoded {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn only_the_codes_of_the_specification_are_tried_again() {
        for code in 0..=16 {
            let again = matches!(failed(&Status::new(Code::from(code), "")), Attempt::Again(None));
            assert_eq!(again, [1, 4, 10, 11, 14, 15].contains(&code), "{code}");
        }
    }

    #[test]
    fn a_full_collector_is_asked_again_only_when_it_says_when() {
        let delay = Duration::from_secs(7);
        let says = Status::with_error_details(Code::ResourceExhausted, "", ErrorDetails::with_retry_info(Some(delay)));

        assert!(matches!(failed(&says), Attempt::Again(Some(asked)) if asked == delay));
        assert!(matches!(failed(&Status::new(Code::ResourceExhausted, "")), Attempt::Refused));
    }
}
