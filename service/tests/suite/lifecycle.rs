//! The process: start, signals, end.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;

use crate::{
    fakes::{model::Model, qdrant::Qdrant, redis::Redis},
    fixture::question,
};

/// The service as a process of its own, which ends with its guard.
struct Service {
    child: Child,
    stdout: BufReader<ChildStdout>,
    url: String,
    /// The log lines so far.
    lines: Vec<Value>,
}

impl Service {
    fn start(settings: &[(&str, &str)]) -> Self {
        let mut child = command(settings).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut service = Self { child, stdout, url: String::new(), lines: Vec::new() };
        let listening = service.read_until("listening on ");
        service.url.push_str(listening.strip_prefix("listening on ").unwrap());
        service
    }

    /// Reads log lines up to one whose message begins so.
    fn read_until(&mut self, beginning: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.stdout.read_line(&mut line).unwrap() > 0, "no `{beginning}` among {:#?}", self.lines);
            let line: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            let message = line["message"].as_str().unwrap().to_owned();
            self.lines.push(line);
            if message.starts_with(beginning) {
                return message;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    fn wait(mut self) -> (ExitStatus, Vec<Value>) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        self.lines.extend(rest.lines().map(|line| serde_json::from_str(line).unwrap()));
        (self.child.wait().unwrap(), std::mem::take(&mut self.lines))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Gone already, if the test waited for it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rag-service"));
    command
        .env_clear()
        .env("BIND_ADDRESS", "127.0.0.1:0")
        // Nobody listens there.
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
        .envs(settings.iter().copied());
    command
}

fn messages(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["message"].as_str().unwrap()).collect()
}

async fn fakes() -> (Model, Qdrant, Redis) {
    (Model::run().await, Qdrant::run().await, Redis::run().await)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_deal() {
    let (model, qdrant, redis) = fakes().await;
    let service =
        Service::start(&[("OPENAI_BASE_URL", &model.url), ("QDRANT_URL", &qdrant.url), ("REDIS_URL", &redis.url)]);
    let client = reqwest::Client::new();

    let ready = client.get(format!("{}/ready", service.url)).send().await.unwrap();
    let answer = client.post(format!("{}/api/rag", service.url)).json(&question("telemetry")).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    service.signal(Signal::SIGTERM);
    let (status, lines) = service.wait();

    assert_eq!(ready.status(), 200);
    assert_eq!(answer["sources"], serde_json::json!([]));
    assert!(status.success(), "{status}");
    let answered = lines.iter().find(|line| line["message"] == "answered a query").unwrap();
    assert_eq!(answered["level"], "INFO");
    assert_eq!(answered["trace_id"].as_str().unwrap().len(), 32);
    assert_eq!(answered["span_id"].as_str().unwrap().len(), 16);
    let messages = messages(&lines);
    assert!(messages.contains(&"stopped; flushing telemetry"), "{messages:#?}");
    let warnings = messages.iter().filter(|message| message.contains("cannot export telemetry")).count();
    assert!(warnings <= 2, "one for each signal: {messages:#?}");
}

#[test]
fn a_dead_collector_and_dead_dependencies_hinder_neither_start_nor_end() {
    let service = Service::start(&[("SHUTDOWN_TIMEOUT_MS", "300")]);

    service.signal(Signal::SIGINT);
    let (status, _) = service.wait();

    assert!(status.success(), "{status}");
}

#[test]
fn an_endpoint_that_is_no_url_is_one_warning() {
    let service = Service::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "not a url")]);

    service.signal(Signal::SIGTERM);
    let (status, lines) = service.wait();

    assert!(status.success(), "{status}");
    let warnings: Vec<_> = lines.iter().filter(|line| line["level"] == "WARN").collect();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert!(warnings[0]["message"].as_str().unwrap().starts_with("telemetry is not exported"), "{warnings:#?}");
}

#[test]
fn switched_off_it_says_so() {
    let service = Service::start(&[("OTEL_ENABLED", "false")]);

    service.signal(Signal::SIGTERM);
    let (_, lines) = service.wait();

    assert!(messages(&lines).contains(&"OpenTelemetry disabled"), "{lines:#?}");
}

#[test]
fn a_setting_that_cannot_be_used_ends_the_start_with_its_name() {
    let output = command(&[("OTEL_TRACES_SAMPLER_ARG", "2")]).output().unwrap();

    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("OTEL_TRACES_SAMPLER_ARG=`2`"), "{message}");
    assert!(output.stdout.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_stream_and_an_idle_connection_hold_the_end_for_the_timeout_only() {
    let (model, qdrant, redis) = fakes().await;
    model.chat.then(crate::fakes::model::Behaviour::Stall);
    let mut service = Service::start(&[
        ("OPENAI_BASE_URL", &model.url),
        ("QDRANT_URL", &qdrant.url),
        ("REDIS_URL", &redis.url),
        ("SHUTDOWN_TIMEOUT_MS", "300"),
    ]);
    let client = reqwest::Client::new();
    let document = serde_json::json!({ "id": "a", "title": "t", "topic_id": "telemetry", "text": "sampling" });
    let documents = serde_json::json!({ "documents": [document] });
    client.post(format!("{}/api/documents", service.url)).json(&documents).send().await.unwrap();
    let stream = client.post(format!("{}/api/rag/stream", service.url)).json(&question("telemetry"));
    let mut stream = stream.send().await.unwrap();
    assert!(stream.chunk().await.unwrap().is_some());
    let idle = client.get(format!("{}/health", service.url)).send().await.unwrap();

    service.signal(Signal::SIGTERM);
    service.read_until("requests are still open after the shutdown timeout");
    let (status, _) = service.wait();

    assert_eq!(idle.status(), 200);
    assert!(status.success(), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGINT, 130)] {
        let (model, qdrant, redis) = fakes().await;
        model.embeddings.then(crate::fakes::model::Behaviour::Hang);
        let mut service =
            Service::start(&[("OPENAI_BASE_URL", &model.url), ("QDRANT_URL", &qdrant.url), ("REDIS_URL", &redis.url)]);
        let asking = reqwest::Client::new().post(format!("{}/api/rag", service.url)).json(&question("telemetry"));
        let asking = tokio::spawn(asking.send());
        model.received_one().await;

        service.signal(signal);
        service.read_until("shutting down");
        service.signal(signal);
        let (status, _) = service.wait();

        assert_eq!(status.code(), Some(code));
        assert!(asking.await.unwrap().is_err());
    }
}
