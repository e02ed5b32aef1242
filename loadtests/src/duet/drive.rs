//! Drives services side by side for a while.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use otelgate_harness::capture::SpanId;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use tokio::task::LocalSet;

use super::{Answer, Client, ClientError, Pace, same_but_for};
use crate::overhead::cpu::ThreadClock;
use crate::workload::{Item, Seed, TraceIds, Workload};

/// How many complaints of one sort are kept: the first ones tell what is wrong.
const MOST_COMPLAINTS: usize = 3;

/// Ends a drive early. Clones end the same one.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends it: no further item is begun.
    pub fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What to drive.
#[derive(Clone, Debug)]
pub struct Duet {
    /// The requests.
    pub workload: Arc<Workload>,
    /// Of the choice among them.
    pub seed: Seed,
    /// Their traces.
    pub ids: TraceIds,
    /// The services' URLs.
    pub urls: Vec<String>,
    /// How items follow each other.
    pub pace: Pace,
    /// How long to wait for an answer.
    pub patience: Duration,
}

/// What a drive did.
#[derive(Clone, Debug)]
pub struct Driven {
    /// Each service, in the order of [`Duet::urls`].
    pub arms: Vec<DrivenArm>,
    /// The first item that was not sent.
    pub next_item: u64,
    /// Items that services answered differently: what and how, the first few.
    pub differ: Vec<String>,
    /// How many did.
    pub differing: u64,
    /// CPU time of the driver's thread.
    pub cpu: Duration,
    /// How long it took, to the end of the last answer.
    pub took: Duration,
}

/// What one service did.
#[derive(Clone, Debug)]
pub struct DrivenArm {
    /// Requests answered well.
    pub answered: u64,
    /// Requests answered badly or not at all.
    pub failed: u64,
    /// What was wrong, the first few.
    pub complaints: Vec<String>,
    /// Microseconds to the end of each good answer.
    pub latency: Histogram<u64>,
}

impl Duet {
    /// Sends items from `first` on for `length`, on a thread of its own.
    ///
    /// # Errors
    /// If a URL cannot be used, or no thread can be had.
    pub async fn drive(&self, first: u64, length: Duration, stop: &Stop) -> Result<Driven, ClientError> {
        let (duet, stop) = (self.clone(), stop.clone());
        let (tell, told) = tokio::sync::oneshot::channel();
        let run = move || {
            let driven = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| no_thread(&error))
                .and_then(|runtime| LocalSet::new().block_on(&runtime, duet.alone(first, length, &stop)));
            // Nobody waits any more when the experiment was interrupted.
            let _ = tell.send(driven);
        };
        std::thread::Builder::new().name("driver".to_owned()).spawn(run).map_err(|error| no_thread(&error))?;
        told.await.unwrap_or_else(|error| Err(no_thread(&error)))
    }

    async fn alone(self, first: u64, length: Duration, stop: &Stop) -> Result<Driven, ClientError> {
        let clock = ThreadClock::start();
        let began = Instant::now();
        let score = Rc::new(Score::new(first, began + length, stop.clone(), self.urls.len()));
        match self.pace {
            Pace::Closed { concurrency } => {
                let duet = Rc::new(self);
                let lanes = (0..concurrency).map(|lane| {
                    let (duet, score) = (duet.clone(), score.clone());
                    tokio::task::spawn_local(async move { duet.closed_lane(lane, &score).await })
                });
                for lane in lanes.collect::<Vec<_>>() {
                    lane.await.map_err(|error| no_thread(&error))??;
                }
            }
            Pace::Open { .. } => self.open(&score, began, length).await?,
        }
        let score = Rc::try_unwrap(score).unwrap_or_else(|shared| shared.copy());
        Ok(Driven {
            arms: score.arms.into_inner(),
            next_item: score.next.get(),
            differ: score.differ.into_inner(),
            differing: score.differing.get(),
            cpu: clock.elapsed(),
            took: began.elapsed(),
        })
    }

    fn clients(&self) -> Result<Vec<Client>, ClientError> {
        self.urls.iter().map(|url| Client::new(url, self.patience)).collect()
    }

    /// One item after another, each to every service in an order drawn anew.
    async fn closed_lane(&self, lane: usize, score: &Score) -> Result<(), ClientError> {
        let mut clients = self.clients()?;
        let mut order: Vec<usize> = (0..clients.len()).collect();
        let mut dice = SmallRng::seed_from_u64(self.seed.0 ^ (lane as u64).rotate_left(48) ^ score.next.get());
        while let Some(number) = score.next_item() {
            let item = self.workload.item(self.seed, number);
            let traceparent = self.traceparent(number, &mut dice);
            order.shuffle(&mut dice);
            let mut answers: Vec<Option<Answer>> = vec![None; clients.len()];
            for &arm in &order {
                let sent = clients[arm].send(&item, &traceparent).await;
                answers[arm] = self.note(score, arm, &item, sent, Duration::ZERO);
            }
            self.compare(score, &item, &answers);
        }
        Ok(())
    }

    /// Items at fixed times.
    async fn open(self, score: &Rc<Score>, began: Instant, length: Duration) -> Result<(), ClientError> {
        let Some(interval) = self.pace.interval() else { return Ok(()) };
        let apart = interval / u32::try_from(self.urls.len().max(1)).unwrap_or(1);
        let mut dice = SmallRng::seed_from_u64(self.seed.0 ^ score.next.get());
        let mut order: Vec<usize> = (0..self.urls.len()).collect();
        let pools: Rc<Vec<RefCell<Vec<Client>>>> = Rc::new(self.urls.iter().map(|_| RefCell::default()).collect());
        let duet = Rc::new(self);
        let mut under_way = tokio::task::JoinSet::new();
        let mut due = began;
        while due < began + length {
            let Some(number) = score.next_item() else { break };
            let item = Rc::new(duet.workload.item(duet.seed, number));
            let traceparent: Rc<str> = duet.traceparent(number, &mut dice).into();
            order.shuffle(&mut dice);
            for (place, &arm) in (0_u32..).zip(&order) {
                let due = due + apart * place;
                tokio::time::sleep_until(due.into()).await;
                let pooled = pools[arm].borrow_mut().pop();
                let mut client = match pooled {
                    Some(client) => client,
                    None => Client::new(&duet.urls[arm], duet.patience)?,
                };
                let (duet, score, pools) = (duet.clone(), score.clone(), pools.clone());
                let (item, traceparent) = (item.clone(), traceparent.clone());
                under_way.spawn_local(async move {
                    // How late it is sent counts as time the request waited.
                    let late = due.elapsed();
                    let sent = client.send(&item, &traceparent).await;
                    duet.note(&score, arm, &item, sent, late);
                    pools[arm].borrow_mut().push(client);
                });
            }
            due += interval;
            while under_way.try_join_next().is_some() {}
        }
        while under_way.join_next().await.is_some() {}
        Ok(())
    }

    /// The parent of the service's span: sampled, so that a sampler that follows its parent keeps the trace.
    fn traceparent(&self, number: u64, dice: &mut SmallRng) -> String {
        format!("00-{}-{}-01", self.ids.id(number), SpanId(dice.random()))
    }

    fn note(
        &self,
        score: &Score,
        arm: usize,
        item: &Item,
        sent: Result<(Answer, Duration), ClientError>,
        late: Duration,
    ) -> Option<Answer> {
        let kind = &self.workload.kinds[item.kind];
        let mut arms = score.arms.borrow_mut();
        let arm = &mut arms[arm];
        let complaint = match sent {
            Ok((answer, took)) if kind.accepts(answer.status) => {
                arm.answered += 1;
                arm.latency.saturating_record(u64::try_from((took + late).as_micros()).unwrap_or(u64::MAX).max(1));
                return Some(answer);
            }
            Ok((answer, _)) => format!("`{}` was answered {}: {}", kind.name, answer.status, excerpt(&answer.body)),
            Err(error) => format!("`{}`: {error}", kind.name),
        };
        arm.failed += 1;
        if arm.complaints.len() < MOST_COMPLAINTS {
            arm.complaints.push(complaint);
        }
        None
    }

    /// Whether all services that answered answered the same.
    fn compare(&self, score: &Score, item: &Item, answers: &[Option<Answer>]) {
        let kind = &self.workload.kinds[item.kind];
        let mut answered = answers.iter().flatten();
        let Some(first) = answered.next() else { return };
        let Some(other) = answered
            .find(|other| first.status != other.status || !same_but_for(&kind.volatile, &first.body, &other.body))
        else {
            return;
        };
        score.differing.set(score.differing.get() + 1);
        let mut differ = score.differ.borrow_mut();
        if differ.len() < MOST_COMPLAINTS {
            let (one, two) = (excerpt(&first.body), excerpt(&other.body));
            differ.push(format!("`{}`, item {}: one arm answered {one}, another {two}", kind.name, item.number));
        }
    }
}

