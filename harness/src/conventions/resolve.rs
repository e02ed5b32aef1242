//! Which convention a span answers to.

use super::model::SpanConvention;
use super::{common, database, genai, http};
use crate::capture::{Span, SpanKind};

/// How many attributes of HTTP or of a URL make an edge span an HTTP one: other protocols have URLs too.
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
/// others of its namespace. Spans of an older version of the conventions answer to none, nor do those of agents and
/// tools, which have conventions of their own.
pub fn resolve(span: &Span) -> Option<&'static SpanConvention> {
    let convention = by_keys(span)?;
    let operation = span.attributes.str("gen_ai.operation.name");
    let is_another = std::ptr::eq(convention, &raw const genai::CLIENT)
        && operation.is_some_and(|name| !genai::OPERATIONS.contains(&name));
    (!is_another).then_some(convention)
}

/// The same without a look at any value.
fn by_keys(span: &Span) -> Option<&'static SpanConvention> {
    let it = Evidence::of(span);
    let has = |key| span.attributes.get(key).is_some();
    if it.genai > 0 && has("gen_ai.operation.name") {
        return Some(&genai::CLIENT);
    }
    if it.database > 0 && has("db.system.name") {
        return Some(&database::CLIENT);
    }
    if it.http > 0 && has("http.request.method") {
        return http_side(span);
    }
    // Nothing tells. At an edge the rest of a namespace does, unless it is that of an older version.
    if !matches!(span.kind, SpanKind::Client | SpanKind::Server) {
        return None;
    }
    match it {
        Evidence { genai: 1.., .. } if !has("gen_ai.system") => Some(&genai::CLIENT),
        Evidence { database: 1.., .. } if !has("db.system") => Some(&database::CLIENT),
        Evidence { http: ENOUGH.., .. } if !has("http.method") => http_side(span),
        _ => None,
    }
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

/// Whether the conventions that apply to `span` name the attribute `key`, required or not. Depends on the span's kind
/// and on the keys of its attributes, not on their values.
pub fn known_attribute(span: &Span, key: &str) -> bool {
    if let Some(convention) = by_keys(span) {
        return convention.knows(key);
    }
    let edge = matches!(span.kind, SpanKind::Client | SpanKind::Server);
    common::ANY_SPAN.contains(&key) || (edge && common::EDGE_SPAN.contains(&key))
}
