//! The report for a program.

use otelgate_loadtests::overhead::outcome::Outcome;
use otelgate_loadtests::report::{FORMAT, VERSION, json};
use serde_json::Value;

use crate::support::outcomes::{nothing, pass, with_latency};

#[test]
fn names_its_format_and_gives_back_the_outcome() {
    let outcome = with_latency(pass());

    let text = json(&outcome).unwrap();

    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&document["format"], &document["version"]), (&Value::from(FORMAT), &Value::from(VERSION)));
    assert_eq!(document["verdict"], "PASS");
    assert_eq!(serde_json::from_str::<Outcome>(&text).unwrap(), outcome);
}

#[test]
fn what_was_not_measured_is_null() {
    let document: Value = serde_json::from_str(&json(&nothing()).unwrap()).unwrap();

    for field in ["cost", "same", "same_sd", "detectable", "lane"] {
        assert_eq!(document[field], Value::Null, "{field}");
    }
}