/// What has been done so far; of one thread.
struct Score {
    next: Cell<u64>,
    until: Instant,
    stop: Stop,
    arms: RefCell<Vec<DrivenArm>>,
    differ: RefCell<Vec<String>>,
    differing: Cell<u64>,
}

impl Score {
    fn new(first: u64, until: Instant, stop: Stop, arms: usize) -> Self {
        let arms = (0..arms).map(|_| DrivenArm::default()).collect();
        Self {
            next: Cell::new(first),
            until,
            stop,
            arms: RefCell::new(arms),
            differ: RefCell::default(),
            differing: Cell::new(0),
        }
    }

    /// The next item, as long as there is time.
    fn next_item(&self) -> Option<u64> {
        if self.stop.is_asked() || Instant::now() >= self.until {
            return None;
        }
        let number = self.next.get();
        self.next.set(number + 1);
        Some(number)
    }

    fn copy(&self) -> Self {
        Self {
            next: self.next.clone(),
            until: self.until,
            stop: self.stop.clone(),
            arms: self.arms.clone(),
            differ: self.differ.clone(),
            differing: self.differing.clone(),
        }
    }
}

impl Default for DrivenArm {
    fn default() -> Self {
        Self { answered: 0, failed: 0, complaints: Vec::new(), latency: histogram() }
    }
}

/// Three significant digits, from a microsecond to a minute.
#[expect(clippy::expect_used, reason = "the bounds are constants that the crate's documentation allows")]
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000, 3).expect("1 is at least 1, the end above twice that, 3 at most 5")
}

/// The beginning of a body, for a message.
fn excerpt(body: &[u8]) -> String {
    const MOST: usize = 120;
    let text = String::from_utf8_lossy(&body[..body.len().min(MOST)]);
    format!("{} bytes, `{}{}`", body.len(), text.trim(), if body.len() > MOST { "…" } else { "" })
}

fn no_thread(error: &dyn std::fmt::Display) -> ClientError {
    ClientError::Broken { authority: "the driver's own thread".to_owned(), reason: error.to_string() }
}
