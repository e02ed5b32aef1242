//! The exporter's thread: its own runtime, so that neither the end of the caller's nor a worker that is busy holds an
//! export up.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{Arc, PoisonError},
    task::Poll,
    thread::JoinHandle,
    time::Instant,
};

use bytes::Bytes;
use opentelemetry::Context;
use tokio::sync::watch;

use super::{Batch, BatchConfig, Shared};
use crate::{
    encode::envelope::{self, EncodedResource},
    transport::{Connector, Failure, Message, Sender},
};

pub(super) fn spawn(
    shared: Arc<Shared>,
    stopped: watch::Receiver<Option<Instant>>,
    config: BatchConfig,
    connector: Connector,
    resource: EncodedResource,
) -> std::io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let name = format!("otlp-{}", shared.stats.signal().name());
    std::thread::Builder::new().name(name).spawn(move || {
        // What the exporter's own libraries do is no telemetry: each export would make the next one.
        let _suppressed = Context::enter_telemetry_suppressed_scope();
        runtime.block_on(async {
            let sender = connector.connect();
            Worker { shared, stopped, sender, resource }.run(config).await;
        });
        // A drop would wait for threads that block, such as one that looks up a name, beyond any limit.
        runtime.shutdown_background();
    })
}

struct Worker {
    shared: Arc<Shared>,
    /// When everything has to be over, once that is known.
    stopped: watch::Receiver<Option<Instant>>,
    sender: Sender,
    resource: EncodedResource,
}

impl Worker {
    async fn run(self, config: BatchConfig) {
        let mut due = tokio::time::Instant::now() + config.scheduled_delay;
        loop {
            // Not the timeout's own answer: while batches are always full, there always is a reason to wake before it.
            let _ = tokio::time::timeout_at(due, self.shared.wake.notified()).await;
            let timed_out = tokio::time::Instant::now() >= due;
            // Both under the lock: a flush that comes too late to be taken has to see the stop, or waits for nobody.
            let (flushes, stopping) = {
                let mut flushes = self.shared.flushes.lock().unwrap_or_else(PoisonError::into_inner);
                (std::mem::take(&mut *flushes), self.stopped.borrow().is_some())
            };
            if timed_out || stopping || !flushes.is_empty() {
                if let Some(held_back) = &self.shared.held_back {
                    // It is somebody else's code, and others' spans are to be exported all the same.
                    let _ = catch_unwind(AssertUnwindSafe(|| held_back(stopping)));
                }
                self.shared.buffers.gather(stopping);
                due = tokio::time::Instant::now() + config.scheduled_delay;
            }
            let mut all_well = true;
            // Those that come meanwhile have left a permit to go on: whoever flushes or stops must not wait for them, of
            // which there may be no end.
            for _ in 0..self.shared.buffers.queued() {
                let Some(batch) = self.shared.buffers.next() else { break };
                all_well &= self.export(batch).await;
            }
            for flush in flushes {
                // Whoever asked may have lost patience.
                let _ = flush.send(all_well);
            }
            if stopping {
                return;
            }
        }
    }

    /// Sends a batch, again and again while that may help and there is time.
    async fn export(&self, batch: Batch) -> bool {
        let items = batch.items;
        self.shared.stats.handed_to_exporter(items);
        let (scopes, bodies): (Vec<_>, Vec<Bytes>) =
            batch.bodies.into_iter().map(|body| (body.scope, Bytes::from(body.bytes))).unzip();
        let heads =
            envelope::heads(&self.resource, scopes.iter().map(|scope| &**scope).zip(bodies.iter().map(Bytes::len)));
        let parts = heads.into_iter().zip(&bodies).flat_map(|(head, body)| [Bytes::from(head), body.clone()]);
        let message = Message::new(parts.collect());

        let mut sending = pin!(self.sender.send(message));
        // The caller's client may panic; this thread has others' spans to export, and theirs to count.
        let sent = poll_fn(|context| {
            catch_unwind(AssertUnwindSafe(|| sending.as_mut().poll(context)))
                .unwrap_or(Poll::Ready(Err(Failure::Refused)))
        });
        let result = tokio::select! {
            biased;
            result = sent => result,
            () = self.out_of_time() => Err(Failure::Timeout),
        };
        self.shared.stats.exported(items, &result);
        for body in bodies {
            // Unless the connection still holds it, after an export that was given up.
            if body.is_unique() {
                self.shared.buffers.reuse(Vec::from(body));
            }
        }
        result.is_ok()
    }

    /// Ends when the shutdown's patience does.
    async fn out_of_time(&self) {
        let mut stopped = self.stopped.clone();
        let deadline = match stopped.wait_for(Option::is_some).await {
            Ok(deadline) => *deadline,
            // The pipeline is gone without a shutdown, which its drop does not allow.
            Err(_) => None,
        };
        if let Some(deadline) = deadline {
            tokio::time::sleep_until(deadline.into()).await;
        }
    }
}
