//! Reads the second schema: `spec.elements` and typed queries.

use serde_json::Value as Json;

use super::classic::{options, query_text, unit_override};
use super::duration;
use super::json::{integer, list, plain, text, texts, truth};
use super::model::{Annotation, Dashboard, Panel, SourceRef, Target, Variable, VariableKind};

/// The dashboard in `spec`; `name` is the resource's, which is the uid.
pub(super) fn read(spec: &Json, name: String, file: &str) -> Dashboard {
    let elements = spec.get("elements").and_then(Json::as_object);
    let time = spec.get("timeSettings").unwrap_or(&Json::Null);
    Dashboard {
        file: file.to_owned(),
        uid: name,
        title: text(spec, "title"),
        range: duration::back_from_now(&text(time, "from")),
        panels: elements.into_iter().flatten().map(|(name, element)| panel(name, element)).collect(),
        variables: list(spec, "variables").iter().map(variable).collect(),
        annotations: list(spec, "annotations").iter().map(annotation).collect(),
        inputs: Vec::new(),
        links: list(spec, "links").len(),
    }
}

fn panel(name: &str, element: &Json) -> Panel {
    let spec = element.get("spec").unwrap_or(&Json::Null);
    let title = Some(text(spec, "title")).filter(|title| !title.is_empty()).unwrap_or_else(|| name.to_owned());
    let library = (text(element, "kind") == "LibraryPanel")
        .then(|| spec.pointer("/libraryPanel/name").map(plain).unwrap_or_default());
    let viz = spec.get("vizConfig").unwrap_or(&Json::Null);
    let group = spec.pointer("/data/spec").unwrap_or(&Json::Null);
    let config = viz.pointer("/spec/fieldConfig").unwrap_or(&Json::Null);
    Panel {
        id: integer(spec, "id"),
        title,
        // `group` names the plugin since the second beta, `kind` before.
        kind: [text(viz, "group"), text(viz, "kind")].into_iter().find(|kind| !kind.is_empty()).unwrap_or_default(),
        targets: list(group, "queries").iter().map(target).collect(),
        unit: config.pointer("/defaults/unit").map(plain).unwrap_or_default(),
        overrides: list(config, "overrides").iter().filter_map(unit_override).collect(),
        transformations: list(group, "transformations").iter().map(transformation).collect(),
        library,
        interval: group.pointer("/queryOptions/interval").map(plain).unwrap_or_default(),
        ..Panel::default()
    }
}

fn transformation(json: &Json) -> String {
    [text(json, "group"), json.pointer("/spec/id").map(plain).unwrap_or_default(), text(json, "kind")]
        .into_iter()
        .find(|id| !id.is_empty())
        .unwrap_or_default()
}

fn target(json: &Json) -> Target {
    let spec = json.get("spec").unwrap_or(&Json::Null);
    let query = spec.get("query").unwrap_or(&Json::Null);
    let inner = super::classic::target(query.get("spec").unwrap_or(&Json::Null));
    Target { ref_id: text(spec, "refId"), hidden: truth(spec, "hidden"), source: source(spec, query), ..inner }
}

/// Where a query goes: `query.datasource.name` and `query.group` since the second beta, `datasource` and `query.kind`
/// before.
fn source(spec: &Json, query: &Json) -> SourceRef {
    let old = super::classic::source(spec.get("datasource"));
    let named = query.pointer("/datasource/name").map(plain).unwrap_or_default();
    let kinds = [
        text(query, "group"),
        old.kind,
        Some(text(query, "kind")).filter(|kind| kind != "DataQuery").unwrap_or_default(),
    ];
    SourceRef {
        kind: kinds.into_iter().find(|kind| !kind.is_empty()).unwrap_or_default(),
        id: if named.is_empty() { old.id } else { named },
    }
}

fn variable(json: &Json) -> Variable {
    let spec = json.get("spec").unwrap_or(&Json::Null);
    let kind = match text(json, "kind").as_str() {
        "QueryVariable" => VariableKind::Query,
        "CustomVariable" => VariableKind::Custom,
        "ConstantVariable" => VariableKind::Constant,
        "IntervalVariable" => VariableKind::Interval,
        "DatasourceVariable" => VariableKind::DataSource,
        "AdhocVariable" => VariableKind::AdHoc,
        "TextVariable" => VariableKind::TextBox,
        _ => VariableKind::Other,
    };
    let inner = spec.get("query").unwrap_or(&Json::Null);
    let query = match kind {
        VariableKind::Query => inner.get("spec").map(query_text).unwrap_or_default(),
        VariableKind::DataSource => text(spec, "pluginId"),
        _ => plain(inner),
    };
    Variable {
        name: text(spec, "name"),
        options: options(kind, &query, list(spec, "options")),
        kind,
        query,
        source: source(spec, inner),
        current: spec.pointer("/current/value").map(texts).unwrap_or_default(),
        regex: text(spec, "regex"),
        multi: truth(spec, "multi") || truth(spec, "includeAll"),
    }
}

fn annotation(json: &Json) -> Annotation {
    let spec = json.get("spec").unwrap_or(&Json::Null);
    let query = spec.get("query").unwrap_or(&Json::Null);
    Annotation {
        name: text(spec, "name"),
        source: source(spec, query),
        expr: query.pointer("/spec/expr").map(plain).unwrap_or_default(),
        enabled: spec.get("enable").is_none() || truth(spec, "enable"),
    }
}
