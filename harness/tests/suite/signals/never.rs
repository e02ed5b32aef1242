//! What must never appear.

use std::sync::Arc;

use otelgate_harness::capture::Capture;
use otelgate_harness::contract::{Contract, NeverRule};

use super::sample::{HTTP_SERVER, QUERY, capture, contract, said, told};

#[test]
fn each_kind_of_rule_finds_what_it_forbids() {
    let cases: [(&str, &str, &str); 6] = [
        ("span: 'rag.*'", "cold query / rag.query", "rag.query"),
        ("attribute: cache.*", "cold query / rag.query / cache.hit", "cache.hit"),
        ("attribute: service.vers*", "resource / service.version", "service.version"),
        ("metric: rag_*_total", "rag_openai_tokens_total", "rag_openai_tokens_total"),
        ("label: type", "rag_openai_tokens_total / type", "type"),
        ("text: '^the model f'", "otlp log / the model failed / body", "the model f"),
    ];
    for (rule, subject, found) in cases {
        let findings = said("never", &capture(), &contract(&format!("never:\n- {{{rule}, because: so}}")));

        assert!(!findings.is_empty(), "{rule}");
        assert_eq!(told(&findings)[0], ("never.appeared", subject), "{rule}");
        assert_eq!(findings[0].found, found, "{rule}");
        assert!(findings[0].message.contains("so"), "{rule}");
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let rules = "
never:
- {span: rag.answer, because: so}
- {attribute: 'enduser.*', because: so}
- {metric: 'http_*_total', because: so}
- {label: 'user*', because: so}
- {text: 'sk-[a-z0-9]+', because: so}";

    let findings = said("never", &capture(), &contract(rules));

    assert_eq!(told(&findings), []);
}

#[test]
fn a_rule_on_attributes_says_nothing_of_labels_nor_the_other_way_round() {
    let mut capture = capture();
    capture.scrapes[1].families[HTTP_SERVER].points[0].labels.set("user.id", "x");
    let attribute = said("never", &capture, &contract("never:\n- {attribute: user.id, because: so}"));
    let label = said("never", &capture, &contract("never:\n- {label: user.id, because: so}"));

    assert_eq!(told(&attribute), []);
    assert_eq!(told(&label), [("never.appeared", "http_server_request_duration_seconds / user.id")]);
}

#[test]
fn a_rule_on_text_reads_bytes_and_comments_too() {
    let plants: [fn(&mut Capture); 2] = [
        |it| it.scrapes[1].text = "# made by hand\n".to_owned(),
        |it| {
            let raw = otelgate_harness::capture::Value::Bytes(Arc::from(&b"made by hand"[..]));
            it.spans[QUERY].attributes.push(Arc::from("raw"), raw);
        },
    ];
    for plant in plants {
        let mut capture = capture();
        plant(&mut capture);

        let findings = said("never", &capture, &contract("never:\n- {text: by hand, because: so}"));

        assert_eq!(findings.len(), 1, "{findings:?}");
    }
}

#[test]
fn a_rule_that_cannot_be_read_does_not_pass_for_kept() {
    let rule = NeverRule { text: Some("(".to_owned()), because: "so".to_owned(), ..NeverRule::default() };
    let contract = Contract { never: vec![rule], ..Contract::default() };

    let findings = said("never", &capture(), &contract);

    assert_eq!(told(&findings), [("never.appeared", "so")]);
}
