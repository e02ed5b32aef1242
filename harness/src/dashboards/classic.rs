//! Reads the classic schema, from Grafana 4's rows to today's panels.

use serde_json::Value as Json;

use super::duration;
use super::json::{integer, list, plain, text, texts, truth};
use super::model::{Annotation, Dashboard, Input, Panel, SourceRef, Target, UnitOverride, Variable, VariableKind};

/// Deepest nesting of rows that is followed; Grafana has one level.
const DEEPEST: usize = 4;

/// The dashboard in `json`, which is an object of the classic schema.
pub(super) fn read(json: &Json, file: &str) -> Dashboard {
    let mut panels = Vec::new();
    add_panels(list(json, "panels"), None, 0, &mut panels);
    // Until schema version 16, rows held the panels.
    for row in list(json, "rows") {
        add_panels(list(row, "panels"), Some(text(row, "title")), 0, &mut panels);
    }
    let templating = json.get("templating").unwrap_or(&Json::Null);
    let annotations = json.get("annotations").unwrap_or(&Json::Null);
    let time = json.get("time").unwrap_or(&Json::Null);
    Dashboard {
        file: file.to_owned(),
        uid: text(json, "uid"),
        title: text(json, "title"),
        range: duration::back_from_now(&text(time, "from")),
        panels,
        variables: list(templating, "list").iter().map(variable).collect(),
        annotations: list(annotations, "list").iter().map(annotation).collect(),
        inputs: list(json, "__inputs")
            .iter()
            .map(|input| Input { name: text(input, "name"), plugin: text(input, "pluginId") })
            .collect(),
        links: list(json, "links").len(),
    }
}

fn add_panels(items: &[Json], row: Option<String>, depth: usize, panels: &mut Vec<Panel>) {
    let mut row = row;
    for item in items.iter().filter(|item| item.is_object()) {
        if text(item, "type") == "row" {
            row = Some(text(item, "title"));
            // A collapsed row holds its panels; an expanded one is followed by them.
            if depth < DEEPEST {
                add_panels(list(item, "panels"), row.clone(), depth + 1, panels);
            }
            continue;
        }
        panels.push(panel(item, row.clone()));
    }
}

fn panel(json: &Json, row: Option<String>) -> Panel {
    let defaults = json.pointer("/fieldConfig/defaults").unwrap_or(&Json::Null);
    let overrides = json.pointer("/fieldConfig").map_or(&[][..], |config| list(config, "overrides"));
    // Graph panels kept the unit at the left axis, single stats at the top.
    let old = json.pointer("/yaxes/0/format").map_or_else(|| text(json, "format"), plain);
    Panel {
        id: integer(json, "id"),
        title: text(json, "title"),
        kind: text(json, "type"),
        row,
        repeat: Some(text(json, "repeat")).filter(|name| !name.is_empty()),
        source: source(json.get("datasource")),
        targets: list(json, "targets").iter().filter(|target| target.is_object()).map(target).collect(),
        unit: Some(text(defaults, "unit")).filter(|unit| !unit.is_empty()).unwrap_or(old),
        overrides: overrides.iter().filter_map(unit_override).collect(),
        transformations: list(json, "transformations").iter().map(|it| text(it, "id")).collect(),
        library: json
            .get("libraryPanel")
            .filter(|library| library.is_object())
            .map(|library| [text(library, "name"), text(library, "uid")].into_iter().find(|name| !name.is_empty()))
            .map(Option::unwrap_or_default),
        interval: text(json, "interval"),
    }
}

/// The unit that an override sets, if it sets one.
pub(super) fn unit_override(json: &Json) -> Option<UnitOverride> {
    let unit = list(json, "properties").iter().find(|property| text(property, "id") == "unit")?;
    let matcher = json.get("matcher").unwrap_or(&Json::Null);
    Some(UnitOverride { matcher: text(matcher, "id"), matches: text(matcher, "options"), unit: text(unit, "value") })
}

