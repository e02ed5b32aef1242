//! Which convention a span answers to.

use super::model::SpanConvention;
use super::{common, database, genai, http};
use crate::capture::{Span, SpanKind};

/// How many attributes of a namespace tell a client span whose telling attribute was lost.
const ENOUGH: u32 = 2;

/// How many attributes a span has of each namespace.
#[derive(Default)]
struct Evidence {
    genai: u32,
    database: u32,
    http: u32,
}

impl Evidence {
    fn of(span: &Span) -> Self {
        let mut it = Self::default();
        for (key, _) in &span.attributes {
            // One look at the first letter spares most keys the comparisons.
            match key.as_bytes().first() {
                Some(b'g') if key.starts_with("gen_ai.") => it.genai += 1,
                Some(b'd') if key.starts_with("db.") => it.database += 1,
                Some(b'h') if key.starts_with("http.") => it.http += 1,
                Some(b'u') if key.starts_with("url.") => it.http += 1,
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
    let has = |key| span.attributes.get(key).is_some();
    let may_have_lost = |count| count >= ENOUGH && matches!(span.kind, SpanKind::Client | SpanKind::Server);
    if it.genai > 0 {
        if has("gen_ai.operation.name") {
            // A value of another type is for the engine to find.
            let operation = span.attributes.str("gen_ai.operation.name");
            let calls_a_model = operation.is_none_or(|name| genai::OPERATIONS.contains(&name));
            return calls_a_model.then_some(&genai::CLIENT);
        }
        if may_have_lost(it.genai) && !has("gen_ai.system") {
            return Some(&genai::CLIENT);
        }
    }
    if it.database > 0 && (has("db.system.name") || (may_have_lost(it.database) && !has("db.system"))) {
        return Some(&database::CLIENT);
    }
    if it.http > 0 && (has("http.request.method") || (may_have_lost(it.http) && !has("http.method"))) {
        return http_side(span);
    }
    None
}

fn http_side(span: &Span) -> Option<&'static SpanConvention> {
    let has = |key| span.attributes.get(key).is_some();
    // Only a server knows the route, only a client the whole URL.
    let (route, url) = (has("http.route"), has("url.full"));
    match span.kind {
        SpanKind::Server if !url => Some(&http::SERVER),
        SpanKind::Client if !route => Some(&http::CLIENT),
        _ if route => Some(&http::SERVER),
        _ if url => Some(&http::CLIENT),
        _ if has("url.path") => Some(&http::SERVER),
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
    if let Some(convention) = resolve(span) {
        return convention.knows(key);
    }
    let edge = matches!(span.kind, SpanKind::Client | SpanKind::Server);
    common::ANY_SPAN.contains(&key) || (edge && common::EDGE_SPAN.contains(&key))
}
