//! Takes a capture from a live service.

use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;

use crate::alerts::TrialError;
use crate::backends::{BackEndError, Grafana};
use crate::capture::{Canary, Capture, Exchange, Run, Scrape};
use crate::config::{Config, Piece};
use crate::dashboards::Dashboards;
use crate::lifeline::Lifeline;
use crate::scenario::{self, Driver, Loaded, ScenarioError, Target, TemplateError, Variables};
use crate::service::{self, Output, Service, ServiceError};
use crate::stack::containers::Kept;
use crate::stack::{Down, Order, Stack, StackError, StackKind};
use crate::standins::Collector;

use super::scrape::{first_scrape, scrape};
use super::{Arrival, Event, gather, panels};

/// How long Prometheus may take to scrape once, or once more, in a stack of ours, where it does so each second.
pub(super) const OUR_SCRAPES_WITHIN: Duration = Duration::from_secs(15);

/// The same for somebody else's, which may scrape once a minute.
const THEIR_SCRAPES_WITHIN: Duration = Duration::from_secs(150);

/// How long the collector may take to send on to Jaeger what it accepted last.
const SENT_ON_WITHIN: Duration = Duration::from_secs(10);

/// How long Jaeger may take to have stored what it was sent.
const STORED_WITHIN: Duration = Duration::from_secs(15);

