//! Puts values in place of a dashboard's variables, as far as values are known.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use regex::{Captures, Regex};

use super::duration;
use super::model::{Dashboard, Variable, VariableKind};

/// Stands for a value that nobody knows before the dashboard is shown. A word, so that it may stand in a string, in a
/// regular expression and in place of a name.
pub(super) const ANY: &str = "otelgate_any_value";

/// Stands for a duration that nobody knows. No one would write it.
pub(super) const ANY_RANGE: Duration = Duration::from_secs(8_641_979);

/// `$name`, `${name:format}`, `${name.field}`, `[[name:format]]`, as Grafana reads them.
static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let forms = [r"\$([A-Za-z_]\w*)", r"\[\[(\w+?)(?::(\w+))?\]\]", r"\$\{([A-Za-z_]\w*)(?:\.[^:}]+)?(?::([^}]+))?\}"];
    Regex::new(&forms.join("|")).ok()
});

/// What time means to a panel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// How far back the dashboard looks.
    pub(super) range: Duration,
    /// Time between two scrapes, as Grafana knows it.
    pub(super) scrape: Duration,
    /// The smallest step of the query.
    pub(super) least_step: Duration,
}

/// Points a panel of usual width asks for.
const POINTS: u32 = 1_000;

impl Times {
    /// `$__interval`: the step of the query.
    pub(super) fn interval(self) -> Duration {
        (self.range / POINTS).max(self.least_step)
    }

    /// `$__rate_interval`, by Grafana's formula.
    pub(super) fn rate_interval(self) -> Duration {
        (self.interval() + self.scrape).max(self.scrape * 4)
    }
}

/// An expression with values in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filled {
    /// The expression; [`ANY`] and [`ANY_RANGE`] stand for what is not known.
    pub(super) text: String,
    /// The expression with a number where a name outside of strings is not known: what to try if `text` is no PromQL.
    pub(super) numeric: Option<String>,
    /// Variables that the dashboard does not have.
    pub(super) undefined: BTreeSet<String>,
    /// Whether anything is not known.
    pub(super) vague: bool,
}

/// Where in an expression a variable stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    /// In a string.
    Quotes,
    /// In a range, or after `offset`.
    Brackets,
    /// Anywhere else.
    Nothing,
}

/// `text` with what `value` says in place of each variable, by name, format and place; what it does not know stays.
pub(super) fn replace(text: &str, value: impl Fn(&str, Option<&str>, Within) -> Option<String>) -> String {
    let Some(pattern) = VARIABLE.as_ref() else { return text.to_owned() };
    let mut context = Context::default();
    let mut replaced = String::new();
    let mut done = 0;
    for found in pattern.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        let between = &text[done..whole.start()];
        context.pass(between);
        replaced.push_str(between);
        done = whole.end();
        let format = [3, 5].into_iter().find_map(|group| found.get(group)).map(|format| format.as_str());
        let within = context.within(text[..whole.start()].trim_end());
        replaced.push_str(&value(name_of(&found), format, within).unwrap_or_else(|| whole.as_str().to_owned()));
    }
    replaced.push_str(&text[done..]);
    replaced
}

/// `expr` with the values of the dashboard's variables.
pub(super) fn fill(expr: &str, dashboard: &Dashboard, times: Times) -> Filled {
    let mut filled = Filled::default();
    let Some(pattern) = VARIABLE.as_ref() else { return Filled { text: expr.to_owned(), ..filled } };
    let mut context = Context::default();
    let mut numeric = String::new();
    let mut has_name = false;
    let mut done = 0;
    for found in pattern.captures_iter(expr) {
        let Some(whole) = found.get(0) else { continue };
        let between = &expr[done..whole.start()];
        context.pass(between);
        filled.text.push_str(between);
        numeric.push_str(between);
        done = whole.end();
        let within = context.within(expr[..whole.start()].trim_end());
        let value = match value(name_of(&found), dashboard, times, within) {
            Some(value) => value,
            // A group of a regular expression, as `label_replace` names it.
            None if names_group(expr, name_of(&found)) => whole.as_str().to_owned(),
            None => {
                filled.undefined.insert(name_of(&found).to_owned());
                ANY.to_owned()
            }
        };
        let unknown = value == ANY;
        filled.vague |= unknown || value == duration::text(ANY_RANGE);
        numeric.push_str(if unknown && within == Within::Nothing { "1" } else { &value });
        has_name |= unknown && within == Within::Nothing;
        filled.text.push_str(&value);
    }
    filled.text.push_str(&expr[done..]);
    numeric.push_str(&expr[done..]);
    filled.numeric = has_name.then_some(numeric);
    filled
}

