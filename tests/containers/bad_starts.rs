//! Stacks that do not start: each is told with its place and what to do, and leaves nothing.

use std::net::TcpListener;

use otelgate_harness::stack::{Server, Stack, StackError};

use crate::Test;
use crate::fixture::{Fixture, environment};
use crate::leftovers;
use crate::verify::{otelgate, told};

pub(crate) const TESTS: &[Test] = &[
    ("bad_starts::no_engine_is_exit_code_3_and_says_what_was_tried", no_engine_is_exit_code_3_and_says_what_was_tried),
    ("bad_starts::an_image_that_cannot_be_had_is_exit_code_3", an_image_that_cannot_be_had_is_exit_code_3),
    ("bad_starts::a_port_in_use_is_told_and_leaves_nothing", a_port_in_use_is_told_and_leaves_nothing),
    ("bad_starts::a_container_that_exits_at_once_is_told_at_once", a_container_that_exits_at_once_is_told_at_once),
    (
        "bad_starts::a_server_that_is_not_ready_is_told_with_the_question",
        a_server_that_is_not_ready_is_told_with_the_question,
    ),
];

#[track_caller]
fn refused(started: Result<Stack, StackError>) -> String {
    match started {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    }
}

fn no_engine_is_exit_code_3_and_says_what_was_tried(_: &Fixture) {
    let folder = tempfile::tempdir().unwrap();
    let socket = format!("unix://{}/none.sock", folder.path().display());

    let output = otelgate(&["verify"]).env("DOCKER_HOST", &socket).output().unwrap();

    let (told, _) = told(&output);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains(&format!("no container engine answers at {socket} (from DOCKER_HOST)")), "{told}");
    assert!(told.contains("next: start Docker"), "{told}");
}

fn an_image_that_cannot_be_had_is_exit_code_3(fixture: &Fixture) {
    // `.invalid` is a domain that is never there, RFC 2606.
    let image = "registry.invalid/redis:none";

    let output = otelgate(&["verify"]).env("OTELGATE_IMAGE_REDIS", image).output().unwrap();

    let (told, run) = told(&output);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains(&format!("the image {image} of redis is not in the engine")), "{told}");
    assert!(told.contains("OTELGATE_IMAGE_REDIS"), "{told}");
    leftovers::assert_none(fixture, &run.unwrap());
}

fn a_port_in_use_is_told_and_leaves_nothing(fixture: &Fixture) {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut back_ends = fixture.config.back_ends.clone();
    back_ends.ports.insert(Server::Redis, taken.local_addr().unwrap().port());
    let run = format!("test{}port", std::process::id());

    let text = refused(fixture.start(&run, &back_ends, &environment));

    assert!(text.starts_with("redis did not start") && text.contains("back-ends.ports.redis"), "{text}");
    leftovers::assert_none(fixture, &run);
}

fn a_container_that_exits_at_once_is_told_at_once(fixture: &Fixture) {
    // Jaeger does not know the arguments of Redis.
    let jaeger = fixture.shared().stack.back_ends().jaeger.as_ref().unwrap().image.as_ref().unwrap().reference.clone();
    let environment =
        move |name: &str| if name == "OTELGATE_IMAGE_REDIS" { Some(jaeger.clone()) } else { environment(name) };
    let run = format!("test{}exits", std::process::id());

    let text = refused(fixture.start(&run, &fixture.config.back_ends, &environment));

    assert!(text.starts_with("redis ended before it was ready"), "{text}");
    assert!(text.contains("state: ended with exit code") && text.contains("last lines of its log:"), "{text}");
    assert!(text.contains("next: the log says why"), "{text}");
    leftovers::assert_none(fixture, &run);
}

fn a_server_that_is_not_ready_is_told_with_the_question(fixture: &Fixture) {
    // A Redis where Qdrant should be runs for ever and never answers Qdrant's question. Without any time at all a server
    // that is quick may still be ready at the one look there is.
    let redis = fixture.shared().stack.back_ends().redis.as_ref().unwrap().image.as_ref().unwrap().reference.clone();
    let environment =
        move |name: &str| if name == "OTELGATE_IMAGE_QDRANT" { Some(redis.clone()) } else { environment(name) };
    let mut back_ends = fixture.config.back_ends.clone();
    back_ends.ready_within_ms = 1_000;
    let run = format!("test{}slow", std::process::id());

    let text = refused(fixture.start(&run, &back_ends, &environment));

    assert!(
        text.contains("was not ready after") && text.contains("asked: ") && text.contains("last answer: "),
        "{text}"
    );
    assert!(text.contains("state: running") && text.contains("ready-within-ms"), "{text}");
    leftovers::assert_none(fixture, &run);
}