/// A run that could not be made or finished.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The stack did not start, or did not stay.
    #[error("the stack: {0}")]
    Stack(#[from] StackError),
    /// A server behind the stack could not be asked what arrived.
    #[error(transparent)]
    BackEnd(#[from] BackEndError),
    /// The service could not be built, started, kept or stopped.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A scenario cannot be driven as written.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A placeholder of the configuration is wrong.
    #[error("`service.env.{name}`: {source}")]
    Env {
        /// The variable.
        name: String,
        /// What is wrong.
        source: TemplateError,
    },
    /// The metrics endpoint does not answer as one.
    #[error("{url}: {message}")]
    Scrape {
        /// The endpoint.
        url: String,
        /// What is wrong.
        message: String,
        /// Whether anybody answered.
        answered: bool,
    },
    /// A trial of alerts could not go on.
    #[error(transparent)]
    Trial(#[from] TrialError),
    /// There is nobody to evaluate alerts.
    #[error(
        "the stack has no Prometheus, which evaluates alerts: choose `--stack containers` and name its files in `back-ends`"
    )]
    NoPrometheus,
    /// The run was stopped from outside.
    #[error("the run was stopped: {0}")]
    Stopped(&'static str),
    /// No HTTP client could be made.
    #[error("no HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// What a run yielded. A run that failed half-way still has everything captured until then.
pub struct Taken {
    /// The capture.
    pub capture: Capture,
    /// What ended the run early, if anything did.
    pub trouble: Option<RunError>,
    /// How long the stack took to be up.
    pub stack_took: Duration,
    /// Containers that were left up, if that was asked for.
    pub kept: Option<Kept>,
    /// How many connections the OTLP receiver ever accepted; 0 proves that nobody tried to export.
    pub collector_connections: usize,
    /// What is left of the stack although it was to be removed. It says nothing of the capture.
    pub left: Option<StackError>,
}

/// How a run is made, beside what its configuration says.
#[derive(Clone, Copy)]
pub struct Choices<'c> {
    /// Where the servers behind the stand-ins run.
    pub kind: StackKind,
    /// Whether containers are left up when the run is over.
    pub keep: bool,
    /// Whether the stand-ins remember every request. Under load nobody reads that, and memory grows with each.
    pub exchanges: bool,
    /// Where the OTLP receiver runs, if not where the stack is started: its CPU time can then be told from the rest.
    pub receiver_on: Option<&'c tokio::runtime::Handle>,
    /// By what the durations of alert rules are divided; 1 leaves them as they are.
    pub time_factor: u32,
    /// Looks up a variable of our own environment.
    pub environment: &'c (dyn Fn(&str) -> Option<String> + Sync),
    /// Ends what the run started, should this process be killed.
    pub lifeline: &'c Lifeline,
}

impl<'c> Choices<'c> {
    /// The embedded stack.
    pub fn embedded(lifeline: &'c Lifeline, environment: &'c (dyn Fn(&str) -> Option<String> + Sync)) -> Self {
        Self {
            kind: StackKind::Embedded,
            keep: false,
            exchanges: true,
            receiver_on: None,
            time_factor: 1,
            environment,
            lifeline,
        }
    }
}

/// A stack and a service that are up.
pub struct Live {
    pub(super) stack: Stack,
    pub(super) service: Service,
    pub(super) run: Run,
    pub(super) variables: Variables,
    pub(super) stack_took: Duration,
}

impl Live {
    /// Builds the service, starts the stack and the service, and waits until the service is ready.
    ///
    /// # Errors
    /// If any of it fails; what had been started is stopped.
    pub async fn up(config: &Config, choices: &Choices<'_>, tell: &mut dyn FnMut(Event)) -> Result<Self, RunError> {
        let run = new_run(config);
        // A build takes minutes; that there is no engine is known at once.
        let (pulling, pulled) = tokio::sync::mpsc::unbounded_channel::<String>();
        // Fails only when nobody listens any more, which is when the stack is up.
        let pulling = move |image: &str| drop(pulling.send(image.to_owned()));
        let order = order(config, choices, &run, &pulling);
        Stack::preflight(&order).await?;
        if !config.service.build.is_empty() {
            tell(Event::Building { command: config.service.build.join(" ") });
            service::build(&config.service, choices.lifeline).await?;
        }
        let began = Instant::now();
        tell(Event::Starting { run: run.id.clone(), kind: choices.kind });
        let stack = start_stack(&order, pulled, tell).await?;
        let stack_took = began.elapsed();
        let fronts = stack.addresses().into_iter().map(|(name, url)| (name.to_owned(), url));
        let back_ends = stack.back_ends().iter().map(|back_end| (back_end.to_string(), back_end.url.clone()));
        let addresses = fronts.chain(back_ends).collect();
        tell(Event::StackUp { took: stack_took, addresses });

        let mut variables = Variables::default();
        canaries_and_addresses(&mut variables, &stack, &run);
        let began = Instant::now();
        let env = environment(config, &variables, &run)?;
        let service = Service::start(&config.service, env, choices.lifeline, choices.environment).await?;
        stack.serve(service.url());
        tell(Event::ServiceUp { url: service.url().to_owned(), took: began.elapsed() });
        Ok(Self { stack, service, run, variables, stack_took })
    }

    /// The service's URL.
    pub fn url(&self) -> &str {
        self.service.url()
    }

    /// Stops the service, then the stack; says what there still is of the stack, and whether the service had ended by
    /// itself or had to be killed.
    pub async fn down(self) -> (Down, Result<(), RunError>) {
        let stopped = self.service.stop().await.map_err(RunError::from);
        (self.stack.down().await, stopped)
    }

    /// Completes when the service, or a server of the stack, ends by itself.
    pub async fn ended(&mut self) -> RunError {
        tokio::select! {
            ended = self.service.ended() => ended.into(),
            ended = self.stack.ended() => ended.into(),
        }
    }

    /// The stack.
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// A driver for the service, for those who drive it themselves.
    ///
    /// # Errors
    /// If no HTTP client can be made.
    pub fn driver(&self, config: &Config) -> Result<Driver<'_>, RunError> {
        Ok(Driver::new(&self.stack, target(config, &self.service), self.variables.clone())?)
    }

    /// What the service prints.
    pub fn output(&self) -> &Output {
        self.service.output()
    }

    /// Fails if the service has ended; `during` says what was going on.
    ///
    /// # Errors
    /// How it ended, and what it printed last.
    pub async fn alive(&mut self, during: &str) -> Result<(), RunError> {
        Ok(self.service.alive(during).await?)
    }

    /// Reads the metrics endpoint of the service; `None` if the configuration names none.
    ///
    /// # Errors
    /// If it does not answer with metrics.
    pub async fn scrape(&self, config: &Config) -> Result<Option<Scrape>, RunError> {
        scrape(config, &self.service).await
    }

    /// The id of the service's process, as long as it runs.
    pub fn process_id(&self) -> Option<u32> {
        self.service.process_id()
    }

    /// Waits until the service is ready, drives the scenarios, stops the service and takes everything it emitted.
    ///
    /// `dashboards` are those whose panels are to show the run.
    ///
    /// When `stop` completes, the run ends early; what was captured until then is kept.
    pub async fn verify(
        mut self,
        config: &Config,
        scenarios: &[Loaded],
        dashboards: &Dashboards,
        tell: &mut dyn FnMut(Event),
        stop: impl Future<Output = &'static str>,
    ) -> Taken {
        let mut capture = Capture { run: self.run.clone(), ..Capture::default() };
        let driven = self.drive(config, scenarios, &mut capture, tell, stop).await;
        tell(Event::Stopping);
        // Boxed: it holds everything that asks the back ends, too much for the stacks it is awaited on.
        Box::pin(self.finish(capture, driven, dashboards)).await
    }

    /// Stops the service and takes everything it emitted, without the metrics that only a scrape of `verify` sees; for
    /// those who drive it themselves. `exchanges` are the [`driver`](Self::driver)'s.
    pub async fn take(self, exchanges: Vec<Exchange>) -> Taken {
        let capture = Capture { run: self.run.clone(), exchanges, ..Capture::default() };
        Box::pin(self.finish(capture, Ok(()), &Dashboards::default())).await
    }

    /// Stops the service; what went wrong in `driven` is told before what goes wrong now.
    async fn finish(self, mut capture: Capture, driven: Result<(), RunError>, dashboards: &Dashboards) -> Taken {
        let output = self.service.output().clone();
        // What went wrong first is what is told; a service that also refuses to stop is killed all the same.
        let arrival = gather::arrival(self.stack.back_ends(), self.service.url()).map_err(RunError::from);
        let stopped = self.service.stop().await.map_err(RunError::from);
        self.stack.drain_into(&mut capture);
        capture.arrived.back_ends = gather::names(self.stack.back_ends());
        let driven = match driven.and(stopped) {
            Ok(()) => take_traces(&self.stack, arrival, &mut capture).await,
            failed => failed,
        };
        let driven = match driven {
            Ok(()) => take_panels(&self.stack, dashboards, &mut capture).await,
            failed => failed,
        };
        let trouble = driven.err();
        capture.logs.extend(output.records());
        capture.exchanges.extend(self.stack.exchanges());
        let collector_connections = self.stack.collector().map_or(0, Collector::connections);
        let Down { kept, left } = self.stack.down().await;
        Taken { capture, trouble, stack_took: self.stack_took, kept, left, collector_connections }
    }

    async fn drive(
        &mut self,
        config: &Config,
        scenarios: &[Loaded],
        capture: &mut Capture,
        tell: &mut dyn FnMut(Event),
        stop: impl Future<Output = &'static str>,
    ) -> Result<(), RunError> {
        let Self { stack, service, variables, .. } = self;
        let scraped_within = scrapes_within(stack.kind());
        let arrival = gather::arrival(stack.back_ends(), service.url())?.with_patience(scraped_within);
        let mut driver = Driver::new(stack, target(config, service), variables.clone())?;
        let all = async {
            // Before anything is asked of it: metrics are judged by their growth from here.
            capture.scrapes.extend(first_scrape(config, service).await?);
            until_ready(&mut driver, service).await?;
            stack.scraped(scraped_within).await?;
            for (at, loaded) in scenarios.iter().enumerate() {
                let name = &loaded.scenario.scenario;
                tell(Event::Scenario { name: name.clone(), at, of: scenarios.len() });
                capture.run.scenarios.push(name.clone());
                driver.drive(loaded).await?;
                service.alive(&format!("during scenario `{name}`")).await?;
                if !loaded.scenario.given.is_empty() {
                    // The next scenario must find the service as well as the first did.
                    until_ready(&mut driver, service).await?;
                }
            }
            capture.scrapes.extend(scrape(config, service).await?);
            if stack.back_ends().grafana.is_some() {
                // Panels show rates, which need two samples of the series that the last request made.
                stack.scraped_again(scraped_within).await?;
            }
            capture.arrived.metrics = arrival.metrics(capture).await?;
            if capture.arrived.metrics.is_some() {
                // The numbers that are the same in both scrapes are those that Prometheus must have.
                capture.scrapes.extend(scrape(config, service).await?);
            }
            Ok(())
        };
        let ended = tokio::select! {
            // What ended is the cause of whatever else went wrong meanwhile.
            biased;
            ended = stack.ended() => Err(ended.into()),
            ended = all => ended,
            why = stop => Err(RunError::Stopped(why)),
        };
        capture.exchanges.extend(driver.into_exchanges());
        ended
    }
}