/// The names of the variables in `text`.
pub(super) fn names(text: &str) -> Vec<String> {
    let Some(pattern) = VARIABLE.as_ref() else { return Vec::new() };
    pattern.captures_iter(text).map(|found| name_of(&found).to_owned()).collect()
}

/// Whether a regular expression in `expr` has a group of this name.
fn names_group(expr: &str, name: &str) -> bool {
    [format!("(?P<{name}>"), format!("(?<{name}>")].iter().any(|group| expr.contains(group))
}

fn name_of<'t>(found: &Captures<'t>) -> &'t str {
    [1, 2, 4].into_iter().find_map(|group| found.get(group)).map_or("", |name| name.as_str())
}

/// The value of a variable; `None` if there is no such variable.
fn value(name: &str, dashboard: &Dashboard, times: Times, within: Within) -> Option<String> {
    if let Some(value) = built_in(name, times) {
        return Some(value);
    }
    let variable = dashboard.variable(name)?;
    Some(match within {
        Within::Quotes => lone(variable).unwrap_or_else(|| ANY.to_owned()),
        Within::Brackets => {
            let mut chosen = variable.current.iter().chain(&variable.options);
            chosen.find_map(|value| duration::parse(value)).map_or(duration::text(ANY_RANGE), duration::text)
        }
        Within::Nothing => bare(variable),
    })
}

/// The one value a variable can have.
fn lone(variable: &Variable) -> Option<String> {
    match (variable.kind, variable.options.as_slice()) {
        (VariableKind::Constant | VariableKind::Custom, [only]) if !variable.multi => Some(only.clone()),
        _ => None,
    }
}

/// The value for a place outside of strings: a number, a name, a part of an expression.
fn bare(variable: &Variable) -> String {
    let is_written = matches!(variable.kind, VariableKind::Constant | VariableKind::Custom | VariableKind::Interval);
    let chosen = match variable.current.as_slice() {
        [one] if !one.starts_with('$') && !one.is_empty() => Some(one),
        _ => None,
    };
    let number = chosen.filter(|value| value.parse::<f64>().is_ok());
    let value = if is_written { chosen.or_else(|| variable.options.first()) } else { number };
    value.cloned().unwrap_or_else(|| ANY.to_owned())
}

pub(super) fn built_in(name: &str, times: Times) -> Option<String> {
    let seconds = |duration: Duration| duration.as_secs().max(1).to_string();
    Some(match name {
        "__interval" => duration::text(times.interval()),
        "__interval_ms" => times.interval().as_millis().to_string(),
        "__rate_interval" => duration::text(times.rate_interval()),
        "__rate_interval_ms" => times.rate_interval().as_millis().to_string(),
        "__range" => duration::text(times.range),
        "__range_s" => seconds(times.range),
        "__range_ms" => times.range.as_millis().to_string(),
        "__from" | "__to" => "1".to_owned(),
        "__all" | "__name" | "__org" | "__user" | "__dashboard" | "__searchFilter" | "__url_time_range"
        | "__all_variables" | "timeFilter" | "__timeFilter" | "__timezone" | "__value" | "__data" | "__field"
        | "__series" => ANY.to_owned(),
        _ => return None,
    })
}

/// Follows quotes and brackets through an expression.
#[derive(Default)]
struct Context {
    quote: Option<char>,
    escaped: bool,
    brackets: u32,
}

