//! A specimen that runs, and what it exported.

use std::path::Path;
use std::time::Duration;

use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use otelgate_harness::capture::Span;
use otelgate_harness::config::{self, Config, OverheadConfig, ServiceConfig};
use otelgate_harness::lifeline::Lifeline;
use otelgate_harness::service::{Service, ServiceError};
use otelgate_harness::standins::{Collector, collector};
use reqwest::{Client, RequestBuilder};

/// How long anything may take that is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Variables of a specimen's environment.
pub(crate) type Settings<'s> = &'s [(&'s str, &'s str)];

/// Asks OTLP/HTTP of a specimen instead of OTLP/gRPC.
pub(crate) const OVER_HTTP: (&str, &str) = ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");

/// A specimen with a collector of its own.
pub(crate) struct Specimen {
    pub(crate) collector: Collector,
    pub(crate) service: Service,
    client: Client,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Specimen {
    /// Starts one that is instrumented in this way.
    pub(crate) async fn start(way: &str, settings: Settings<'_>) -> Self {
        let collector = collector().run().await.unwrap();
        let service = spawn(way, &collector, settings).await.unwrap();
        Self { collector, service, client: client() }
    }

    /// A request to it.
    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.service.url()))
    }

    /// Reads from it.
    pub(crate) async fn get(&self, path: &str) -> Answered {
        answered(self.client.get(format!("{}{path}", self.service.url()))).await
    }

    /// Asks question `number`, in a trace of that id.
    pub(crate) async fn ask(&self, number: u64) -> Answered {
        answered(self.question(number).header("traceparent", traceparent(number, "01"))).await
    }

    /// Question `number`, not yet sent and in no trace.
    pub(crate) fn question(&self, number: u64) -> RequestBuilder {
        let text = format!("question {number}: how does a sampler choose a trace");
        self.post("/ask").header("content-type", "application/json").body(format!(r#"{{"query": "{text}"}}"#))
    }

    /// The CPU time that its process has used.
    pub(crate) fn cpu(&self) -> Duration {
        let process = Pid::from_raw(self.service.process_id().unwrap().try_into().unwrap());
        clock_gettime(clock_getcpuclockid(process).unwrap()).unwrap().into()
    }

    /// Stops it, and tells what it exported.
    pub(crate) async fn stop(self) -> Vec<Span> {
        self.service.stop().await.unwrap();
        assert_eq!(self.collector.refusals(), []);
        self.collector.take().spans
    }
}

/// Starts the process alone.
pub(crate) async fn spawn(way: &str, collector: &Collector, settings: Settings<'_>) -> Result<Service, ServiceError> {
    let config = service_config();
    let over_http = settings.contains(&OVER_HTTP);
    let endpoint = if over_http { collector.http_url() } else { collector.grpc_url() };
    let own = config.env.iter().filter(|(_, value)| !value.contains("${"));
    let own = own.map(|(name, value)| (name.clone(), value.clone()));
    let of_the_test = [("INSTRUMENTATION", way), ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)];
    let of_the_test = of_the_test.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Service::start(&config, own.chain(of_the_test), &Lifeline::none(), |name| std::env::var(name).ok()).await
}

/// As `otelgate.yaml` has it, but for the binary, which is the one that was built for the tests.
fn service_config() -> ServiceConfig {
    let mut service = configuration().service;
    service.build.clear();
    service.command = vec![env!("CARGO_BIN_EXE_otelgate-specimen").to_owned()];
    service
}

/// What `otelgate.yaml` says of the experiment.
pub(crate) fn overhead() -> OverheadConfig {
    configuration().overhead.unwrap()
}

fn configuration() -> Config {
    config::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("otelgate.yaml")).unwrap()
}

/// Sends a request.
pub(crate) async fn answered(request: RequestBuilder) -> Answered {
    let response = request.send().await.unwrap();
    Answered { status: response.status().as_u16(), body: response.text().await.unwrap() }
}

/// The span that calls a specimen in trace `number`.
pub(crate) const CALLER: &str = "00f067aa0ba902b7";

/// A `traceparent` in trace `number`, with these flags.
pub(crate) fn traceparent(number: u64, flags: &str) -> String {
    format!("00-{}-{CALLER}-{flags}", trace_id(number))
}

/// The id of trace `number`.
pub(crate) fn trace_id(number: u64) -> String {
    format!("5a5a5a5a5a5a5a5a{number:016x}")
}

fn client() -> Client {
    // An error says only that there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}
