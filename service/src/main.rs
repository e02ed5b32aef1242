//! The service's process: settings from the environment, telemetry, socket, signals; everything else is in the library.

use std::{io::Write as _, process::ExitCode};

use rag_service::{
    App,
    config::Config,
    health_check,
    signals::StopSignals,
    telemetry::{self, Providers},
};
use tokio::net::TcpListener;

/// A span is made by one thread and may be freed by another, which the system's allocator answers with locks. With
/// telemetry off it serves all the same.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        // 1 is what container engines take for "unhealthy".
        Some("--health-check") => exit_code(ask_health(), 1),
        Some(other) => exit_code(Err(format!("`{other}` is not known; settings are environment variables").into()), 2),
        None => exit_code(start(), 2),
    }
}

fn exit_code(result: Result<(), Box<dyn std::error::Error>>, failure: u8) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed too, the exit code has to do.
            let _ = writeln!(std::io::stderr(), "rag-service: {error}");
            ExitCode::from(failure)
        }
    }
}

fn ask_health() -> Result<(), Box<dyn std::error::Error>> {
    let bind_address = Config::from_source(&|name: &str| std::env::var(name).ok())?.bind_address;
    Ok(health_check::ask(&bind_address)?)
}

#[tokio::main]
async fn start() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::from_source(&|name: &str| std::env::var(name).ok())?;
    let providers = Providers::start(&config.telemetry);
    telemetry::install_logs(&config.log_filter, &providers)?;
    let mut signals = StopSignals::listen()?;
    let app = App::new(&config, &providers.telemetry())?;
    let listener = TcpListener::bind(&config.bind_address)
        .await
        .map_err(|error| format!("cannot bind {}: {error}; set BIND_ADDRESS", config.bind_address))?;
    tracing::info!("listening on http://{}", listener.local_addr()?);

    let (stop, stopped) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        signals.next().await;
        // `run` may have ended by itself.
        let _ = stop.send(());
        let code = signals.next().await;
        #[expect(clippy::disallowed_methods, reason = "whoever asks twice wants no more waiting")]
        std::process::exit(code.into());
    });
    let result = app.run(listener, async { drop(stopped.await) }).await;

    tracing::info!("stopped; flushing telemetry");
    tokio::task::spawn_blocking(move || providers.shutdown(config.shutdown_timeout)).await?;
    Ok(result?)
}