/// Takes what the panels show of the run, where there is somebody to show it.
async fn take_panels(stack: &Stack, dashboards: &Dashboards, capture: &mut Capture) -> Result<(), RunError> {
    let back_ends = stack.back_ends();
    let Some(grafana) = back_ends.grafana.as_ref().filter(|_| !dashboards.dashboards.is_empty()) else { return Ok(()) };
    let login = back_ends.login.as_ref().map(|login| (login.user.as_str(), login.password.as_str()));
    let from = capture.scrapes.first().map_or(0, |scrape| scrape.time);
    // As far as the store was asked: later, the service is gone, and what is shown of the moment with it.
    let until = capture.arrived.metrics.as_ref().map_or_else(crate::clock::now, |metrics| metrics.until);
    let window = panels::Window::Between { from, until };
    let grafana = Grafana::new(&grafana.url, login)?;
    capture.arrived.panels = Some(panels::gather(&grafana, dashboards, window).await?);
    Ok(())
}

/// Takes the run's traces from where they were sent on to, once all are on their way there no more.
async fn take_traces(stack: &Stack, arrival: Result<Arrival, RunError>, capture: &mut Capture) -> Result<(), RunError> {
    if let Some(collector) = stack.collector() {
        // What does not get there is told by the collector's account of it, and found missing in the store.
        collector.settled(SENT_ON_WITHIN).await;
    }
    capture.arrived.traces = arrival?.with_patience(STORED_WITHIN).traces(capture).await?;
    Ok(())
}

