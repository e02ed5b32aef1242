//! `otelgate up`

use otelgate_harness::finding::Verdict;
use otelgate_harness::run::{Event, Live};

use crate::cli::{Output, Up};
use crate::exit::Failure;
use crate::progress::Progress;
use crate::{interrupt, output, reaper, verify};

/// Starts the stack and the service, and keeps them up until Ctrl-C.
pub(crate) async fn run(options: &Up, output: &Output) -> Result<Option<Verdict>, Failure> {
    let stop = interrupt::interrupted();
    tokio::pin!(stop);
    let mut config = verify::read_config(&options.file)?;
    options.stack.apply(&mut config)?;
    let progress = Progress::new(output);
    let mut addresses = Vec::new();
    let mut tell = |event: Event| {
        progress.tell(&event);
        if let Event::StackUp { addresses: up, .. } = event {
            addresses = up;
        }
    };
    let lifeline = reaper::start()?;
    let environment = |name: &str| std::env::var(name).ok();
    let choices = options.stack.choices(&lifeline, &environment);
    let mut live = tokio::select! {
        live = Live::up(&config, &choices, &mut tell) => live.map_err(verify::failure)?,
        _ = &mut stop => return Ok(None),
    };
    progress.done();
    addresses.insert(0, (config.service.name.clone(), live.url().to_owned()));
    output::addresses(&addresses)?;
    let ended = tokio::select! {
        _ = &mut stop => None,
        ended = live.ended() => Some(ended),
    };
    let (down, stopped) = live.down().await;
    output::what_is_left(down.kept.as_ref(), down.left.as_ref());
    match ended {
        Some(ended) => Err(verify::failure(ended)),
        None => stopped.map(|()| None).map_err(verify::failure),
    }
}
