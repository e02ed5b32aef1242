//! The part of a fault that is the same on every transport.

use super::listener::Hold;
use super::shared::Shared;
use super::signal::Signal;
use crate::standins::Fault;

/// The fault to show now, if any, after its delay. One that cuts the connection never comes back.
pub(super) async fn next(shared: &Shared, signal: Signal, hold: &Hold) -> Option<Fault> {
    let fault = shared.faults.next(signal.operation())?;
    if let Some(delay) = fault.delay() {
        tokio::time::sleep(delay).await;
    }
    if fault.cut {
        match hold.cut().await {}
    }
    Some(fault)
}
