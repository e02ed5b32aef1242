//! Holds an answer against what the scenario expects of it.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{Expectation, Record, TemplateError, Variables};
use crate::capture::{Exchange, Value};
use crate::contract::Expect;

/// Adds one sentence to `unmet` for each condition that does not hold.
pub(super) fn hold(
    expectation: &Expectation,
    variables: &Variables,
    exchange: &mut Exchange,
) -> Result<(), TemplateError> {
    let mut unmet = Vec::new();
    if let Some(wanted) = expectation.status
        && !exchange.status.is_some_and(|status| wanted.contains(u64::from(status)))
        && exchange.status.is_some()
    {
        let found = exchange.status.unwrap_or_default();
        unmet.push(format!("status: wanted {wanted}, found {found}"));
    }
    for (name, wanted) in &expectation.headers {
        let found = exchange.response_headers.get(name).map(|text| Value::from(text.as_str()));
        compare(&format!("header {name}"), wanted, found.as_ref(), &mut unmet);
    }
    if !expectation.json.is_empty() {
        match serde_json::from_str::<Json>(&exchange.response_body) {
            Ok(body) => {
                for (pointer, wanted) in &expectation.json {
                    let found = body.pointer(pointer).map(value_of);
                    compare(&format!("body {pointer}"), wanted, found.as_ref(), &mut unmet);
                }
            }
            Err(error) => unmet.push(format!("body: wanted JSON, found text that is not: {error}")),
        }
    }
    if let Some(wanted) = &expectation.events {
        let found = event_names(&exchange.response_body);
        if *wanted != found {
            unmet.push(format!("events: wanted {}, found {}", wanted.join(", "), found.join(", ")));
        }
    }
    for text in &expectation.contains {
        let text = variables.text(text)?;
        if !exchange.response_body.contains(&text) {
            unmet.push(format!("body: wanted the text {text:?}, not found"));
        }
    }
    for text in &expectation.lacks {
        let text = variables.text(text)?;
        if exchange.response_body.contains(&text) {
            unmet.push(format!("body: the text {text:?} must not be there"));
        }
    }
    exchange.unmet.append(&mut unmet);
    Ok(())
}

fn compare(what: &str, wanted: &Expect, found: Option<&Value>, unmet: &mut Vec<String>) {
    if wanted.mismatch(found).is_some() {
        let found = found.map_or_else(|| "nothing".to_owned(), ToString::to_string);
        unmet.push(format!("{what}: wanted {wanted}, found {found}"));
    }
}

/// 1 if one of the first entries of the list has a field among those wanted, else 0.
pub(super) fn record(record: &Record, variables: &Variables, exchange: &Exchange) -> Result<f64, TemplateError> {
    let among = variables.value(&Json::String(record.among.clone()))?;
    let among: Vec<&str> = among.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let body: Json = serde_json::from_str(&exchange.response_body).unwrap_or_default();
    let entries = body.pointer(&record.list).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    let hit = entries
        .iter()
        .take(record.top)
        .filter_map(|entry| entry.get(&record.field).and_then(Json::as_str))
        .any(|found| among.contains(&found));
    Ok(if hit { 1.0 } else { 0.0 })
}

/// Names of server-sent events in order, runs of equal names as one.
pub(super) fn event_names(body: &str) -> Vec<String> {
    let mut names: Vec<String> =
        body.lines().filter_map(|line| line.strip_prefix("event:")).map(|name| name.trim().to_owned()).collect();
    names.dedup();
    names
}

fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::Empty,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::Array(items.iter().map(value_of).collect()),
        Json::Object(fields) => {
            Value::Map(fields.iter().map(|(key, field)| (Arc::from(key.as_str()), value_of(field))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Exchange {
        Exchange { status: Some(status), response_body: body.to_owned(), ..Exchange::default() }
    }

    fn expectation(yaml: &str) -> Expectation {
        serde_saphyr::from_str(yaml).unwrap()
    }

    #[test]
    fn every_condition_that_does_not_hold_is_one_sentence() {
        let expectation = expectation(
            "{status: 200, json: {/cached: true, /n: {type: int, min: 2}}, contains: ['yes'], lacks: ['no'], events: [done]}",
        );
        let mut exchange = answer(500, r#"{"cached": false, "n": 1, "text": "no"}"#);

        hold(&expectation, &Variables::default(), &mut exchange).unwrap();

        assert_eq!(
            exchange.unmet,
            [
                "status: wanted exactly 200, found 500",
                "body /cached: wanted true (bool), found false",
                "body /n: wanted int, at least 2, found 1",
                "events: wanted done, found ",
                "body: wanted the text \"yes\", not found",
                "body: the text \"no\" must not be there",
            ]
        );
    }

    #[test]
    fn an_answer_as_expected_leaves_nothing_unmet() {
        let expectation = expectation("{status: 200..299, events: [answer_chunk, done]}");
        let mut exchange =
            answer(200, "event: answer_chunk\ndata: {}\n\nevent: answer_chunk\ndata: {}\n\nevent: done\n\n");

        hold(&expectation, &Variables::default(), &mut exchange).unwrap();

        assert_eq!(exchange.unmet, Vec::<String>::new());
    }

    #[test]
    fn a_hit_counts_only_among_the_first_entries() {
        let mut variables = Variables::default();
        variables.set("each.relevant", serde_json::json!(["c"]));
        let exchange = answer(200, r#"{"sources": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}"#);
        let mut rule = Record {
            list: "/sources".to_owned(),
            field: "id".to_owned(),
            among: "${each.relevant}".to_owned(),
            top: 3,
        };

        assert_eq!(record(&rule, &variables, &exchange), Ok(1.0));

        rule.top = 2;
        assert_eq!(record(&rule, &variables, &exchange), Ok(0.0));
    }
}
