//! The service's life: it listens, serves until it is told to stop, and sends its last spans.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::app;
use crate::config::Config;
use crate::instrument::Instrument;
use crate::metrics::Metrics;
use crate::pipeline::Pipeline;

/// How long requests may take to end after the signal, and as long again the export of the last spans. Together below the
/// ten seconds that container engines wait before they kill.
const GRACE: Duration = Duration::from_secs(4);

/// Serves until SIGTERM or SIGINT.
pub(crate) async fn serve<I: Instrument>(
    spans: I,
    metrics: Metrics,
    config: &Config,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let spans = Arc::new(spans);
    let pipeline = Pipeline::new(Arc::clone(&spans), metrics);
    let listener = TcpListener::bind(&config.bind_address)
        .await
        .map_err(|error| format!("cannot bind {}: {error}; set BIND_ADDRESS", config.bind_address))?;
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;

    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        // The server may have ended by itself.
        let _ = stop.send(true);
    });
    let told = |mut stopped: watch::Receiver<bool>| async move { drop(stopped.wait_for(|stopped| *stopped).await) };
    let overdue = {
        let told = told(stopped.clone());
        async {
            told.await;
            tokio::time::sleep(GRACE).await;
        }
    };
    // Small answers must not wait for more to send.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let server = axum::serve(listener, app::router(pipeline, config.faults.clone()));
    let result = tokio::select! {
        result = server.with_graceful_shutdown(told(stopped)) => result,
        () = overdue => Ok(()),
    };

    tokio::task::spawn_blocking(move || spans.shutdown(GRACE)).await?;
    Ok(result?)
}
