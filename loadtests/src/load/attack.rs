//! Goose, as a library: silent, ended by us, beside whatever else goes on.

use std::sync::{Arc, Once};
use std::time::Duration;

use goose::config::GooseConfiguration;
use goose::prelude::{GooseAttack, Scenario};
use goose::{GooseError, trigger_killswitch};

use super::plan::describe;
use super::transaction::{self, Shared};
use super::{LoadError, Plan};
use crate::conservation::Violation;

/// How long users may take to end their last requests.
const ENDS_WITHIN: Duration = Duration::from_secs(70);

/// How hard the service is driven.
#[derive(Clone, Copy, Debug)]
pub(super) struct Force {
    pub(super) users: usize,
    pub(super) seconds: u64,
    /// Whether the options of the command line count: its reports and thresholds are of one phase.
    pub(super) options: bool,
}

/// Keeps goose from setting up a handler of Ctrl-C, which would end the process at the second one, before the service it
/// has started.
///
/// To be called before a program sets up a handler of its own: `tokio::signal` calls this one too, which does nothing.
pub fn claim_interrupts() {
    // An error says only that the place is taken already.
    let _ = ctrlc::set_handler(|| ());
}

/// Drives the service at `url` while `meanwhile` goes on. Ends after its time, and `meanwhile` with it, or early when
/// `meanwhile` says so.
///
/// Returns which of goose's thresholds were broken.
pub(super) async fn attack(
    plan: &Plan,
    shared: &Arc<Shared>,
    url: &str,
    force: Force,
    meanwhile: impl Future<Output = ()>,
) -> Result<Vec<Violation>, LoadError> {
    silence();
    let attack = prepare(plan, shared, url, force).map_err(|error| LoadError::Goose(describe(&error)))?;
    // Boxed: it is large, and awaited deep down.
    let mut attack = Box::pin(attack.execute());
    let ended = tokio::select! {
        ended = &mut attack => ended,
        () = meanwhile => {
            trigger_killswitch("ended by otelgate");
            let ended = tokio::time::timeout(ENDS_WITHIN, &mut attack).await;
            ended.map_err(|_| LoadError::Goose("its users did not end".to_owned()))?
        }
    };
    match ended {
        Ok(_) => Ok(Vec::new()),
        Err(GooseError::ThresholdsFailed { failed, .. }) => Ok(failed
            .iter()
            .map(|result| {
                Violation::new("load.threshold", "a threshold of goose was broken")
                    .wanted_found(result.rule.clone(), result.observed.clone())
                    .todo("goose's own report has the details: `-- --report-file load.html`")
            })
            .collect()),
        Err(error) => Err(LoadError::Goose(describe(&error))),
    }
}

fn prepare(plan: &Plan, shared: &Arc<Shared>, url: &str, force: Force) -> Result<GooseAttack, Box<GooseError>> {
    let mut options = if force.options { plan.goose.clone() } else { GooseConfiguration::default() };
    options.timeout.clone_from(&plan.goose.timeout);
    options.accept_invalid_certs = plan.goose.accept_invalid_certs;
    options.host = Some(url.to_owned());
    options.users = Some(force.users);
    options.run_time = Some(format!("{}s", force.seconds));
    if options.increase_rate.is_none() && options.increase_time.is_none() {
        // All within a tenth of a second: one more each second, as goose would have it, is another kind of test.
        options.increase_rate = Some((force.users * 10).to_string());
    }
    // It prints nothing and listens nowhere, but for the dashboard if that was asked for.
    options.no_print_metrics = true;
    options.no_telnet = true;
    let client = transaction::client(&options);
    let mut attack = GooseAttack::initialize_with_config(options).map_err(Box::new)?;
    for (index, workload) in shared.workloads.iter().enumerate() {
        let scenario = Scenario::new(&workload.name)
            .set_weight(plan.settings.workloads[index].weight)
            .map_err(Box::new)?
            .register_transaction(client.clone())
            .register_transaction(transaction::next_item(Arc::clone(shared), index));
        attack = attack.register_scenario(scenario);
    }
    Ok(attack)
}

/// Has what goose says about itself go to `tracing`. Its own logger would write to standard output.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Fails if the program has a logger: then that one gets it.
        let _ = log::set_logger(&ToTracing);
        // Reqwest is built without a provider of its own.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

struct ToTracing;

impl log::Log for ToTracing {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target().starts_with("goose")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            tracing::debug!(target: "goose", level = record.level().as_str(), "{}", record.args());
        }
    }

    fn flush(&self) {}
}
