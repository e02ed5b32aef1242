//! Prometheus rule files.

use std::path::Path;

use serde_json::Value as Json;

use super::json::{list, plain, text};
use super::load::{ToBe, Trouble, text_of};
use super::provisioning::yaml;

/// A rule file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleFile {
    /// The file, as it was named.
    pub file: String,
    /// Its rules, in their order.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// The group it is in.
    pub group: String,
    /// The alert's name, or that of the metric it records.
    pub name: String,
    /// Whether it records a metric; else it alerts.
    pub records: bool,
    /// The expression.
    pub expr: String,
    /// Labels it adds.
    pub labels: Vec<(String, String)>,
    /// Annotations of an alert, and what they say.
    pub annotations: Vec<(String, String)>,
}

/// Reads a rule file.
pub(super) fn read(path: &Path) -> Result<RuleFile, Trouble> {
    parse(&text_of(path, ToBe::Rules)?, &path.display().to_string())
}

/// Reads the rules in `text`; `file` stands for it in findings.
///
/// # Errors
/// If it is not YAML, has no `groups`, or a rule is neither an alert nor a recording.
pub fn parse(text: &str, file: &str) -> Result<RuleFile, Trouble> {
    let json = yaml(text, file, ToBe::Rules)?;
    let trouble =
        |message: String| Trouble { file: file.to_owned(), place: file.to_owned(), message, was_to_be: ToBe::Rules };
    // Kubernetes' PrometheusRule keeps the groups in its `spec`.
    let holder = json.get("spec").unwrap_or(&json);
    if !holder.get("groups").is_some_and(Json::is_array) {
        return Err(trouble("no list `groups`: not a rule file of Prometheus".to_owned()));
    }
    let mut rules = Vec::new();
    for group in list(holder, "groups") {
        let name = self::text(group, "name");
        for (position, rule) in list(group, "rules").iter().enumerate() {
            let read = read_rule(rule, &name)
                .map_err(|message| trouble(format!("group `{name}`, rule {}: {message}", position + 1)))?;
            rules.push(read);
        }
    }
    Ok(RuleFile { file: file.to_owned(), rules })
}

fn read_rule(json: &Json, group: &str) -> Result<Rule, String> {
    let (alert, record) = (text(json, "alert"), text(json, "record"));
    if alert.is_empty() == record.is_empty() {
        return Err("give it either `alert` or `record`".to_owned());
    }
    let pairs = |key: &str| {
        let members = json.get(key).and_then(Json::as_object).into_iter().flatten();
        members.map(|(name, value)| (name.clone(), plain(value))).collect()
    };
    Ok(Rule {
        group: group.to_owned(),
        records: alert.is_empty(),
        name: if alert.is_empty() { record } else { alert },
        expr: text(json, "expr"),
        labels: pairs("labels"),
        annotations: pairs("annotations"),
    })
}
