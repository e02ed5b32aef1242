//! `--stack external`, against the servers of the shared stack: as good as somebody else's.

use otelgate_harness::config::{ExternalConfig, ExternalGrafana};
use otelgate_harness::stack::Server;

use crate::Test;
use crate::fixture::Fixture;

pub(crate) const TESTS: &[Test] = &[
    ("external::servers_that_run_are_found", servers_that_run_are_found),
    ("external::a_login_that_is_refused_is_told_with_what_to_do", a_login_that_is_refused_is_told_with_what_to_do),
];

fn servers_that_run_are_found(fixture: &Fixture) {
    let shared = fixture.shared();
    let theirs = shared.stack.back_ends();
    let url = |server: &Option<otelgate_harness::stack::BackEnd>| server.as_ref().map(|one| one.url.clone());
    let external =
        ExternalConfig { qdrant: url(&theirs.qdrant), redis: url(&theirs.redis), ..ExternalConfig::default() };

    let stack = fixture.find(&external).unwrap_or_else(|error| panic!("{error}"));

    let found: Vec<Server> = stack.back_ends().iter().map(|one| one.server).collect();
    assert_eq!(found, [Server::Qdrant, Server::Redis]);
    assert_eq!(stack.back_ends().redis.as_ref().unwrap().version, theirs.redis.as_ref().unwrap().version);
}

fn a_login_that_is_refused_is_told_with_what_to_do(fixture: &Fixture) {
    let shared = fixture.shared();
    let url = shared.stack.back_ends().grafana.as_ref().unwrap().url.clone();
    let grafana = ExternalGrafana { url, user: "admin".to_owned(), password: "not the password".to_owned() };

    let Err(refused) = fixture.find(&ExternalConfig { grafana: Some(grafana), ..ExternalConfig::default() }) else {
        panic!("a wrong password was accepted");
    };

    let text = refused.to_string();
    assert!(text.contains("refuses the login") && text.contains("external.grafana"), "{text}");
    assert!(!text.contains("not the password"), "{text}");
}
