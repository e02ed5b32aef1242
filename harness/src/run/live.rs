//! Takes a capture from a live service.

use std::time::{Duration, Instant};

use crate::capture::{Canary, Capture, Run, Scrape};
use crate::clock;
use crate::config::{Config, Piece};
use crate::eventually::eventually;
use crate::scenario::{self, Driver, Loaded, ScenarioError, Target, TemplateError, Variables};
use crate::service::{self, Service, ServiceError};
use crate::stack::Stack;

use super::Event;

/// A run that could not be made or finished.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A stand-in could not be started.
    #[error("the stack did not start: {0}")]
    Stack(#[from] std::io::Error),
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
}

/// A stack and a service that are up.
pub struct Live {
    stack: Stack,
    service: Service,
    run: Run,
    variables: Variables,
    stack_took: Duration,
}

impl Live {
    /// Builds the service, starts the stack and the service, and waits until the service is ready.
    ///
    /// `inherited` looks up variables of our own environment.
    ///
    /// # Errors
    /// If any of it fails; what had been started is stopped.
    pub async fn up(
        config: &Config,
        inherited: impl Fn(&str) -> Option<String>,
        tell: &mut dyn FnMut(Event),
    ) -> Result<Self, RunError> {
        if !config.service.build.is_empty() {
            tell(Event::Building { command: config.service.build.join(" ") });
            service::build(&config.service).await?;
        }
        let run = new_run(config);
        let began = Instant::now();
        let answer = run.canaries.iter().find(|canary| canary.name == "answer").map(|canary| canary.value.as_str());
        let stack = Stack::start(&config.stack, answer).await?;
        let stack_took = began.elapsed();
        let addresses = stack.addresses().into_iter().map(|(name, url)| (name.to_owned(), url)).collect();
        tell(Event::StackUp { took: stack_took, addresses });

        let mut variables = Variables::default();
        stack.name_addresses(&mut variables);
        variables.set("run.id", run.id.clone());
        for canary in &run.canaries {
            variables.set(format!("canary.{}", canary.name), canary.value.clone());
        }
        let began = Instant::now();
        let env = environment(config, &variables, &run)?;
        let service = Service::start(&config.service, env, inherited).await?;
        tell(Event::ServiceUp { url: service.url().to_owned(), took: began.elapsed() });
        Ok(Self { stack, service, run, variables, stack_took })
    }

    /// The service's URL.
    pub fn url(&self) -> &str {
        self.service.url()
    }

    /// Stops the service, then the stack.
    ///
    /// # Errors
    /// If the service had ended by itself or had to be killed.
    pub async fn down(self) -> Result<(), RunError> {
        Ok(self.service.stop().await?)
    }

    /// The service process.
    pub fn service(&mut self) -> &mut Service {
        &mut self.service
    }

    /// Waits until the service is ready, drives the scenarios, stops the service and takes everything it emitted.
    ///
    /// When `stop` completes, the run ends early; what was captured until then is kept.
    pub async fn verify(
        mut self,
        config: &Config,
        scenarios: &[Loaded],
        tell: &mut dyn FnMut(Event),
        stop: impl Future<Output = &'static str>,
    ) -> Taken {
        let mut capture = Capture { run: self.run.clone(), ..Capture::default() };
        let driven = self.drive(config, scenarios, &mut capture, tell, stop).await;
        tell(Event::Stopping);
        let output = self.service.output().clone();
        // What went wrong first is what is told; a service that also refuses to stop is killed all the same.
        let stopped = self.service.stop().await.map_err(RunError::from);
        let trouble = driven.and(stopped).err();
        self.stack.drain_into(&mut capture);
        capture.logs.extend(output.records());
        capture.exchanges.extend(self.stack.exchanges());
        Taken { capture, trouble, stack_took: self.stack_took }
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
        let target = Target { url: service.url().to_owned(), ready: config.service.ready.clone() };
        let mut driver = Driver::new(stack, target, variables.clone())?;
        let all = async {
            // Before anything is asked of it: metrics are judged by their growth from here.
            capture.scrapes.extend(first_scrape(config, service).await?);
            until_ready(&mut driver, service).await?;
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
            Ok(())
        };
        let ended = tokio::select! {
            ended = all => ended,
            why = stop => Err(RunError::Stopped(why)),
        };
        capture.exchanges.extend(driver.into_exchanges());
        ended
    }
}

async fn until_ready(driver: &mut Driver<'_>, service: &mut Service) -> Result<(), RunError> {
    let Err(message) = driver.until_ready().await else { return Ok(()) };
    service.alive("before it was ready").await?;
    Err(ServiceError::NotReady { message, tail: service.output().tail() }.into())
}

/// Reads the metrics endpoint as soon as the service listens.
async fn first_scrape(config: &Config, service: &mut Service) -> Result<Option<Scrape>, RunError> {
    let within = config.service.ready.as_ref().map_or(config.service.address.within_ms, |ready| ready.within_ms);
    let scraped = eventually(Duration::from_millis(within), async || match scrape(config, service).await {
        // A service of a fixed URL need not listen yet; one that answers has answered.
        Err(error @ RunError::Scrape { answered: false, .. }) => Err(error),
        scraped => Ok(scraped),
    });
    match scraped.await {
        Ok(scraped) => scraped,
        Err(timed_out) => {
            service.alive("before it listened").await?;
            let message = format!("not ready after {within} ms: {}", timed_out.last);
            Err(ServiceError::NotReady { message, tail: service.output().tail() }.into())
        }
    }
}

/// Reads the metrics endpoint, if the configuration names one.
async fn scrape(config: &Config, service: &Service) -> Result<Option<Scrape>, RunError> {
    let Some(path) = &config.service.metrics else { return Ok(None) };
    let url = format!("{}{path}", service.url());
    let wrong = |message: String| RunError::Scrape { url: url.clone(), message, answered: true };
    let client = crate::http::client().timeout(Duration::from_secs(10)).build()?;
    let response = client.get(&url).send().await.map_err(|error| RunError::Scrape {
        url: url.clone(),
        message: error.to_string(),
        answered: !error.is_connect(),
    })?;
    let status = response.status();
    if !status.is_success() {
        return Err(wrong(format!("answered {status}, not metrics; are they switched off?")));
    }
    let text = response.text().await.map_err(|error| wrong(error.to_string()))?;
    let scrape = Scrape::of_exposition(clock::now(), &url, text).map_err(|error| wrong(error.to_string()))?;
    Ok(Some(scrape))
}

fn new_run(config: &Config) -> Run {
    let unique = || uuid::Uuid::new_v4().simple().to_string();
    let canaries = config
        .canaries
        .iter()
        // A word of letters and digits, so that no encoding on the way changes it.
        .map(|name| Canary { name: name.clone(), value: format!("canary{}", unique()) })
        .collect();
    Run { id: unique(), service: config.service.name.clone(), scenarios: Vec::new(), canaries }
}

fn environment(config: &Config, variables: &Variables, run: &Run) -> Result<Vec<(String, String)>, RunError> {
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
