//! Stacks that end otherwise than in good order: what ended them is told, and nothing is left.

use std::io::{BufRead, BufReader};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use otelgate_harness::stack::Server;
use testcontainers::bollard::query_parameters::KillContainerOptions;

use crate::Test;
use crate::fixture::{Fixture, environment};
use crate::leftovers::{self, until};
use crate::verify::{otelgate, run_of};

pub(crate) const TESTS: &[Test] = &[
    ("endings::a_killed_jaeger_ends_the_run_and_is_named", |fixture| killed(fixture, Server::Jaeger)),
    ("endings::a_killed_prometheus_ends_the_run_and_is_named", |fixture| killed(fixture, Server::Prometheus)),
    ("endings::a_killed_grafana_ends_the_run_and_is_named", |fixture| killed(fixture, Server::Grafana)),
    ("endings::a_killed_qdrant_ends_the_run_and_is_named", |fixture| killed(fixture, Server::Qdrant)),
    ("endings::a_killed_redis_ends_the_run_and_is_named", |fixture| killed(fixture, Server::Redis)),
    ("endings::a_panic_leaves_nothing", a_panic_leaves_nothing),
    ("endings::ctrl_c_while_containers_start_leaves_nothing", ctrl_c_while_containers_start_leaves_nothing),
    ("endings::a_killed_otelgate_leaves_nothing", a_killed_otelgate_leaves_nothing),
    (
        "endings::kept_containers_are_removed_by_the_command_that_is_printed",
        kept_containers_are_removed_by_the_command_that_is_printed,
    ),
];

fn killed(fixture: &Fixture, server: Server) {
    let run = format!("test{}{server}", std::process::id());
    let stack = fixture.start(&run, &fixture.config.back_ends, &environment).unwrap_or_else(|error| panic!("{error}"));
    let container =
        leftovers::of(fixture, &run).into_iter().find(|name| name.starts_with(&format!("/{server}."))).unwrap();
    let docker = fixture.docker();

    fixture
        .runtime
        .block_on(docker.kill_container(container.trim_start_matches('/'), None::<KillContainerOptions>))
        .unwrap();

    let text = fixture.runtime.block_on(stack.ended()).to_string();
    assert!(text.starts_with(&format!("{server} ended during the run")), "{text}");
    assert!(text.contains("exit code 137, killed") && text.contains("next: "), "{text}");
    drop(stack);
    leftovers::assert_none(fixture, &run);
}

fn a_panic_leaves_nothing(fixture: &Fixture) {
    let run = format!("test{}panic", std::process::id());

    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _stack = fixture.start(&run, &fixture.config.back_ends, &environment).unwrap();
        // As a panic, without a trace of it among the results.
        resume_unwind(Box::new(leftovers::of(fixture, &run).len()));
    }));

    let things = panicked.unwrap_err().downcast::<usize>().unwrap();
    assert_eq!(*things, Server::ALL.len() + 1, "the containers and their network");
    leftovers::assert_none(fixture, &run);
}

/// `otelgate up`, and its run.
pub(crate) fn up(command: &mut Command) -> (Child, String, impl Iterator<Item = String> + use<>) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let run = lines.find_map(|line| run_of(&line)).expect("it says which run it starts");
    (child, run, lines)
}

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
}

fn ctrl_c_while_containers_start_leaves_nothing(fixture: &Fixture) {
    let (mut child, run, _lines) = up(&mut otelgate(&["up"]));
    until("a first container", || leftovers::of(fixture, &run).iter().any(|name| name.starts_with('/')).then_some(()));

    send(&child, Signal::SIGINT);

    child.wait().unwrap();
    leftovers::assert_none(fixture, &run);
}

fn a_killed_otelgate_leaves_nothing(fixture: &Fixture) {
    let (mut child, run, mut lines) = up(&mut otelgate(&["up"]));
    assert!(lines.any(|line| line.starts_with("service up")), "the service never was up");

    send(&child, Signal::SIGKILL);

    child.wait().unwrap();
    until("the reaper", || leftovers::of(fixture, &run).is_empty().then_some(()));
}

fn kept_containers_are_removed_by_the_command_that_is_printed(fixture: &Fixture) {
    let (mut child, run, mut lines) = up(&mut otelgate(&["up", "--keep"]));
    assert!(lines.any(|line| line.starts_with("service up")), "the service never was up");

    send(&child, Signal::SIGINT);

    let told: Vec<String> = lines.collect();
    assert!(child.wait().unwrap().success(), "{told:?}");
    assert!(!leftovers::of(fixture, &run).is_empty(), "nothing was kept");
    let remove = told.iter().find(|line| line.trim().starts_with("docker rm")).unwrap_or_else(|| panic!("{told:?}"));
    assert!(Command::new("sh").args(["-c", remove]).stdout(Stdio::null()).status().unwrap().success(), "{remove}");
    leftovers::assert_none(fixture, &run);
}
