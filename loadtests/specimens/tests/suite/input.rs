//! What a specimen is asked and told.

use otelgate_harness::standins::collector;

use crate::support::{Specimen, answered, spawn};

#[tokio::test]
async fn a_question_is_json_or_text() {
    let specimen = Specimen::start("none", &[]).await;

    let json = answered(
        specimen.post("/ask").header("content-type", "application/json").body(r#"{"query": "what is a span"}"#),
    );
    let text = answered(specimen.post("/ask").header("content-type", "text/plain").body("what is a span"));
    let (json, text) = tokio::join!(json, text);

    assert_eq!(json.status, 200);
    assert_eq!(json, text);
}

#[tokio::test]
async fn answers_depend_on_the_question() {
    let specimen = Specimen::start("none", &[]).await;

    let (first, second, first_again) = (specimen.ask(1).await, specimen.ask(2).await, specimen.ask(1).await);

    assert_ne!(first, second);
    assert_eq!(first, first_again);
}

#[tokio::test]
async fn what_is_no_question_is_refused_with_the_reason() {
    let specimen = Specimen::start("none", &[]).await;
    let json =
        |body: &'static str| answered(specimen.post("/ask").header("content-type", "application/json").body(body));

    let (empty, broken) = tokio::join!(json(r#"{"query": " "}"#), json(r#"{"question": "what is a span"}"#));
    let bytes = answered(specimen.post("/ask").body(&b"\xff\xfe"[..])).await;

    assert_eq!((empty.status, empty.body.as_str()), (400, r#"{"error":"the question is empty"}"#));
    assert!(broken.status == 400 && broken.body.contains("missing field `query`"), "{broken:?}");
    assert_eq!((bytes.status, bytes.body.as_str()), (400, r#"{"error":"the question is not UTF-8"}"#));
}

#[tokio::test]
async fn it_says_that_it_is_well() {
    let specimen = Specimen::start("direct", &[]).await;

    let (health, ready) = tokio::join!(specimen.get("/health"), specimen.get("/ready"));

    assert_eq!((health.status, health.body.as_str()), (200, r#"{"status":"ok"}"#));
    assert_eq!((ready.status, ready.body.as_str()), (200, r#"{"status":"ready"}"#));
    assert!(specimen.stop().await.is_empty());
}

#[tokio::test]
async fn an_unknown_way_ends_the_start() {
    let collector = collector().run().await.unwrap();

    let ended = spawn("direkt", &collector, &[]).await.err().unwrap().to_string();

    assert!(ended.contains("exit status: 2"), "{ended}");
    assert!(ended.contains("INSTRUMENTATION=`direkt` is not known; it is one of none, direct"), "{ended}");
}

#[tokio::test]
async fn an_address_that_cannot_be_bound_ends_the_start() {
    let collector = collector().run().await.unwrap();
    let taken = collector.http_url().replace("http://", "");

    let ended = spawn("none", &collector, &[("BIND_ADDRESS", &taken)]).await.err().unwrap().to_string();

    assert!(ended.contains("cannot bind") && ended.contains("set BIND_ADDRESS"), "{ended}");
}