/// A query, of a panel or, in the second schema, of a group.
pub(super) fn target(json: &Json) -> Target {
    let known = ["refId", "datasource", "hide", "expr", "legendFormat", "format", "interval", "intervalFactor"];
    let members = json.as_object().into_iter().flatten();
    let expr = text(json, "expr");
    Target {
        more: if expr.is_empty() { json.as_object().cloned().unwrap_or_default() } else { serde_json::Map::new() },
        expr,
        ref_id: text(json, "refId"),
        source: source(json.get("datasource")),
        legend: text(json, "legendFormat"),
        hidden: truth(json, "hide"),
        instant: truth(json, "instant") && !truth(json, "range"),
        format: text(json, "format"),
        interval: text(json, "interval"),
        other_content: members
            .filter(|(key, _)| !known.contains(&key.as_str()))
            .any(|(_, value)| !matches!(value, Json::Null | Json::Bool(_)) && *value != Json::String(String::new())),
    }
}

/// A data source, as any version of Grafana wrote it: absent, null, a name, or an object.
pub(super) fn source(json: Option<&Json>) -> SourceRef {
    match json {
        Some(Json::String(id)) => SourceRef { kind: String::new(), id: id.clone() },
        Some(object @ Json::Object(_)) => {
            let id = [text(object, "uid"), text(object, "name")].into_iter().find(|id| !id.is_empty());
            SourceRef { kind: text(object, "type"), id: id.unwrap_or_default() }
        }
        _ => SourceRef::default(),
    }
}

fn variable(json: &Json) -> Variable {
    let kind = match text(json, "type").as_str() {
        "query" => VariableKind::Query,
        "custom" => VariableKind::Custom,
        "constant" => VariableKind::Constant,
        "interval" => VariableKind::Interval,
        "datasource" => VariableKind::DataSource,
        "adhoc" => VariableKind::AdHoc,
        "textbox" => VariableKind::TextBox,
        _ => VariableKind::Other,
    };
    let query = json.get("query").map(query_text).unwrap_or_default();
    Variable {
        name: text(json, "name"),
        options: options(kind, &query, list(json, "options")),
        kind,
        query,
        source: source(json.get("datasource")),
        current: json.pointer("/current/value").map(texts).unwrap_or_default(),
        regex: text(json, "regex"),
        multi: truth(json, "multi") || truth(json, "includeAll"),
    }
}

/// The query of a variable: a text or, since Grafana 7, an object that holds it.
pub(super) fn query_text(json: &Json) -> String {
    if !json.is_object() {
        return plain(json);
    }
    let query = [text(json, "query"), text(json, "expr"), text(json, "__legacyStringValue")];
    if let Some(query) = query.into_iter().find(|query| !query.is_empty()) {
        return query;
    }
    // The builder of Grafana 10 leaves the text out where it can be made from its fields.
    let (label, metric) = (text(json, "label"), text(json, "metric"));
    match integer(json, "qryType") {
        Some(0) => "label_names()".to_owned(),
        Some(1) if !label.is_empty() && metric.is_empty() => format!("label_values({label})"),
        Some(1) if !label.is_empty() => format!("label_values({metric}, {label})"),
        Some(2) => format!("metrics({metric})"),
        Some(3) => format!("query_result({})", text(json, "varQuery")),
        _ => text(json, "stream"),
    }
}

/// The values of a variable that are written in the file.
pub(super) fn options(kind: VariableKind, query: &str, options: &[Json]) -> Vec<String> {
    if !matches!(kind, VariableKind::Custom | VariableKind::Constant | VariableKind::Interval) {
        return Vec::new();
    }
    if kind == VariableKind::Constant {
        return vec![query.to_owned()];
    }
    let listed: Vec<String> = query
        .split(',')
        // `shown : value`
        .map(|item| item.rsplit_once(" : ").map_or(item, |(_, value)| value).trim().to_owned())
        .filter(|value| !value.is_empty())
        .collect();
    if !listed.is_empty() {
        return listed;
    }
    options
        .iter()
        .flat_map(|option| texts(option.get("value").unwrap_or(&Json::Null)))
        .filter(|value| value != "$__all" && !value.starts_with("$__auto"))
        .collect()
}

fn annotation(json: &Json) -> Annotation {
    Annotation {
        name: text(json, "name"),
        source: source(json.get("datasource")),
        expr: [text(json, "expr"), json.pointer("/target/expr").map(plain).unwrap_or_default()]
            .into_iter()
            .find(|expr| !expr.is_empty())
            .unwrap_or_default(),
        enabled: json.get("enable").is_none() || truth(json, "enable"),
    }
}
