//! The names of series.

use super::expression::Ready;
use crate::standins::grafana::frame::Labels;

/// The name a series is shown with; empty where the browser makes one from the labels.
pub(super) fn name(ready: &Ready, labels: &Labels) -> String {
    let legend = match ready.legend.as_str() {
        "__auto" if !labels.is_empty() => String::new(),
        "" | "__auto" => metric(labels),
        format => fill(format, labels),
    };
    if legend == "{}" { ready.expression.clone() } else { legend }
}

/// `up{job="api"}`, as Prometheus writes it.
fn metric(labels: &Labels) -> String {
    let name = labels.get("__name__").map_or("", String::as_str);
    let pairs: Vec<String> = labels
        .iter()
        .filter(|(label, _)| *label != "__name__")
        .map(|(label, value)| format!("{label}={value:?}"))
        .collect();
    if pairs.is_empty() && !name.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", pairs.join(", ")) }
}

/// Replaces `{{label}}` by its value, and by nothing if there is no such label.
fn fill(format: &str, labels: &Labels) -> String {
    let mut filled = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((label, tail)) = after.split_once("}}") else { break };
        filled.push_str(before);
        filled.push_str(labels.get(label.trim()).map_or("", String::as_str));
        rest = tail;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::standins::grafana::query::Query;
    use crate::standins::grafana::time_range::TimeRange;

    fn named(format: &str, labels: &[(&str, &str)]) -> String {
        let model = json!({"expr": "sum(up)", "legendFormat": format});
        let ready = Ready::new(&Query::new(model, TimeRange { from: 0, to: 1 }), "").unwrap();
        name(&ready, &labels.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn series_are_named_by_the_legend_or_by_their_labels() {
        let up = [("__name__", "up"), ("job", "api"), ("instance", "a:1")];
        for (format, labels, expected) in [
            ("", &up[..], r#"up{instance="a:1", job="api"}"#),
            ("", &up[..1], "up"),
            ("", &[], "sum(up)"),
            ("__auto", &up[..], ""),
            ("__auto", &[], "sum(up)"),
            ("{{job}} at {{ instance }}", &up[..], "api at a:1"),
            ("p95 {{route}}", &up[..], "p95 "),
            ("p95 {{job", &up[..], "p95 {{job"),
        ] {
            assert_eq!(named(format, labels), expected, "{format:?}");
        }
    }
}
