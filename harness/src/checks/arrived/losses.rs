//! What Jaeger loses or changes of a span, by its own design.
//!
//! Found by sending one span with everything in it to a Jaeger 2.13 and reading it back (`raw_traces=true`): once with
//! its memory store, which keeps OTLP, once with Badger, which keeps Jaeger's older model, as do Cassandra and
//! Elasticsearch. Everything that is not in this table has to come back unchanged.

/// Which of Jaeger's stores have a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stores {
    /// Every store: it happens before storing, or on the way out.
    All,
    /// Stores of Jaeger's older model: Badger, Cassandra, Elasticsearch. Accepted only where nothing in the run shows
    /// that the store keeps OTLP.
    Model,
    /// Elasticsearch and Cassandra: accepted only where every time is cut like that.
    Microseconds,
}

impl Stores {
    /// The stores' names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Model => "Badger, Cassandra, Elasticsearch",
            Self::Microseconds => "Cassandra, Elasticsearch",
        }
    }
}

/// One loss.
#[derive(Clone, Copy, Debug)]
pub struct Loss {
    /// What is lost.
    pub what: &'static str,
    /// What is there instead.
    pub becomes: &'static str,
    /// Which stores have it.
    pub stores: Stores,
}

/// All losses.
pub const LOSSES: &[Loss] = &[
    Loss { what: "schema URL of resource and scope", becomes: "nothing", stores: Stores::All },
    Loss {
        what: "end of a span that lasts no time, or less",
        becomes: "one nanosecond after its start, with an attribute `@jaeger@warnings`",
        stores: Stores::All,
    },
    Loss {
        what: "`service.name` that is missing, empty or no string",
        becomes: "`missing-service-name`, `empty-service-name` or `service-name-wrong-type`",
        stores: Stores::All,
    },
    Loss { what: "attributes of the scope", becomes: "nothing", stores: Stores::Model },
    Loss { what: "how much the SDK dropped (resource, scope, span, event, link)", becomes: "0", stores: Stores::Model },
    Loss { what: "flags of a span", becomes: "0", stores: Stores::Model },
    Loss {
        what: "trace state, attributes and flags of a link",
        becomes: "an attribute `opentracing.ref_type`",
        stores: Stores::Model,
    },
    Loss {
        what: "attributes that are lists, maps or empty",
        becomes: "strings: JSON text, or the empty string",
        stores: Stores::Model,
    },
    Loss { what: "all but the last of attributes of one key", becomes: "nothing", stores: Stores::Model },
    Loss { what: "nanoseconds below a microsecond", becomes: "0", stores: Stores::Microseconds },
];

/// A position in [`LOSSES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    Schema,
    Duration,
    ServiceName,
    ScopeAttributes,
    Dropped,
    Flags,
    Link,
    Structure,
    Repeated,
    Nanoseconds,
}

impl Row {
    fn loss(self) -> Loss {
        LOSSES[self as usize]
    }
}

/// What the spans of a run show of the store: which losses it does not have.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept(u32);

impl Kept {
    /// Notes that something came back which this loss would have changed.
    pub(super) fn note(&mut self, row: Row) {
        self.0 |= 1 << row as u32;
    }

    fn has(self, row: Row) -> bool {
        self.0 & (1 << row as u32) != 0
    }

    fn keeps_otlp(self) -> bool {
        LOSSES.iter().enumerate().any(|(at, loss)| loss.stores == Stores::Model && self.0 & (1 << at) != 0)
    }

    /// Whether a difference of this kind is the store's design.
    pub(super) fn accepts(self, row: Row) -> bool {
        match row.loss().stores {
            Stores::All => true,
            Stores::Model => !self.keeps_otlp(),
            Stores::Microseconds => !self.keeps_otlp() && !self.has(row),
        }
    }
}
