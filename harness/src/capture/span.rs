//! A span as OTLP carries it.

use std::fmt;
use std::sync::Arc;

use super::{Attributes, Origin, Str};

/// Prints bytes as lower-case hexadecimal.
fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Reads exactly `N` bytes of hexadecimal, either case.
pub(super) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $size:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; $size]);

        impl $name {
            /// Reads the id from its hexadecimal form, either case.
            #[must_use]
            pub fn from_hex(text: &str) -> Option<Self> {
                unhex(text).map(Self)
            }

            /// Whether the id is all zeros, which W3C Trace Context calls invalid.
            #[must_use]
            pub fn is_zero(&self) -> bool {
                self.0.iter().all(|byte| *byte == 0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                hex(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                hex(&self.0, f)
            }
        }
    };
}

id!(
    /// A trace's id: 16 bytes, shown as 32 hexadecimal digits.
    TraceId, 16
);
id!(
    /// A span's id: 8 bytes, shown as 16 hexadecimal digits.
    SpanId, 8
);

/// What a span stands for, after OTLP's `SpanKind`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SpanKind {
    /// The exporter did not say.
    #[default]
    Unspecified,
    /// Work inside the service.
    Internal,
    /// Answers a request.
    Server,
    /// Makes a request.
    Client,
    /// Hands work to a queue.
    Producer,
    /// Takes work from a queue.
    Consumer,
}

impl SpanKind {
    /// The kind as contracts spell it: `internal`, `server`, …
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// A span's verdict on itself, after OTLP's `StatusCode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StatusCode {
    /// Nothing was said: success, by the conventions.
    #[default]
    Unset,
    /// Said to have succeeded.
    Ok,
    /// Said to have failed.
    Error,
}

impl StatusCode {
    /// The code as contracts spell it: `unset`, `ok`, `error`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}

/// Status code and description.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// The code.
    pub code: StatusCode,
    /// Description; meaningful for errors only, empty otherwise.
    pub message: Str,
}

/// How much a span lost to the SDK's limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Attributes dropped.
    pub attributes: u32,
    /// Events dropped.
    pub events: u32,
    /// Links dropped.
    pub links: u32,
}

/// Something that happened at one moment of a span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    /// Nanoseconds since the Unix epoch.
    pub time: u64,
    /// The event's name.
    pub name: Str,
    /// Its attributes.
    pub attributes: Attributes,
    /// Attributes the SDK dropped for its limits.
    pub dropped_attributes: u32,
}

/// A reference to another span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// The other span's trace.
    pub trace_id: TraceId,
    /// The other span.
    pub span_id: SpanId,
    /// W3C `tracestate` of the other span.
    pub trace_state: Str,
    /// Attributes of the link.
    pub attributes: Attributes,
    /// Attributes the SDK dropped for its limits.
    pub dropped_attributes: u32,
    /// W3C trace flags in the low byte.
    pub flags: u32,
}

/// One span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Span {
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// Its parent; `None` for a root.
    pub parent: Option<SpanId>,
    /// W3C trace flags in the low byte; bits 8 and 9 say whether the parent is remote.
    pub flags: u32,
    /// Its name.
    pub name: Str,
    /// What it stands for.
    pub kind: SpanKind,
    /// Start, in nanoseconds since the Unix epoch.
    pub start: u64,
    /// End, in nanoseconds since the Unix epoch.
    pub end: u64,
    /// Its attributes.
    pub attributes: Attributes,
    /// Its events, in wire order.
    pub events: Vec<Event>,
    /// Its links, in wire order.
    pub links: Vec<Link>,
    /// Its verdict on itself.
    pub status: Status,
    /// W3C `tracestate`.
    pub trace_state: Str,
    /// What it lost to limits.
    pub dropped: Dropped,
    /// Resource and scope.
    pub origin: Arc<Origin>,
}
