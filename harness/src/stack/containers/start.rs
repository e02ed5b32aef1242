//! Starts one container and waits until its server says that it is ready.

use std::time::Duration;

use futures::StreamExt;
use testcontainers::bollard::models::PortBinding;
use testcontainers::bollard::query_parameters::WaitContainerOptions;
use testcontainers::core::error::ClientError;
use testcontainers::core::{ContainerPort, Host};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerRequest, CopyTargetOptions, GenericImage, ImageExt, TestcontainersError};

use super::engine::{Engine, why};
use super::examine::{self, examine};
use super::recipe::Recipe;
use super::{images, labels, relay};
use crate::config::BackEndsConfig;
use crate::eventually::eventually_every;
use crate::stack::StackError;
use crate::stack::back_ends::{BackEnd, Login};
use crate::stack::error::{State, What};
use crate::stack::kind::Server;
use crate::stack::probe::{NotReady, Question};

/// Time between two questions: five servers that start on few cores are not to be busy with answering.
const INTERVAL: Duration = Duration::from_millis(25);

/// A container whose server is ready.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) recipe: Recipe,
    pub(super) back_end: BackEnd,
    /// Where it takes OTLP over gRPC, if it does.
    pub(super) otlp: Option<String>,
}

/// Starts `recipe` and waits, at most `patience` in all.
pub(super) async fn start(
    engine: &Engine,
    run: &str,
    recipe: Recipe,
    config: &BackEndsConfig,
    patience: Duration,
) -> Result<Running, StackError> {
    let began = tokio::time::Instant::now();
    let addresses = match create(engine, run, &recipe).await {
        Ok(addresses) => addresses,
        Err(failed) => return Err(examine(engine, &recipe, failed).await),
    };
    let question = question(&recipe, &addresses, config);
    let ready =
        eventually_every(INTERVAL, patience.saturating_sub(began.elapsed()), async || match question.ask().await {
            Ok(stated) => Ok(Ok(stated)),
            Err(NotReady::Never(said)) => Ok(Err(said)),
            Err(NotReady::NotYet(said)) => Err(said),
        });
    let not_ready =
        |answer: String| What::NotReady { asked: question.text(), answer, after_ms: began.elapsed().as_millis() };
    let failed = tokio::select! {
        // A container that ends is noticed at once, whatever is being asked.
        () = ended(engine, &recipe.container) => What::EndedBeforeReady,
        ready = ready => match ready {
            Ok(Ok(stated)) => {
                let image = Some(recipe.image.clone());
                let back_end = BackEnd::new(recipe.server, question.url(), stated, image);
                return Ok(Running { back_end, otlp: addresses.otlp, recipe });
            }
            Ok(Err(said)) => not_ready(said),
            Err(timed_out) => not_ready(timed_out.last),
        },
    };
    Err(examine(engine, &recipe, failed).await)
}

/// Completes when a container does not run any more, or the engine no longer says so.
pub(super) async fn ended(engine: &Engine, container: &str) {
    loop {
        let mut waiting = std::pin::pin!(engine.docker().wait_container(container, None::<WaitContainerOptions>));
        // An exit code other than 0 comes as an error, as does a connection that was cut while the container runs on:
        // what happened is found out by looking.
        waiting.next().await;
        if examine::state(engine, container).await != State::Running {
            return;
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Where a container is reached from here.
struct Addresses {
    main: String,
    otlp: Option<String>,
}

async fn create(engine: &Engine, run: &str, recipe: &Recipe) -> Result<Addresses, What> {
    let container = request(engine, run, recipe).start().await.map_err(|error| What::NotStarted(told(&error)))?;
    let mut addresses = Vec::new();
    for port in recipe.ports {
        // A container that has ended has no ports.
        let port = container.get_host_port_ipv4(ContainerPort::Tcp(*port)).await;
        let host = container.get_host().await;
        if let (Ok(port), Ok(host)) = (port, host) {
            let host = if host.to_string() == "localhost" { "127.0.0.1".to_owned() } else { host.to_string() };
            addresses.push(format!("{host}:{port}"));
        }
    }
    // The run has one guard for all its containers, which also knows those that did not come so far.
    std::mem::forget(container);
    let mut addresses = addresses.into_iter();
    match (addresses.next(), addresses.next()) {
        (Some(main), otlp) => Ok(Addresses { main, otlp: otlp.map(|address| format!("http://{address}")) }),
        (None, _) => Err(What::EndedBeforeReady),
    }
}

fn request(engine: &Engine, run: &str, recipe: &Recipe) -> ContainerRequest<GenericImage> {
    let (name, tag) = images::name_and_tag(&recipe.image.reference);
    let image = recipe
        .ports
        .iter()
        .fold(GenericImage::new(name, tag), |image, port| image.with_exposed_port(ContainerPort::Tcp(*port)));
    let network = labels::network(run);
    let mut request = image
        .with_container_name(&recipe.container)
        .with_network(&network)
        .with_labels(labels::map(run))
        .with_cmd(recipe.arguments.iter().copied());
    for (name, value) in &recipe.environment {
        request = request.with_env_var(*name, value);
    }
    for file in &recipe.files {
        request = request.with_copy_to(CopyTargetOptions::new(&file.path).with_mode(0o644), file.content.clone());
    }
    if recipe.names_host {
        request = request.with_host(relay::HOST_NAME, Host::HostGateway);
    }
    let ports = recipe.ports;
    let fixed_port = recipe.fixed_port;
    let host_ip = engine.publishes_at().map(str::to_owned);
    request.with_host_config_modifier(move |host| {
        host.publish_all_ports = Some(false);
        host.port_bindings = Some(
            ports
                .iter()
                .enumerate()
                .map(|(at, port)| {
                    let host_port = fixed_port.filter(|_| at == 0).map(|port| port.to_string());
                    let binding = PortBinding { host_ip: host_ip.clone(), host_port };
                    (format!("{port}/tcp"), Some(vec![binding]))
                })
                .collect(),
        );
        host.dns_search = Some(vec![network.clone()]);
        // A name without a dot is looked for in the search domain first, and not asked of the internet.
        host.dns_options = Some(vec!["ndots:1".to_owned()]);
    })
}

/// What the engine says of a start that failed.
fn told(error: &TestcontainersError) -> String {
    match error {
        TestcontainersError::Client(
            ClientError::CreateContainer(error)
            | ClientError::StartContainer(error)
            | ClientError::UploadToContainerError(error),
        ) => why(error),
        other => other.to_string(),
    }
}

fn question(recipe: &Recipe, addresses: &Addresses, config: &BackEndsConfig) -> Question {
    let url = format!("http://{}", addresses.main);
    match recipe.server {
        Server::Jaeger => Question::Jaeger { url, otlp: addresses.otlp.clone().unwrap_or_default() },
        Server::Prometheus => Question::Prometheus { url },
        Server::Grafana => Question::Grafana { url, login: login(config) },
        Server::Qdrant => Question::Qdrant { url },
        Server::Redis => Question::Redis { url: format!("redis://{}", addresses.main) },
    }
}

/// How to log in to the Grafana of the run.
pub(super) fn login(config: &BackEndsConfig) -> Login {
    let (user, password) =
        config.grafana.as_ref().map(|files| (files.user.clone(), files.password.clone())).unwrap_or_default();
    Login { user, password }
}
