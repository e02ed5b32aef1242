//! Puts the alerts to the trial on a live stack.

use crate::alerts::{self, Bench, Proofs};
use crate::backends::Prometheus;
use crate::capture::Capture;
use crate::config::Config;
use crate::scenario::{Driver, Target};
use crate::service::ServiceError;
use crate::stack::Down;
use crate::standins::Collector;

use super::live::until_ready;
use super::{Event, Live, RunError, Taken};

impl Live {
    /// Asks healthy questions, then induces one fault after another; takes which alerts fired, and the telemetry of a
    /// service in trouble.
    ///
    /// When `stop` completes, the trial ends early and without an outcome.
    pub async fn try_alerts(
        self,
        config: &Config,
        proofs: &Proofs,
        tell: &mut dyn FnMut(Event),
        stop: impl Future<Output = &'static str>,
    ) -> Taken {
        let mut capture = Capture { run: self.run.clone(), ..Capture::default() };
        let Self { stack, service, variables, stack_took, .. } = self;
        let target = Target { url: service.url().to_owned(), ready: config.service.ready.clone() };
        let mut service = Some(service);
        let tried = async {
            let prometheus = stack.back_ends().prometheus.as_ref().ok_or(RunError::NoPrometheus)?;
            let prometheus = Prometheus::new(&prometheus.url).map_err(alerts::TrialError::from)?;
            let mut driver = Driver::new(&stack, target, variables)?;
            if let Some(service) = &mut service {
                until_ready(&mut driver, service).await?;
            }
            stack.scraped(super::live::OUR_SCRAPES_WITHIN).await?;
            let mut bench = Bench { driver, prometheus };
            let mut tell = |what: &str| tell(Event::Trial { what: what.to_owned() });
            let stop_service = async || match service.take() {
                Some(service) => service.stop().await,
                None => Ok::<(), ServiceError>(()),
            };
            Ok::<_, RunError>(alerts::prove(proofs, &mut bench, &mut tell, stop_service).await?)
        };
        let tried = tokio::select! {
            biased;
            ended = stack.ended() => Err(ended.into()),
            tried = tried => tried,
            why = stop => Err(RunError::Stopped(why)),
        };
        let stopped = match service.take() {
            Some(service) => service.stop().await.map_err(RunError::from),
            None => Ok(()),
        };
        let trouble = match tried {
            Ok(trial) => {
                capture.arrived.trial = Some(trial);
                stopped.err()
            }
            Err(trouble) => Some(trouble),
        };
        stack.drain_into(&mut capture);
        let collector_connections = stack.collector().map_or(0, Collector::connections);
        let Down { kept, left } = stack.down().await;
        Taken { capture, trouble, stack_took, kept, collector_connections, left }
    }
}
