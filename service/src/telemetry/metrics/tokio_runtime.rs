//! The tokio runtime, as far as its stable interface shows it.

use opentelemetry::metrics::Meter;
use tokio::runtime::Handle;

/// Observes the runtime that runs the caller; nothing outside of one.
pub(super) fn observe(meter: &Meter) {
    let Ok(handle) = Handle::try_current() else { return };
    let runtime = handle.clone();
    meter
        .u64_observable_gauge("tokio.runtime.workers")
        .with_unit("{thread}")
        .with_description("Worker threads of the runtime.")
        .with_callback(move |observer| observer.observe(runtime.metrics().num_workers() as u64, &[]))
        .build();
    let runtime = handle.clone();
    meter
        .u64_observable_gauge("tokio.runtime.alive_tasks")
        .with_unit("{task}")
        .with_description("Tasks that have not ended.")
        .with_callback(move |observer| observer.observe(runtime.metrics().num_alive_tasks() as u64, &[]))
        .build();
    let runtime = handle.clone();
    meter
        .u64_observable_gauge("tokio.runtime.global_queue_depth")
        .with_unit("{task}")
        .with_description("Tasks that wait in the runtime's global queue.")
        .with_callback(move |observer| observer.observe(runtime.metrics().global_queue_depth() as u64, &[]))
        .build();
    meter
        .f64_observable_counter("tokio.runtime.busy")
        .with_unit("s")
        .with_description("Time the workers were busy, all together.")
        .with_callback(move |observer| observer.observe(busy_seconds(&handle), &[]))
        .build();
}

fn busy_seconds(runtime: &Handle) -> f64 {
    let metrics = runtime.metrics();
    (0..metrics.num_workers()).map(|worker| metrics.worker_total_busy_duration(worker).as_secs_f64()).sum()
}
