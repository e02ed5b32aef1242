//! Which convention a span answers to.

use super::model::SpanConvention;
use super::{common, database, genai, http};
use crate::capture::{Span, SpanKind};

/// How many attributes of a namespace tell a client span whose telling attribute was lost.
const ENOUGH: u32 = 2;

/// What a span's attributes say of its convention.
#[derive(Default)]
struct Evidence {
    genai: u32,
    database: u32,
    http: u32,
    /// `http.route`: only a server knows it.
    route: bool,
    /// `url.full`: only a client knows it.
    url: bool,
    operation: bool,
    system: bool,
    method: bool,
    /// The span speaks an older version of the conventions.
    old: bool,
}

impl Evidence {
    fn of(span: &Span) -> Self {
        let mut it = Self::default();
        for (key, _) in &span.attributes {
            // One look at the first letter spares most keys the comparisons.
            match key.as_bytes().first() {
                Some(b'g') if key.starts_with("gen_ai.") => {
                    it.genai += 1;
                    it.operation |= **key == *"gen_ai.operation.name";
                    it.old |= **key == *"gen_ai.system";
                }
                Some(b'd') if key.starts_with("db.") => {
                    it.database += 1;
                    it.system |= **key == *"db.system.name";
                    it.old |= **key == *"db.system";
                }
                Some(b'h') if key.starts_with("http.") => {
                    it.http += 1;
                    it.method |= **key == *"http.request.method";
                    it.route |= **key == *"http.route";
                    it.old |= **key == *"http.method";
                }
                Some(b'u') if key.starts_with("url.") => {
                    it.http += 1;
                    it.url |= **key == *"url.full";
                }
                _ => {}
            }
        }
        it
    }
}

/// The convention a span answers to: by its kind and the attribute that tells, or, where that one was lost, by the
/// others of its namespace. Spans of an older version of the conventions answer to none.
pub fn resolve(span: &Span) -> Option<&'static SpanConvention> {
    let it = Evidence::of(span);
    let edge = matches!(span.kind, SpanKind::Client | SpanKind::Server);
    if it.operation {
        let operation = span.attributes.str("gen_ai.operation.name");
        // A value of another type is for the engine to find.
        let calls_a_model = operation.is_none_or(|name| genai::OPERATIONS.contains(&name));
        return calls_a_model.then_some(&genai::CLIENT);
    }
    if it.system {
        return Some(&database::CLIENT);
    }
    if it.method {
        return http_side(span, &it);
    }
    if it.old || !edge {
        return None;
    }
    if it.genai >= ENOUGH {
        Some(&genai::CLIENT)
    } else if it.database >= ENOUGH {
        Some(&database::CLIENT)
    } else if it.http >= ENOUGH {
        http_side(span, &it)
    } else {
        None
    }
}

fn http_side(span: &Span, it: &Evidence) -> Option<&'static SpanConvention> {
    match span.kind {
        SpanKind::Server if !it.url => Some(&http::SERVER),
        SpanKind::Client if !it.route => Some(&http::CLIENT),
        // The kind is wrong, or says nothing: the attributes only one side can know decide.
        _ if it.route => Some(&http::SERVER),
        _ if it.url => Some(&http::CLIENT),
        _ if span.attributes.get("url.path").is_some() => Some(&http::SERVER),
        _ => None,
    }
}

impl SpanConvention {
    /// Whether the convention, or those for every span, name the attribute `key`.
    pub fn knows(&self, key: &str) -> bool {
        self.attributes.iter().any(|rule| rule.key == key)
            || self.prefixes.iter().any(|prefix| key.starts_with(prefix))
            || common::EDGE_SPAN.contains(&key)
            || common::ANY_SPAN.contains(&key)
    }
}

/// Whether the conventions that apply to `span` name the attribute `key`, required or not.
pub fn known_attribute(span: &Span, key: &str) -> bool {
    match resolve(span) {
        Some(convention) => convention.knows(key),
        None => {
            let edge = matches!(span.kind, SpanKind::Client | SpanKind::Server);
            common::ANY_SPAN.contains(&key) || (edge && common::EDGE_SPAN.contains(&key))
        }
    }
}
