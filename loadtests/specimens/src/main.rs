//! One small service, instrumented in each of the ways people instrument Rust: `INSTRUMENTATION` says which.
//!
//! The service is the same in all of them ([`pipeline`]); each way is one file in [`instrument`]. [`faults`] are what
//! it does wrong on demand, because it also is what the overhead experiment is tested with.

mod app;
mod config;
mod faults;
mod instrument;
mod metrics;
mod pipeline;
mod serve;

use std::io::Write as _;
use std::process::ExitCode;

use config::{Config, Way};
use instrument::{Direct, Fastrace, Told, Tracing, TracingConfig, Uninstrumented};
use metrics::Metrics;
use serve::serve;

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed too, the exit code has to do.
            let _ = writeln!(std::io::stderr(), "otelgate-specimen: {error}");
            ExitCode::from(2)
        }
    }
}

#[tokio::main]
async fn start() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::from_source(&|name: &str| std::env::var(name).ok())?;
    let faults = &config.faults;
    let tracing = |way| Tracing::start(way, faults);
    match config.way {
        Way::None => serve(Uninstrumented, Metrics::default(), &config).await,
        Way::Direct => serve(Direct::start(faults)?, Metrics::start()?, &config).await,
        Way::Inline => serve(Direct::start_inline()?, Metrics::start()?, &config).await,
        Way::Told => serve(Told::start()?, Metrics::start()?, &config).await,
        Way::Tracing => serve(tracing(TracingConfig::Default)?, Metrics::start()?, &config).await,
        Way::TracingUnfiltered => serve(tracing(TracingConfig::Unfiltered)?, Metrics::start()?, &config).await,
        Way::TracingTrimmed => serve(tracing(TracingConfig::Trimmed)?, Metrics::start()?, &config).await,
        Way::Fastrace => serve(Fastrace::start(config.schedule_delay, faults)?, Metrics::start()?, &config).await,
    }
}
