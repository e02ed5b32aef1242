//! `rag-service-lane`: answers a number of requests inside this process and prints what that took, as docs/LANE.md
//! describes. The service's routes are called without a socket, on one thread; its telemetry is the real one, up to the
//! network: OTLP is encoded, counted and thrown away. Qdrant, Redis and the model server are where the variables of the
//! service say, in another process.

mod counts;
mod kind;
mod options;
mod sink;
mod wire;

use std::{alloc::System, io::Write as _, process::ExitCode, sync::Arc, time::Duration};

use axum::{body::Body, http::Request};
use http_body_util::BodyExt as _;
use opentelemetry_http::HttpClient;
use rag_service::{
    App, Service,
    config::Config,
    telemetry::{self, Providers},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
// Linked for its functions' names.
use tikv_jemallocator as _;
use tower::ServiceExt as _;

use self::{counts::Counts, options::Options, sink::Sink};

/// Counts what is asked of `malloc`, which jemalloc answers, as in the service. glibc's would make what a request costs
/// depend on where its blocks happen to lie: a third more or less for a path that is some letters longer.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

type Error = Box<dyn std::error::Error>;

/// Requests before the counted ones: connections are opened, buffers have grown.
const WARM_UP: u32 = 16;

/// Requests whose telemetry is exported together. The service exports by a timer; where an export falls would then depend
/// on the machine, and with it how many spans share a resource. Half of a default batch at 16 spans a request.
const EXPORTED_TOGETHER: usize = 16;

fn main() -> ExitCode {
    let result = Options::parse(std::env::args().skip(1)).map_err(Error::from).and_then(|options| run(&options));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed too, the exit code has to do.
            let _ = writeln!(std::io::stderr(), "rag-service-lane: {error}");
            ExitCode::from(2)
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn run(options: &Options) -> Result<(), Error> {
    let config = Config::from_source(&|name: &str| options.setting(name).or_else(|| std::env::var(name).ok()))?;
    let sink = Arc::new(Sink::default());
    let client: Arc<dyn HttpClient> = sink.clone();
    let providers = Providers::start_over(&config.telemetry, &client);
    telemetry::install_logs(&config.log_filter, &providers)?;
    let service = App::new(&config, &providers.telemetry())?.service();

    answer(&service, kind::documents()?).await?;
    for number in 0..WARM_UP {
        answer(&service, options.kind.request(number)?).await?;
    }
    providers.flush();

    let numbers: Vec<u32> = (WARM_UP..).take(options.requests).collect();
    let (allocated, exported) = (ALLOCATOR.stats(), sink.exported());
    for together in numbers.chunks(EXPORTED_TOGETHER) {
        for number in together {
            answer(&service, options.kind.request(*number)?).await?;
        }
        providers.flush();
    }
    let counts = Counts::between(options.requests, (allocated, exported), (ALLOCATOR.stats(), sink.exported()));

    providers.shutdown(Duration::from_secs(10));
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&counts)?)?;
    Ok(())
}

/// Sends a request and reads its answer to the end.
async fn answer(service: &Service, request: Request<Body>) -> Result<(), Error> {
    let path = request.uri().path().to_owned();
    let response = service.clone().oneshot(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if status.is_success() {
        return Ok(());
    }
    let body = String::from_utf8_lossy(&body);
    Err(format!("{path} was answered with {status}: {body}; are QDRANT_URL, REDIS_URL and OPENAI_BASE_URL right?")
        .into())
}
