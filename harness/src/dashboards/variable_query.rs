//! The query language of Grafana's Prometheus variables.

/// A variable's query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum VariableQuery {
    /// `label_names()`, `label_names(match)`.
    LabelNames,
    /// `label_values(label)`, `label_values(series, label)`.
    LabelValues {
        /// The selector; `None` for all series.
        series: Option<String>,
        /// The label.
        label: String,
    },
    /// `metrics(pattern)`.
    Metrics(String),
    /// `query_result(expression)`.
    QueryResult(String),
    /// A selector alone: its series.
    Series(String),
}

/// Reads a query, by the rules of Grafana's own regular expressions.
pub(super) fn parse(query: &str) -> VariableQuery {
    let query = query.trim();
    if argument(query, "label_names").is_some() {
        return VariableQuery::LabelNames;
    }
    if let Some(inside) = argument(query, "label_values") {
        // The label comes last; commas in the selector are part of it.
        let (series, label) = match inside.rsplit_once(',') {
            Some((series, label)) => (Some(series.trim().to_owned()).filter(|series| !series.is_empty()), label),
            None => (None, inside),
        };
        return VariableQuery::LabelValues { series, label: label.trim().trim_matches('"').to_owned() };
    }
    if let Some(inside) = argument(query, "metrics") {
        return VariableQuery::Metrics(inside.trim().to_owned());
    }
    if let Some(inside) = argument(query, "query_result") {
        return VariableQuery::QueryResult(inside.trim().to_owned());
    }
    VariableQuery::Series(query.to_owned())
}

fn argument<'q>(query: &'q str, function: &str) -> Option<&'q str> {
    let rest = query.strip_prefix(function)?.trim_start();
    rest.strip_prefix('(')?.trim_end().strip_suffix(')')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let values = |series: Option<&str>, label: &str| VariableQuery::LabelValues {
            series: series.map(str::to_owned),
            label: label.to_owned(),
        };
        for (query, wanted) in [
            ("label_names()", VariableQuery::LabelNames),
            ("label_values(job)", values(None, "job")),
            ("label_values(up, job)", values(Some("up"), "job")),
            ("label_values(up{a=\"x\",b=\"y\"}, job)", values(Some("up{a=\"x\",b=\"y\"}"), "job")),
            ("metrics(node_.*)", VariableQuery::Metrics("node_.*".to_owned())),
            ("query_result(topk(3, up))", VariableQuery::QueryResult("topk(3, up)".to_owned())),
            ("up{job=\"x\"}", VariableQuery::Series("up{job=\"x\"}".to_owned())),
        ] {
            assert_eq!(parse(query), wanted, "{query}");
        }
    }
}
