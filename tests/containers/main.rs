//! The stack of real servers in containers: up, judged against, and gone again however it ends.
//!
//! Where no container engine answers, every test is listed as ignored, with the reason;
//! `OTELGATE_REQUIRE=containers` makes that a failure.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "tests may; that these are tests cannot be seen without the usual harness"
)]

mod alerts;
mod bad_input;
mod bad_starts;
#[path = "../suite/built.rs"]
mod built;
mod clock;
mod dying_engine;
mod endings;
mod external;
mod fixture;
mod leftovers;
mod matrices;
#[path = "../suite/matrix/mod.rs"]
mod matrix;
mod planted;
mod project;
mod servers;
mod verify;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Trial};

use fixture::Fixture;

/// A test: its name, and what it does with the shared stack or one of its own.
type Test = (&'static str, fn(&Fixture));

/// Tests at once, if nobody says how many. They wait for containers most of the time, whatever the number of cores.
const AT_ONCE: usize = 4;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    let fixture = Arc::new(Fixture::new());
    let tests = [
        // The longest comes first.
        alerts::TESTS,
        servers::TESTS,
        verify::TESTS,
        matrices::TESTS,
        planted::TESTS,
        external::TESTS,
        bad_input::TESTS,
        clock::TESTS,
        bad_starts::TESTS,
        endings::TESTS,
        dying_engine::TESTS,
    ];
    let trials = tests.concat().into_iter().map(|(name, test)| {
        let fixture = Arc::clone(&fixture);
        Trial::ignorable_test(name, move || match fixture.unavailable() {
            Some(reason) if fixture::required() => Err(reason.into()),
            Some(reason) => Ok(Completion::ignored_with(reason)),
            None => {
                test(&fixture);
                Ok(Completion::Completed)
            }
        })
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    fixture.close();
    conclusion.exit_code()
}
