//! Finished spans as trees, for assertions.

use std::fmt::Write as _;

use opentelemetry::{
    Value,
    trace::{SpanId, SpanKind, Status},
};
use opentelemetry_sdk::trace::SpanData;

pub(crate) struct Trees {
    spans: Vec<SpanData>,
}

impl Trees {
    pub(crate) fn new(spans: Vec<SpanData>) -> Self {
        Self { spans }
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(crate) fn all(&self) -> &[SpanData] {
        &self.spans
    }

    /// One line a span, children indented under their parents in the order of their start; `!` marks an error.
    pub(crate) fn outline(&self) -> String {
        let local = |id: SpanId| self.spans.iter().any(|span| span.span_context.span_id() == id);
        let mut text = String::new();
        for root in self.sorted(|span| !local(span.parent_span_id)) {
            self.write(&mut text, root, 0);
        }
        text
    }

    fn write(&self, text: &mut String, span: &SpanData, depth: usize) {
        let kind = match span.span_kind {
            SpanKind::Server => " SERVER",
            SpanKind::Client => " CLIENT",
            _ => "",
        };
        let error = if matches!(span.status, Status::Error { .. }) { " !" } else { "" };
        writeln!(text, "{}{}{kind}{error}", "  ".repeat(depth), span.name).unwrap();
        for child in self.sorted(|other| other.parent_span_id == span.span_context.span_id()) {
            self.write(text, child, depth + 1);
        }
    }

    fn sorted(&self, keep: impl Fn(&SpanData) -> bool) -> Vec<&SpanData> {
        let mut spans: Vec<&SpanData> = self.spans.iter().filter(|span| keep(span)).collect();
        spans.sort_by_key(|span| span.start_time);
        spans
    }

    #[track_caller]
    pub(crate) fn span(&self, name: &str) -> &SpanData {
        self.spans
            .iter()
            .find(|span| span.name == name)
            .unwrap_or_else(|| panic!("no span `{name}` among\n{}", self.outline()))
    }

    /// The attributes of a span as sorted `key=value` lines.
    #[track_caller]
    pub(crate) fn attributes(&self, name: &str) -> Vec<String> {
        attributes(self.span(name))
    }
}

/// Shows the type: strings are quoted, doubles have a point.
pub(crate) fn attributes(span: &SpanData) -> Vec<String> {
    let mut lines: Vec<String> = span
        .attributes
        .iter()
        .map(|attribute| match &attribute.value {
            Value::String(text) => format!("{}=\"{text}\"", attribute.key),
            Value::F64(number) => format!("{}={number:?}", attribute.key),
            other => format!("{}={other}", attribute.key),
        })
        .collect();
    lines.sort();
    lines
}

/// Of one key, as [`attributes`] shows it.
pub(crate) fn attribute(span: &SpanData, key: &str) -> Option<String> {
    let prefix = format!("{key}=");
    attributes(span).into_iter().find_map(|line| Some(line.strip_prefix(&prefix)?.to_owned()))
}

#[track_caller]
pub(crate) fn assert_outline(trees: &Trees, expected: &str) {
    let expected: Vec<&str> = expected.lines().filter(|line| !line.trim().is_empty()).collect();
    let indent = expected[0].len() - expected[0].trim_start().len();
    let expected: Vec<&str> = expected.iter().map(|line| &line[indent..]).collect();
    let expected = expected.join("\n");
    let found = trees.outline();
    assert!(found.trim_end() == expected, "wanted\n{expected}\n\nfound\n{found}");
}
