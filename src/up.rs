//! `otelgate up`

use otelgate_harness::finding::Verdict;
use otelgate_harness::run::{Event, Live};

use crate::cli::{Output, Up};
use crate::exit::Failure;
use crate::progress::Progress;
use crate::{interrupt, output, verify};

/// Starts the stack and the service, and keeps them up until Ctrl-C.
pub(crate) async fn run(options: &Up, output: &Output) -> Result<Option<Verdict>, Failure> {
    let stop = interrupt::interrupted();
    tokio::pin!(stop);
    let config = verify::read_config(&options.file)?;
    let progress = Progress::new(output);
    let mut addresses = Vec::new();
    let mut tell = |event: Event| {
        progress.tell(&event);
        if let Event::StackUp { addresses: up, .. } = event {
            addresses = up;
        }
    };
    let mut live = tokio::select! {
        live = Live::up(&config, |name| std::env::var(name).ok(), &mut tell) => live.map_err(verify::failure)?,
        _ = &mut stop => return Ok(None),
    };
    progress.done();
    addresses.insert(0, (config.service.name.clone(), live.url().to_owned()));
    output::addresses(&addresses)?;
    tokio::select! {
        _ = &mut stop => {}
        ended = live.service().ended() => return Err(Failure::Environment(ended.to_string())),
    }
    live.down().await.map_err(verify::failure)?;
    Ok(None)
}
