//! Answers, and how each protocol version spells them.

use bytes::{Bytes, BytesMut};
use redis_protocol::error::RedisProtocolError;
use redis_protocol::resp2::types::BytesFrame as Resp2;
use redis_protocol::resp3::types::{BytesFrame as Resp3, VerbatimStringFormat};
use redis_protocol::{resp2, resp3};

/// The protocol version a connection has agreed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Protocol {
    #[default]
    Resp2,
    Resp3,
}

/// An answer to a command.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reply {
    Simple(&'static str),
    /// With its code: `ERR …`.
    Error(String),
    Integer(i64),
    Bulk(Bytes),
    Null,
    Array(Vec<Reply>),
    /// A flat array in RESP2.
    Map(Vec<(&'static str, Reply)>),
    /// Text for people; a bulk string in RESP2.
    Text(String),
}

impl Reply {
    pub(super) const OK: Self = Self::Simple("OK");

    /// An error with the code `ERR`.
    pub(super) fn error(text: impl std::fmt::Display) -> Self {
        Self::Error(format!("ERR {text}"))
    }

    pub(super) fn bulk(text: &str) -> Self {
        Self::Bulk(Bytes::copy_from_slice(text.as_bytes()))
    }

    pub(super) fn count(count: usize) -> Self {
        Self::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// Appends the reply to `output`.
    pub(super) fn encode(self, protocol: Protocol, output: &mut BytesMut) -> Result<(), RedisProtocolError> {
        match protocol {
            Protocol::Resp2 => resp2::encode::extend_encode(output, &self.resp2(), false)?,
            Protocol::Resp3 => resp3::encode::complete::extend_encode(output, &self.resp3(), false)?,
        };
        Ok(())
    }

    fn resp2(self) -> Resp2 {
        match self {
            Self::Simple(text) => Resp2::SimpleString(Bytes::from_static(text.as_bytes())),
            Self::Error(text) => Resp2::Error(text.into()),
            Self::Integer(number) => Resp2::Integer(number),
            Self::Bulk(bytes) => Resp2::BulkString(bytes),
            Self::Null => Resp2::Null,
            Self::Array(items) => Resp2::Array(items.into_iter().map(Self::resp2).collect()),
            Self::Map(pairs) => Resp2::Array(
                pairs.into_iter().flat_map(|(key, value)| [Self::bulk(key).resp2(), value.resp2()]).collect(),
            ),
            Self::Text(text) => Resp2::BulkString(text.into()),
        }
    }

    fn resp3(self) -> Resp3 {
        let attributes = None;
        match self {
            Self::Simple(text) => Resp3::SimpleString { data: Bytes::from_static(text.as_bytes()), attributes },
            Self::Error(text) => Resp3::SimpleError { data: text.into(), attributes },
            Self::Integer(data) => Resp3::Number { data, attributes },
            Self::Bulk(data) => Resp3::BlobString { data, attributes },
            Self::Null => Resp3::Null,
            Self::Array(items) => Resp3::Array { data: items.into_iter().map(Self::resp3).collect(), attributes },
            Self::Map(pairs) => {
                let data = pairs.into_iter().map(|(key, value)| (Self::bulk(key).resp3(), value.resp3())).collect();
                Resp3::Map { data, attributes }
            }
            Self::Text(text) => {
                Resp3::VerbatimString { data: text.into(), format: VerbatimStringFormat::Text, attributes }
            }
        }
    }
}
