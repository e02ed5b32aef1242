//! Times of a query: milliseconds since the epoch, or relative to now.

use jiff::civil::{DateTime, DateTimeRound};
use jiff::tz::Offset;
use jiff::{RoundMode, Span, Timestamp, ToSpan, Unit};

use super::interval::parse_duration;

/// From when to when, in nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeRange {
    pub(super) from: i64,
    pub(super) to: i64,
}

impl TimeRange {
    /// Reads both ends. Like Grafana, takes the epoch for what it cannot read.
    pub(super) fn parse(from: &str, to: &str, now: Timestamp) -> Self {
        let nanos = |text: &str, up: bool| parse(text, up, now).unwrap_or(0);
        Self { from: nanos(from, false), to: nanos(to, true) }
    }

    /// Its length in nanoseconds.
    pub(super) fn length(self) -> i64 {
        self.to.saturating_sub(self.from)
    }
}

/// `1700000000000`, `now`, `now-15m`, `now/d`, `now-1d/d`, `15m` (ago) or RFC 3339. `up`: to the end of a unit.
fn parse(text: &str, up: bool, now: Timestamp) -> Option<i64> {
    if let Ok(milliseconds) = text.parse::<i64>() {
        return milliseconds.checked_mul(1_000_000);
    }
    if let Some(math) = text.strip_prefix("now") {
        return nanos(evaluate(math, up, now)?);
    }
    if let Ok(ago) = parse_duration(text) {
        return nanos(now.checked_sub(ago).ok()?);
    }
    nanos(text.parse().ok()?)
}

/// Steps after `now`: `-15m`, `+1d`, `/d`.
fn evaluate(mut math: &str, up: bool, now: Timestamp) -> Option<Timestamp> {
    let mut time = Offset::UTC.to_datetime(now);
    while let Some(operator) = math.chars().next() {
        math = &math[operator.len_utf8()..];
        let digits = math.find(|character: char| !character.is_ascii_digit()).unwrap_or(math.len());
        let amount = if digits == 0 { 1 } else { math[..digits].parse().ok()? };
        let unit = math[digits..].chars().next()?;
        math = &math[digits + unit.len_utf8()..];
        time = match operator {
            '-' => time.checked_sub(span(amount, unit)?).ok()?,
            '+' => time.checked_add(span(amount, unit)?).ok()?,
            '/' if digits == 0 => round(time, unit, up)?,
            _ => return None,
        };
    }
    Offset::UTC.to_timestamp(time).ok()
}

fn span(amount: i32, unit: char) -> Option<Span> {
    Some(match unit {
        's' => amount.seconds(),
        'm' => amount.minutes(),
        'h' => amount.hours(),
        'd' => amount.days(),
        'w' => amount.weeks(),
        'M' => amount.months(),
        'y' => amount.years(),
        _ => return None,
    })
}

/// The begin of the unit in which `time` lies, or its last millisecond.
fn round(time: DateTime, unit: char, up: bool) -> Option<DateTime> {
    let day = time.start_of_day();
    let begin = match unit {
        's' => floor(time, Unit::Second)?,
        'm' => floor(time, Unit::Minute)?,
        'h' => floor(time, Unit::Hour)?,
        'd' => day,
        // A week begins on Sunday for Grafana's server.
        'w' => day.checked_sub(i32::from(day.weekday().to_sunday_zero_offset()).days()).ok()?,
        'M' => day.first_of_month(),
        'y' => day.first_of_year(),
        _ => return None,
    };
    if up { begin.checked_add(span(1, unit)?).ok()?.checked_sub(1.milliseconds()).ok() } else { Some(begin) }
}

fn floor(time: DateTime, unit: Unit) -> Option<DateTime> {
    time.round(DateTimeRound::new().smallest(unit).mode(RoundMode::Trunc)).ok()
}

fn nanos(time: Timestamp) -> Option<i64> {
    i64::try_from(time.as_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, up: bool) -> Option<String> {
        let now: Timestamp = "2026-03-11T10:20:30.5Z".parse().unwrap();
        parse(text, up, now).map(|nanos| Timestamp::from_nanosecond(i128::from(nanos)).unwrap().to_string())
    }

    #[test]
    fn times_are_read_as_grafana_reads_them() {
        for (text, up, time) in [
            ("now", false, "2026-03-11T10:20:30.5Z"),
            ("now-15m", false, "2026-03-11T10:05:30.5Z"),
            ("15m", false, "2026-03-11T10:05:30.5Z"),
            ("now-1M", false, "2026-02-11T10:20:30.5Z"),
            ("now/d", false, "2026-03-11T00:00:00Z"),
            ("now/d", true, "2026-03-11T23:59:59.999Z"),
            ("now-1d/d", false, "2026-03-10T00:00:00Z"),
            ("now/h", false, "2026-03-11T10:00:00Z"),
            ("now/w", false, "2026-03-08T00:00:00Z"),
            ("now/y", true, "2026-12-31T23:59:59.999Z"),
            ("1700000000000", false, "2023-11-14T22:13:20Z"),
            ("2026-03-11T10:00:00Z", false, "2026-03-11T10:00:00Z"),
        ] {
            assert_eq!(at(text, up).as_deref(), Some(time), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_the_epoch() {
        for text in ["", "yesterday", "now-", "now-1x", "now*2d", "now/2d"] {
            assert_eq!(TimeRange::parse(text, text, Timestamp::now()), TimeRange { from: 0, to: 0 }, "{text}");
        }
    }
}
