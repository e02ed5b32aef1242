//! Which attributes the semantic conventions give a span, so that a contract need not.

use crate::capture::Span;

/// Roots of the namespaces that the convention packs describe.
const NAMESPACES: &[&str] =
    &["http", "url", "server", "client", "network", "user_agent", "db", "gen_ai", "error", "rpc", "otel", "exception"];

/// Whether a convention knows the attribute `key` on `span`.
///
/// What it answers may depend on the span's kind and on which attributes it has, but not on their values: the
/// answer for one span is reused for others of that kind with the same keys.
pub(super) fn known_attribute(_span: &Span, key: &str) -> bool {
    key.split('.').next().is_some_and(|root| NAMESPACES.contains(&root)) && key.contains('.')
}
