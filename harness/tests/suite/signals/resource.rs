//! Who emitted it.

use std::sync::Arc;

use otelgate_harness::capture::Capture;

use super::sample::{self, capture, contract, examined, said, told};

fn with(change: impl Fn(&mut otelgate_harness::capture::Attributes)) -> Capture {
    let mut origin = (*sample::origin()).clone();
    let mut resource = (*origin.resource).clone();
    change(&mut resource.attributes);
    origin.resource = Arc::new(resource);
    let origin = Arc::new(origin);
    let mut capture = capture();
    for span in &mut capture.spans {
        span.origin = Arc::clone(&origin);
    }
    for log in capture.logs.iter_mut().filter(|log| !log.origin.resource.attributes.is_empty()) {
        log.origin = Arc::clone(&origin);
    }
    capture
}

#[test]
fn a_complete_resource_is_examined_once_however_often_it_is_sent() {
    let (examined, findings) = examined("resource", &capture(), &contract("conventions: [resource]"));

    assert_eq!(told(&findings), []);
    assert_eq!(examined, 1);
}

#[test]
fn each_attribute_of_the_pack_that_is_lost_is_told() {
    for key in ["service.name", "service.instance.id", "telemetry.sdk.name", "telemetry.sdk.language"] {
        let capture = with(|attributes| {
            attributes.remove(key);
        });

        let findings = said("resource", &capture, &contract("conventions: [resource]"));

        assert_eq!(told(&findings), [("resource.missing", format!("resource / {key}").as_str())]);
    }
}

#[test]
fn the_name_an_sdk_invents_is_no_name() {
    let capture = with(|attributes| attributes.set("service.name", "unknown_service:rag"));

    let findings = said("resource", &capture, &contract("conventions: [resource]"));

    assert_eq!(told(&findings), [("resource.value", "resource / service.name")]);
    assert_eq!(findings[0].found, "\"unknown_service:rag\"");
}

#[test]
fn the_contract_asks_for_more_and_its_word_wins() {
    let rules = "conventions: [resource]\nresource: {service.name: rag, deployment.environment.name: ci}";

    let findings = said("resource", &capture(), &contract(rules));

    let wanted =
        [("resource.missing", "resource / deployment.environment.name"), ("resource.value", "resource / service.name")];
    assert_eq!(told(&findings), wanted);
    assert_eq!(findings[1].wanted, "\"rag\" (string)");
}
