//! From an expression as written to what is wrong with it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use promql_parser::parser::{self, Expr};

use super::super::interpolate::Filled;
use super::super::legend;
use super::super::truth::{LabelSet, Truth};
use super::defect::{Defect, Said};
use super::quantity::Quantity;
use super::walk::{Under, Walk};
use crate::checks::text::nothing_but;

/// Longest expression that is read, in bytes.
const LONGEST: usize = 64 << 10;

/// Most operators and parentheses: reading takes stack for each level they may make.
const MOST_OPERATORS: usize = 300;

/// What is known around an expression.
pub(super) struct Around<'t> {
    pub(super) truth: &'t Truth,
    pub(super) all_happened: bool,
    pub(super) interval: Option<Duration>,
    /// Whether the result is drawn over time.
    pub(super) graph: bool,
    /// Labels named outside of the expression: in the legend, in the text of an alert.
    pub(super) labels: Vec<String>,
}

/// What was found out about an expression.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) said: Vec<Said>,
    /// What its values are.
    pub(super) quantity: Option<Quantity>,
    /// The series of its result; `None` if they are not known.
    pub(super) series: Option<Vec<LabelSet>>,
    /// Whether it could not be judged: too long, or unreadable for what is not known of it.
    pub(super) unjudged: Option<String>,
}

/// Judges `filled`, which is what `written` is with values in it.
pub(super) fn judge(written: &str, filled: &Filled, variables: &[&str], around: &Around<'_>) -> Judged {
    let expr = match read(filled) {
        Ok(expr) => expr,
        Err(Unreadable::TooMuch(why)) => return Judged { unjudged: Some(why), ..Judged::default() },
        Err(Unreadable::Wrong(reason)) => {
            let undefined: Vec<Said> = undefined(filled, variables);
            if !undefined.is_empty() {
                return Judged { said: undefined, ..Judged::default() };
            }
            if filled.vague {
                let why = "its text depends on a variable whose value is not in the file".to_owned();
                return Judged { unjudged: Some(why), ..Judged::default() };
            }
            let said = Said::new(Defect::Syntax, "", format!("the expression is no PromQL: {}", first_line(&reason)))
                .wanted("an expression that Prometheus can read")
                .found(first_line(written).to_owned())
                .hint("try it in the expression browser of Prometheus, or with `promtool query`");
            return Judged { said: vec![said], ..Judged::default() };
        }
    };
    let words: BTreeSet<&str> = filled.text.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let named = words.into_iter().chain(around.labels.iter().map(String::as_str));
    let of_targets: BTreeSet<&str> = named.filter(|word| around.truth.may_be_of_target(word)).collect();
    let mut walk = Walk {
        truth: around.truth,
        all_happened: around.all_happened,
        interval: around.interval,
        of_targets: of_targets.into_iter().map(Arc::from).collect(),
        graph: around.graph,
        selected: BTreeSet::new(),
        said: undefined(filled, variables),
    };
    let flow = walk.flow(&expr, Under::default());
    legend(&mut walk, &around.labels, flow.series.as_deref());
    Judged { said: walk.said, quantity: flow.quantity, series: flow.series, unjudged: None }
}

fn undefined(filled: &Filled, variables: &[&str]) -> Vec<Said> {
    // A `$` before a word in a string may be the end of a regular expression; only a dashboard's habit tells.
    let name = |name: &String| {
        let near = nothing_but(name, variables.iter().copied());
        Said::new(Defect::VariableUnknown, name, format!("the dashboard has no variable `{name}`"))
            .wanted(format!("a variable `{name}`"))
            .found(if variables.is_empty() { "no variable at all".to_owned() } else { near })
            .hint("add the variable to the dashboard, or write the value; Grafana leaves the text as it is")
    };
    filled.undefined.iter().map(name).collect()
}

/// Whether the labels that a legend names are on the result.
fn legend(walk: &mut Walk<'_>, labels: &[String], series: Option<&[LabelSet]>) {
    let Some(series) = series.filter(|series| !series.is_empty()) else { return };
    let mut has: Vec<&str> = series.iter().flatten().map(|(name, _)| &**name).collect();
    has.sort_unstable();
    has.dedup();
    for label in labels {
        if label == "__name__" || has.contains(&label.as_str()) {
            continue;
        }
        let gone = walk.selected.iter().any(|selected| **selected == **label);
        let message = if gone {
            format!("the label `{label}` is named in the text, and the expression aggregates it away")
        } else {
            format!("the label `{label}` is named in the text, and never existed on the result")
        };
        let found =
            if has.is_empty() { "no label at all".to_owned() } else { format!("the result has {}", has.join(", ")) };
        let hint = if gone {
            format!("add `{label}` to the `by` clause, or take it out of the text")
        } else {
            "name a label that the result has".to_owned()
        };
        walk.said.push(
            Said::new(Defect::LegendLabel, label, message)
                .wanted(format!("a label `{label}` on the result"))
                .found(found)
                .hint(hint)
                .mark(""),
        );
    }
}

/// The labels that a legend names.
pub(super) fn legend_labels(text: &str) -> Vec<String> {
    legend::labels(text).into_iter().filter(|label| !label.contains(['$', ' ', '.'])).map(str::to_owned).collect()
}

enum Unreadable {
    TooMuch(String),
    Wrong(String),
}

fn read(filled: &Filled) -> Result<Expr, Unreadable> {
    within_bounds(&filled.text)?;
    parser::parse(&filled.text).or_else(|reason| {
        let Some(numeric) = &filled.numeric else { return Err(Unreadable::Wrong(reason)) };
        within_bounds(numeric)?;
        parser::parse(numeric).map_err(|_| Unreadable::Wrong(reason))
    })
}

/// An expression without variables.
pub(super) fn plain(expr: &str) -> Filled {
    Filled { text: expr.to_owned(), ..Filled::default() }
}

fn within_bounds(text: &str) -> Result<(), Unreadable> {
    if text.len() > LONGEST {
        return Err(Unreadable::TooMuch(format!("it is longer than {} KiB", LONGEST >> 10)));
    }
    let (mut operators, mut quote, mut escaped) = (0, None, false);
    for letter in text.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(open) if letter == '\\' && open != '`' => escaped = true,
            Some(open) if letter == open => quote = None,
            None if matches!(letter, '"' | '\'' | '`') => quote = Some(letter),
            None if "+-*/%^(<>[@".contains(letter) => operators += 1,
            Some(_) | None => {}
        }
    }
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| {
        ["and", "or", "unless", "offset", "atan2"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
    });
    if operators + words.count() + text.matches("==").count() + text.matches("!=").count() > MOST_OPERATORS {
        return Err(Unreadable::TooMuch(format!("it has more than {MOST_OPERATORS} operators")));
    }
    Ok(())
}

fn first_line(text: &str) -> &str {
    text.trim().lines().next().unwrap_or_default()
}
