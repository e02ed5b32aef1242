//! Counts of the last minutes.

use std::{
    collections::VecDeque,
    time::{SystemTime, UNIX_EPOCH},
};

/// How many minutes are remembered.
const REMEMBERED: usize = 60;

/// Calls by minute, the newest last. Minutes without a call are not kept.
#[derive(Debug, Default)]
pub(super) struct Minutes(VecDeque<(u64, u64)>);

impl Minutes {
    pub(super) fn record(&mut self, now: SystemTime) {
        let minute = minute_of(now);
        match self.0.back_mut() {
            Some((last, count)) if *last == minute => *count += 1,
            _ => self.0.push_back((minute, 1)),
        }
        self.forget_before(minute);
    }

    /// Unix minutes and counts, the oldest first.
    pub(super) fn last(&self, now: SystemTime) -> impl Iterator<Item = (u64, u64)> {
        let oldest = minute_of(now).saturating_sub(REMEMBERED as u64 - 1);
        self.0.iter().copied().filter(move |(minute, _)| *minute >= oldest)
    }

    fn forget_before(&mut self, minute: u64) {
        let oldest = minute.saturating_sub(REMEMBERED as u64 - 1);
        while self.0.front().is_some_and(|(first, _)| *first < oldest) {
            self.0.pop_front();
        }
    }
}

fn minute_of(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 60)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn calls_of_one_minute_are_counted_together() {
        let mut minutes = Minutes::default();

        for seconds in [60, 119, 120] {
            minutes.record(at(seconds));
        }

        assert_eq!(minutes.last(at(130)).collect::<Vec<_>>(), [(1, 2), (2, 1)]);
    }

    #[test]
    fn an_hour_is_remembered() {
        let mut minutes = Minutes::default();

        for minute in 0..100 {
            minutes.record(at(minute * 60));
        }

        assert_eq!(minutes.0.len(), 60);
        assert_eq!(minutes.last(at(99 * 60)).next(), Some((40, 1)));
    }
}