impl Context {
    fn pass(&mut self, text: &str) {
        for letter in text.chars() {
            if let Some(quote) = self.quote {
                if self.escaped {
                    self.escaped = false;
                } else if letter == '\\' && quote != '`' {
                    self.escaped = true;
                } else if letter == quote {
                    self.quote = None;
                }
                continue;
            }
            match letter {
                '"' | '\'' | '`' => self.quote = Some(letter),
                '[' => self.brackets += 1,
                ']' => self.brackets = self.brackets.saturating_sub(1),
                _ => {}
            }
        }
    }

    fn within(&self, before: &str) -> Within {
        if self.quote.is_some() {
            Within::Quotes
        } else if self.brackets > 0 || before.ends_with("offset") || before.ends_with("offset -") {
            Within::Brackets
        } else {
            Within::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dashboard() -> Dashboard {
        let variable = |name: &str, kind, options: &[&str], current: &str| Variable {
            name: name.to_owned(),
            kind,
            options: options.iter().map(|&it| it.to_owned()).collect(),
            current: vec![current.to_owned()],
            ..Variable::default()
        };
        Dashboard {
            variables: vec![
                variable("job", VariableKind::Query, &[], "api"),
                variable("env", VariableKind::Constant, &["prod"], "prod"),
                variable("window", VariableKind::Interval, &["1m", "5m"], "5m"),
                variable("quantile", VariableKind::Custom, &["0.5", "0.95"], "0.95"),
                variable("metric", VariableKind::Query, &[], "up"),
                variable("limit", VariableKind::TextBox, &[], "10"),
            ],
            ..Dashboard::default()
        }
    }

    fn times() -> Times {
        let scrape = Duration::from_secs(15);
        Times { range: Duration::from_mins(15), scrape, least_step: scrape }
    }

    #[test]
    fn values_fit_the_place_they_stand_in() {
        for (expr, wanted) in [
            ("up{job=\"$job\"}", "up{job=\"otelgate_any_value\"}"),
            ("up{job=~\"${job:regex}\"}", "up{job=~\"otelgate_any_value\"}"),
            ("up{env=\"[[env]]\"}", "up{env=\"prod\"}"),
            ("rate(x[$window])", "rate(x[5m])"),
            ("rate(x[[[window]]])", "rate(x[5m])"),
            ("rate(x[$__rate_interval])", "rate(x[1m])"),
            ("rate(x[$__interval])", "rate(x[15s])"),
            ("increase(x[${__range}])", "increase(x[15m])"),
            ("x offset $window", "x offset 5m"),
            ("histogram_quantile($quantile, x)", "histogram_quantile(0.95, x)"),
            ("topk($limit, $metric)", "topk(10, otelgate_any_value)"),
            ("x{a=~\".*foo$\"}", "x{a=~\".*foo$\"}"),
            (
                "label_replace(x, \"a\", \"${1}-$who\", \"b\", \"(?P<who>.*)\")",
                "label_replace(x, \"a\", \"${1}-$who\", \"b\", \"(?P<who>.*)\")",
            ),
            ("label_replace(x, \"a\", \"$1\", \"b\", \"(.*)\")", "label_replace(x, \"a\", \"$1\", \"b\", \"(.*)\")"),
        ] {
            let filled = fill(expr, &dashboard(), times());

            assert_eq!(filled.text, wanted, "{expr}");
            assert!(filled.undefined.is_empty(), "{expr}: {:?}", filled.undefined);
        }
    }

    #[test]
    fn a_variable_the_dashboard_does_not_have_is_named() {
        let filled = fill("up{job=\"$jop\"}", &dashboard(), times());

        assert_eq!(filled.undefined.iter().collect::<Vec<_>>(), ["jop"]);
    }

    #[test]
    fn an_unknown_name_can_be_tried_as_a_number() {
        let filled = fill("topk($metric, up{job=\"$job\"})", &dashboard(), times());

        assert_eq!(filled.numeric.as_deref(), Some("topk(1, up{job=\"otelgate_any_value\"})"));
    }
}
