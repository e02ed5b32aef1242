//! What the engine knows of a container that is in trouble.

use futures::StreamExt;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::models::ContainerStateStatusEnum as Status;
use testcontainers::bollard::query_parameters::{InspectContainerOptions, LogsOptionsBuilder};

use super::engine::{Engine, why};
use super::recipe::Recipe;
use crate::stack::StackError;
use crate::stack::error::{State, Trouble, What};

/// How many lines of a log are told.
const LINES: usize = 20;

/// Longest line told, in characters. What Prometheus says of a rule has the cause at the end of one line.
const LINE_LENGTH: usize = 1_000;

/// Everything there is to say about a container.
pub(super) async fn examine(engine: &Engine, recipe: &Recipe, what: What) -> StackError {
    StackError::Server(Box::new(Trouble {
        server: recipe.server,
        container: recipe.container.clone(),
        image: recipe.image.reference.clone(),
        what,
        state: state(engine, &recipe.container).await,
        log: log(engine, &recipe.container).await,
    }))
}

pub(super) async fn state(engine: &Engine, container: &str) -> State {
    let state = match engine.docker().inspect_container(container, None::<InspectContainerOptions>).await {
        Ok(found) => found.state.unwrap_or_default(),
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => return State::Gone,
        Err(error) => return State::Unknown(why(&error)),
    };
    match state.status {
        Some(Status::CREATED) => State::Created,
        Some(Status::EXITED | Status::DEAD | Status::REMOVING) => State::Ended {
            code: state.exit_code.unwrap_or_default(),
            out_of_memory: state.oom_killed.unwrap_or_default(),
            message: state.error.unwrap_or_default(),
        },
        _ => State::Running,
    }
}

async fn log(engine: &Engine, container: &str) -> Vec<String> {
    let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail(&LINES.to_string()).build();
    let mut chunks = std::pin::pin!(engine.docker().logs(container, Some(options)));
    let mut text = String::new();
    while let Some(Ok(chunk)) = chunks.next().await {
        text.push_str(&String::from_utf8_lossy(&chunk.into_bytes()));
    }
    text.lines()
        .map(|line| line.chars().filter(|character| !character.is_control()).take(LINE_LENGTH).collect())
        .collect()
}