fn scrapes_within(kind: StackKind) -> Duration {
    if kind == StackKind::External { THEIR_SCRAPES_WITHIN } else { OUR_SCRAPES_WITHIN }
}

/// The stack that a run needs.
pub(super) fn order<'o>(
    config: &'o Config,
    choices: &Choices<'o>,
    run: &'o Run,
    pulling: &'o (dyn Fn(&str) + Sync),
) -> Order<'o> {
    Order {
        kind: choices.kind,
        run: &run.id,
        pieces: &config.stack,
        answer_canary: run.canaries.iter().find(|canary| canary.name == "answer").map(|canary| canary.value.as_str()),
        back_ends: &config.back_ends,
        external: &config.external,
        keep: choices.keep,
        exchanges: choices.exchanges,
        receiver_on: choices.receiver_on,
        time_factor: choices.time_factor,
        environment: choices.environment,
        lifeline: choices.lifeline,
        pulling,
    }
}

/// Starts the stack, and passes on which images are pulled meanwhile.
async fn start_stack(
    order: &Order<'_>,
    mut pulled: UnboundedReceiver<String>,
    tell: &mut dyn FnMut(Event),
) -> Result<Stack, StackError> {
    let mut starting = std::pin::pin!(Stack::start(order));
    loop {
        tokio::select! {
            started = &mut starting => return started,
            Some(image) = pulled.recv() => tell(Event::Pulling { image }),
        }
    }
}

fn target(config: &Config, service: &Service) -> Target {
    Target { url: service.url().to_owned(), ready: config.service.ready.clone() }
}

pub(super) async fn until_ready(driver: &mut Driver<'_>, service: &mut Service) -> Result<(), RunError> {
    let Err(message) = driver.until_ready().await else { return Ok(()) };
    service.alive("before it was ready").await?;
    Err(ServiceError::NotReady { message, tail: service.output().tail() }.into())
}

pub(super) fn new_run(config: &Config) -> Run {
    let unique = || uuid::Uuid::new_v4().simple().to_string();
    let canaries = config
        .canaries
        .iter()
        // A word of letters and digits, so that no encoding on the way changes it.
        .map(|name| Canary { name: name.clone(), value: format!("canary{}", unique()) })
        .collect();
    Run { id: unique(), service: config.service.name.clone(), scenarios: Vec::new(), canaries }
}

/// Names what the environment of a service may speak of.
pub(super) fn canaries_and_addresses(variables: &mut Variables, stack: &Stack, run: &Run) {
    stack.name_addresses(variables);
    variables.set("run.id", run.id.clone());
    for canary in &run.canaries {
        variables.set(format!("canary.{}", canary.name), canary.value.clone());
    }
}

pub(super) fn environment(
    config: &Config,
    variables: &Variables,
    run: &Run,
) -> Result<Vec<(String, String)>, RunError> {
    let mut env = Vec::new();
    let mut resource = format!("otelgate.run.id={}", run.id);
    for (name, value) in &config.service.env {
        let value = variables.text(value).map_err(|source| RunError::Env { name: name.clone(), source })?;
        if name == "OTEL_RESOURCE_ATTRIBUTES" {
            resource = format!("{value},{resource}");
        } else {
            env.push((name.clone(), value));
        }
    }
    if config.stack.contains(&Piece::Collector) {
        env.push(("OTEL_RESOURCE_ATTRIBUTES".to_owned(), resource));
    }
    Ok(env)
}

/// Reads the scenarios of a configuration.
///
/// # Errors
/// If a file cannot be used.
pub fn scenarios(config: &Config) -> Result<Vec<Loaded>, ScenarioError> {
    scenario::read_all(&config.scenarios)
}
