//! Where a query goes: which data source, of which kind.

use super::super::load::Dashboards;
use super::super::model::{Dashboard, SourceRef, VariableKind};
use super::super::provisioning::DataSource;
use crate::checks::text::nothing_but;

/// Where a query goes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Goes<'d> {
    /// To a Prometheus, as far as can be told.
    Prometheus(Option<&'d DataSource>),
    /// To a data source of another kind, which is not judged.
    Elsewhere(String),
    /// Into Grafana itself: expressions, other panels.
    Inside,
    /// To a data source that is not there.
    Nowhere {
        /// What it asks for.
        id: String,
        /// What there is instead.
        found: String,
        /// What to do.
        hint: &'static str,
    },
}

/// Where a query of `own` source goes, inside something of source `around`.
///
/// Grafana asks the panel's data source whatever its queries name, unless that is the mixed one; only an expression stays
/// what it is. So does here a query for another kind of data source: it is written in another language.
pub(super) fn goes<'d>(
    own: &SourceRef,
    around: &SourceRef,
    dashboards: &'d Dashboards,
    dashboard: &Dashboard,
) -> Goes<'d> {
    let says_nothing = own.is_default() && own.kind.is_empty();
    let is_same_kind = own.kind.is_empty() || around.kind.is_empty() || own.kind == around.kind;
    let is_overruled = !around.is_default() && !own.is_built_in() && is_same_kind;
    let source = if !around.is_mixed() && (says_nothing || is_overruled) { around } else { own };
    if source.is_built_in() {
        return Goes::Inside;
    }
    let name = super::super::interpolate::names(&source.id).into_iter().next();
    if let Some(name) = name {
        return by_variable(&name, source, dashboards, dashboard);
    }
    let known = dashboards.provisioning.as_ref();
    let Some(known) = known.filter(|known| !known.sources.is_empty()) else { return of_kind(&source.kind, None) };
    let found = if source.is_default() { known.default_source() } else { known.source(&source.id) };
    match found {
        Some(found) => of_kind(&found.kind, Some(found)),
        // Without any default, Grafana takes the first of the kind, or none.
        None if source.is_default() => {
            let first = known.sources.iter().find(|it| it.kind == source.kind);
            of_kind(&source.kind, first)
        }
        None => {
            let uids: Vec<&str> = known
                .sources
                .iter()
                .map(|it| if it.uid.is_empty() { it.name.as_str() } else { it.uid.as_str() })
                .collect();
            let near = nothing_but(&source.id, uids.iter().copied());
            let near = if near.starts_with("nearest") { format!("; {near}") } else { String::new() };
            Goes::Nowhere {
                id: source.id.clone(),
                found: format!("provisioned are {}{near}", uids.join(", ")),
                hint: "give the panel a uid that provisioning gives too, and give it there as `uid:`",
            }
        }
    }
}

fn by_variable<'d>(name: &str, source: &SourceRef, dashboards: &'d Dashboards, dashboard: &Dashboard) -> Goes<'d> {
    let provisioned = dashboards.provisioning.as_ref();
    if let Some(variable) = dashboard.variable(name) {
        let kind = if variable.kind == VariableKind::DataSource { &variable.query } else { &source.kind };
        let of_it = provisioned.and_then(|all| all.sources.iter().find(|it| it.kind == *kind));
        return of_kind(kind, of_it);
    }
    let input = dashboard.inputs.iter().find(|input| input.name == name);
    if provisioned.is_none() {
        return of_kind(input.map_or(source.kind.as_str(), |input| input.plugin.as_str()), None);
    }
    Goes::Nowhere {
        id: source.id.clone(),
        found: match input {
            Some(_) => "a placeholder of the import dialogue, which provisioning does not replace".to_owned(),
            None => format!("no variable `{name}` in the dashboard"),
        },
        hint: "write the uid of a provisioned data source, or add a variable of type `datasource`",
    }
}

fn of_kind<'d>(kind: &str, source: Option<&'d DataSource>) -> Goes<'d> {
    match kind {
        ""
        | "prometheus"
        | "grafana-amazonprometheus-datasource"
        | "grafana-azureprometheus-datasource"
        | "victoriametrics-datasource"
        | "victoriametrics-metrics-datasource" => Goes::Prometheus(source),
        other => Goes::Elsewhere(other.to_owned()),
    }
}
