//! Labels named in legends and in the templates of alerts.

use std::sync::LazyLock;

use regex::Regex;

static LEGEND: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\{\{\s*(.+?)\s*\}\}").ok());
static ALERT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\$labels\.([A-Za-z_]\w*)").ok());

/// Labels in a legend: `{{model}} p95`.
pub(super) fn labels(legend: &str) -> Vec<&str> {
    found(LEGEND.as_ref(), legend)
}

/// Labels in the text of an alert: `{{ $labels.stage }} fails`.
pub(super) fn alert_labels(text: &str) -> Vec<&str> {
    found(ALERT.as_ref(), text)
}

fn found<'t>(pattern: Option<&Regex>, text: &'t str) -> Vec<&'t str> {
    let Some(pattern) = pattern else { return Vec::new() };
    let all = pattern.captures_iter(text).filter_map(|found| found.get(1));
    all.map(|label| label.as_str()).collect()
}
