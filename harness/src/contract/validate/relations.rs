//! Relations between numbers.

use super::super::Term;
use super::super::load::Source;
use super::values;
use crate::yaml::{Cursor, Problem};

pub(super) fn check(source: &Source, problems: &mut Vec<Problem>) {
    for (index, relation) in source.value.relations.iter().enumerate() {
        let at = source.top().key("relations").item(index);
        if relation.name.trim().is_empty() {
            problems.push(at.key("name").problem("the relation's name is empty; reports call it by its name"));
        }
        if relation.within.is_some_and(|share| !(share > 0.0 && share < 1.0)) {
            problems.push(at.key("within").problem("`within` is a share between 0 and 1: 0.1 allows 10 %"));
        }
        if relation.equal.len() < 2 {
            let message = format!(
                "relation `{}` has {} of the two numbers it takes to be equal; add another",
                relation.name,
                relation.equal.len()
            );
            problems.push(at.key("equal").problem(message));
        } else if relation.equal.iter().all(is_constant) {
            let message = format!("relation `{}` has only constants; relate numbers of the run", relation.name);
            problems.push(at.key("equal").problem(message));
        }
        for (index, number) in relation.equal.iter().enumerate() {
            term(at.key("equal").item(index), number, problems);
        }
    }
}

fn is_constant(term: &Term) -> bool {
    term.number.is_some() && term.minus.iter().all(is_constant)
}

fn term(at: Cursor<'_>, number: &Term, problems: &mut Vec<Problem>) {
    let given: Vec<&str> = [
        ("requests", number.requests.is_some()),
        ("calls", number.calls.is_some()),
        ("spans", number.spans.is_some()),
        ("logs", number.logs.is_some()),
        ("metric", number.metric.is_some()),
        ("sum", number.sum.is_some()),
        ("number", number.number.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, given)| given.then_some(name))
    .collect();
    if given.len() != 1 {
        let found = if given.is_empty() { "none".to_owned() } else { given.join(" and ") };
        problems.push(at.problem(format!(
            "a term is one number: write exactly one of requests, calls, spans, logs, metric, sum, number; found {found}"
        )));
    }
    if number.metric.is_none() {
        for (key, present) in [("labels", !number.labels.is_empty()), ("field", number.field.is_some())] {
            if present {
                let message = format!("`{key}` goes with `metric`; remove it, or name the metric");
                problems.push(at.name(key).problem(message));
            }
        }
    }
    if number.number.is_some_and(|number| !number.is_finite()) {
        problems.push(at.key("number").problem("not a finite number; write one"));
    }
    values::all(at.key("labels"), &number.labels, problems);
    if let Some(spans) = &number.spans {
        values::all(at.key("spans").key("where"), &spans.attributes, problems);
    }
    if let Some(logs) = &number.logs {
        values::all(at.key("logs").key("where"), &logs.attributes, problems);
    }
    if let Some(sum) = &number.sum {
        if sum.is_empty() {
            problems.push(at.key("sum").problem("the sum is empty; name its terms"));
        }
        for (index, part) in sum.iter().enumerate() {
            term(at.key("sum").item(index), part, problems);
        }
    }
    for (index, part) in number.minus.iter().enumerate() {
        term(at.key("minus").item(index), part, problems);
    }
}
