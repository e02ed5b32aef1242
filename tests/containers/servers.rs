//! The servers of a stack that is up.

use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;

use otelgate_harness::stack::{Origin, Server};

use crate::Test;
use crate::fixture::Fixture;
use crate::leftovers;

pub(crate) const TESTS: &[Test] = &[
    ("servers::all_five_answer_and_state_their_versions", all_five_answer_and_state_their_versions),
    ("servers::a_stand_in_is_not_called_what_it_stands_in_for", a_stand_in_is_not_called_what_it_stands_in_for),
    ("servers::the_stack_is_ready_in_time", the_stack_is_ready_in_time),
    ("servers::all_containers_together_take_little_memory", all_containers_together_take_little_memory),
    ("servers::everything_of_a_run_carries_its_label", everything_of_a_run_carries_its_label),
    (
        "servers::prometheus_gets_at_a_service_on_the_loopback_address",
        prometheus_gets_at_a_service_on_the_loopback_address,
    ),
];

fn all_five_answer_and_state_their_versions(fixture: &Fixture) {
    let shared = fixture.shared();

    let back_ends = shared.stack.back_ends();

    let servers: Vec<Server> = back_ends.iter().map(|back_end| back_end.server).collect();
    assert_eq!(servers, Server::ALL);
    for back_end in back_ends.iter() {
        println!("{back_end} at {}, image {:?}", back_end.url, back_end.image);
        assert!(back_end.version.is_some(), "{back_end:?}");
        assert!(back_end.image.as_ref().is_some_and(|image| image.id.starts_with("sha256:")), "{back_end:?}");
    }
}

fn a_stand_in_is_not_called_what_it_stands_in_for(fixture: &Fixture) {
    let shared = fixture.shared();

    for back_end in shared.stack.back_ends().iter() {
        let labelled = back_end.image.as_ref().unwrap().origin;

        assert!(labelled == Origin::Original || back_end.origin == Origin::StandIn, "{back_end:?}");
        let named = back_end.product.to_lowercase() == back_end.server.name();
        assert_eq!(named, back_end.origin == Origin::Original, "{back_end:?}");
    }
}

fn the_stack_is_ready_in_time(fixture: &Fixture) {
    let shared = fixture.shared();

    println!("ready in {} ms", shared.took.as_millis());

    let grafana = shared.stack.back_ends().grafana.as_ref().unwrap();
    let most = if grafana.origin == Origin::Original { 25 } else { 15 };
    assert!(shared.took < Duration::from_secs(most), "{:?}", shared.took);
}

fn all_containers_together_take_little_memory(fixture: &Fixture) {
    let run = fixture.shared().run.clone();

    let memory = fixture.runtime.block_on(fixture.engine().memory(&run)).unwrap();

    for one in &memory {
        println!("{}: {} MB", one.container, one.used_bytes / 1_000_000);
    }
    assert_eq!(memory.len(), Server::ALL.len());
    assert!(memory.iter().all(|one| one.used_bytes > 0), "{memory:?}");
    assert!(memory.iter().map(|one| one.used_bytes).sum::<u64>() < 1_200_000_000, "{memory:?}");
}

fn everything_of_a_run_carries_its_label(fixture: &Fixture) {
    let shared = fixture.shared();

    let made = leftovers::of(fixture, &shared.run);

    for server in Server::ALL {
        assert!(made.iter().any(|name| name.starts_with(&format!("/{server}."))), "{server} in {made:?}");
    }
    assert!(made.iter().any(|name| name.starts_with("otelgate-")), "the network in {made:?}");
}

fn prometheus_gets_at_a_service_on_the_loopback_address(fixture: &Fixture) {
    let shared = fixture.shared();
    let before = fixture.runtime.block_on(shared.stack.scraped(Duration::ZERO)).unwrap_err().to_string();
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", service.local_addr().unwrap());
    std::thread::spawn(move || {
        let body = "up_and_running 1\n";
        for connection in service.incoming() {
            let header = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            // Whoever does not wait for the answer was not Prometheus.
            let _ = connection.and_then(|mut connection| connection.write_all(format!("{header}{body}").as_bytes()));
        }
    });

    shared.stack.serve(&url);

    fixture.runtime.block_on(shared.stack.scraped(Duration::from_secs(20))).unwrap_or_else(|error| panic!("{error}"));
    let target = shared.stack.back_ends().target.clone().unwrap();
    assert!(before.contains(&target), "before it says which address it tries: {before}");
}
