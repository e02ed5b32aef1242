//! Drives the scenarios, one request after another.

use std::time::Duration;

use serde_json::Value as Json;

use super::request::{self, RequestError};
use super::{Expectation, Given, Loaded, Request, ScenarioError, TemplateError, TraceMode, Variables, expectation};
use crate::capture::Exchange;
use crate::config::Ready;
use crate::contract::Range;
use crate::eventually::eventually;
use crate::stack::Stack;

/// Statuses of an answer that says all is well.
const SUCCESS: Range = Range { min: 200, max: Some(299) };

/// Where the service listens and how it says that it is well.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its URL without a trailing slash.
    pub url: String,
    /// How it says that it and its dependencies are well.
    pub ready: Option<Ready>,
}

/// Drives scenarios against a service.
pub struct Driver<'s> {
    stack: &'s Stack,
    target: Target,
    variables: Variables,
    client: reqwest::Client,
    exchanges: Vec<Exchange>,
}

impl<'s> Driver<'s> {
    /// A driver for the service at `target`, whose dependencies are those of `stack`.
    ///
    /// # Errors
    /// If no HTTP client can be made.
    pub fn new(stack: &'s Stack, target: Target, variables: Variables) -> Result<Self, reqwest::Error> {
        // A client of its own, without a proxy: the service is on this machine, and its answers must not be shared.
        let client = crate::http::client().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { stack, target, variables, client, exchanges: Vec::new() })
    }

    /// Sets a placeholder for the requests from now on.
    pub fn set(&mut self, name: &str, value: String) {
        self.variables.set(name, value);
    }

    /// Everything sent so far, with its answers.
    pub fn into_exchanges(self) -> Vec<Exchange> {
        self.exchanges
    }

    /// Asks the service whether it is ready until it is, with requests that leave no trace. They are part of the run.
    ///
    /// # Errors
    /// What it answered last, if it is not ready in time.
    pub async fn until_ready(&mut self) -> Result<(), String> {
        let Some(Ready { path, expect, within_ms }) = self.target.ready.clone() else { return Ok(()) };
        let request = Request::probe(&path);
        let expect = Expectation { status: expect.status.or(Some(SUCCESS)), ..expect };
        let within = Duration::from_millis(within_ms);
        eventually(within, async || {
            let mut exchange = self.exchange(&request, &self.variables).await.map_err(|error| error.to_string())?;
            expectation::hold(&expect, &self.variables, &mut exchange).map_err(|error| error.to_string())?;
            let answer = if exchange.unmet.is_empty() {
                Ok(())
            } else {
                let body = shortened(&exchange.response_body);
                Err(format!(
                    "GET {path}: {}{}{body}",
                    exchange.unmet.join("; "),
                    if body.is_empty() { "" } else { "; it said: " }
                ))
            };
            // Until it listens there is nobody to answer: only answered probes are part of the run.
            if exchange.status.is_some() {
                self.exchanges.push(Exchange { unmet: Vec::new(), ..exchange });
            }
            answer
        })
        .await
        .map_err(|timeout| format!("not ready after {} s: {}", within.as_secs(), timeout.last))
    }

    /// Sends all requests of a scenario while its faults are in place.
    ///
    /// # Errors
    /// If a request cannot be sent as written.
    pub async fn drive(&mut self, loaded: &Loaded) -> Result<(), ScenarioError> {
        self.impose(loaded)?;
        self.send(loaded).await?;
        self.heal();
        Ok(())
    }

    /// Puts the faults of a scenario in place, until [`heal`](Self::heal).
    ///
    /// # Errors
    /// If it has faults for a piece that is not part of the stack.
    pub fn impose(&self, loaded: &Loaded) -> Result<(), ScenarioError> {
        let scenario = &loaded.scenario;
        self.stack
            .impose(&scenario.given)
            .map_err(|message| ScenarioError { place: format!("scenario `{}`", scenario.scenario), message })
    }

    /// Makes all stand-ins well again.
    pub fn heal(&self) {
        self.stack.heal();
    }

    /// Sends all requests of a scenario, whatever faults are in place.
    ///
    /// # Errors
    /// If a request cannot be sent as written.
    pub async fn send(&mut self, loaded: &Loaded) -> Result<(), ScenarioError> {
        let scenario = &loaded.scenario;
        let misuse = |error: RequestError| ScenarioError {
            place: format!("scenario `{}`", scenario.scenario),
            message: error.to_string(),
        };
        let mut step = 0;
        for round in &loaded.rounds {
            let variables = self.variables_of(round);
            for request in &scenario.requests {
                let mut exchange = self.exchange(request, &variables).await.map_err(misuse)?;
                exchange.scenario.clone_from(&scenario.scenario);
                exchange.step = step;
                exchange.tags.clone_from(&request.tags);
                judge(request, &variables, &mut exchange).map_err(|error| misuse(error.into()))?;
                self.exchanges.push(exchange);
                step += 1;
            }
        }
        Ok(())
    }

    async fn exchange(&self, request: &Request, variables: &Variables) -> Result<Exchange, RequestError> {
        let prepared = request::prepare(request, variables)?;
        Ok(request::send(&self.client, &self.target.url, prepared).await)
    }

    fn variables_of(&self, round: &[serde_json::Map<String, Json>]) -> Variables {
        let mut variables = self.variables.clone();
        if let [item] = round {
            for (field, value) in item {
                variables.set(format!("each.{field}"), value.clone());
            }
        }
        if !round.is_empty() {
            variables.set("each.items", Json::Array(round.iter().cloned().map(Json::Object).collect()));
        }
        variables
    }
}

/// Holds the answer against what the scenario expects, and takes the numbers it asks for.
fn judge(request: &Request, variables: &Variables, exchange: &mut Exchange) -> Result<(), TemplateError> {
    expectation::hold(&request.expect, variables, exchange)?;
    for (name, rule) in &request.record {
        let fact = expectation::record(rule, variables, exchange)?;
        exchange.facts.insert(name.clone(), fact);
    }
    Ok(())
}

impl Request {
    /// A `GET` that leaves no trace.
    fn probe(path: &str) -> Self {
        Self {
            request: format!("GET {path}"),
            trace: TraceMode::Unsampled,
            headers: std::collections::BTreeMap::new(),
            json: None,
            body: None,
            body_bytes: None,
            leave_after_chunks: None,
            tags: std::collections::BTreeMap::new(),
            expect: Expectation::default(),
            record: std::collections::BTreeMap::new(),
        }
    }
}

impl Given {
    /// Whether it asks for no fault at all.
    pub fn is_empty(&self) -> bool {
        self.collector.is_empty() && self.qdrant.is_empty() && self.redis.is_empty() && self.model.is_empty()
    }
}

/// The first 200 characters of an answer, in one line.
fn shortened(body: &str) -> String {
    body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
}
