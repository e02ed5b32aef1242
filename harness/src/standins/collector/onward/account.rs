//! What became of the telemetry that was to be sent on.

use crate::standins::Signal;

/// A back end may give a reason of its own to each request; the last entry is for all beyond so many.
const MOST_REASONS: usize = 16;
const OTHERS: &str = "various reasons";

/// What became of the telemetry a collector was to send on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Onward {
    /// Where it goes, without password.
    pub url: String,
    /// Spans.
    pub spans: Account,
    /// Data points of metrics.
    pub data_points: Account,
    /// Log records.
    pub log_records: Account,
    /// Requests whose fate is open.
    pub requests_in_flight: usize,
}

/// The account of one signal. What is neither accepted nor lost is still on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// How many were handed on to be sent.
    pub handed_on: usize,
    /// How many the back end says it has accepted. Not that it still has them.
    pub accepted: usize,
    /// Those that it has not.
    pub lost: Vec<Loss>,
}

/// Items lost for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// How many.
    pub items: usize,
    /// Why, one sentence.
    pub reason: String,
}

impl Onward {
    /// Whether nothing is on its way.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.requests_in_flight == 0
    }

    pub(super) fn hand_on(&mut self, signal: Signal, items: usize) {
        self.of(signal).handed_on += items;
        self.requests_in_flight += 1;
    }

    /// Closes a request: `rejected` of its items were lost for the reason, if any.
    pub(super) fn close(&mut self, signal: Signal, items: usize, lost: Option<(usize, String)>) {
        self.requests_in_flight = self.requests_in_flight.saturating_sub(1);
        let account = self.of(signal);
        let rejected = lost.as_ref().map_or(0, |(rejected, _)| (*rejected).min(items));
        account.accepted += items - rejected;
        if let Some((_, reason)) = lost {
            account.lose(rejected, reason);
        }
    }

    fn of(&mut self, signal: Signal) -> &mut Account {
        match signal {
            Signal::Traces => &mut self.spans,
            Signal::Metrics => &mut self.data_points,
            Signal::Logs => &mut self.log_records,
        }
    }
}

impl Account {
    /// How many were lost, for whatever reason.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.lost.iter().map(|loss| loss.items).sum()
    }

    /// How many are still on their way.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.handed_on.saturating_sub(self.accepted + self.lost())
    }

    fn lose(&mut self, items: usize, reason: String) {
        let full = self.lost.len() >= MOST_REASONS;
        match self.lost.iter_mut().find(|loss| loss.reason == reason) {
            Some(loss) => loss.items += items,
            None if full => self.lose_last(items),
            None => self.lost.push(Loss { items, reason }),
        }
    }

    fn lose_last(&mut self, items: usize) {
        if let Some(last) = self.lost.last_mut() {
            last.items += items;
            OTHERS.clone_into(&mut last.reason);
        }
    }
}
