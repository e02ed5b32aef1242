//! Moments as Prometheus writes them.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

const NANOS_PER_MILLI: u64 = 1_000_000;

/// A moment for a question: seconds with three decimals.
pub(super) fn seconds(nanos: u64) -> String {
    let millis = (nanos + NANOS_PER_MILLI / 2) / NANOS_PER_MILLI;
    format!("{}.{:03}", millis / 1_000, millis % 1_000)
}

/// A moment or duration in seconds as nanoseconds, rounded to the milliseconds that Prometheus keeps; 0 before the epoch.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded, and `as` takes what is out of range to the nearest end"
)]
pub(super) fn nanos(seconds: f64) -> u64 {
    ((seconds * 1e3).round() as u64).saturating_mul(NANOS_PER_MILLI)
}

/// Reads RFC 3339; the zero of Go's `time.Time`, long before the epoch, is 0.
pub(super) fn rfc3339<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let text = String::deserialize(from)?;
    let time: jiff::Timestamp = text.parse().map_err(|error| D::Error::custom(format!("{text:?}: {error}")))?;
    Ok(u64::try_from(time.as_nanosecond()).unwrap_or(0))
}

/// Reads a duration in seconds.
pub(super) fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    f64::deserialize(from).map(nanos)
}

/// Reads a duration as Prometheus writes them: `15s`, `1m30s`, `500ms`. Unknown text is 0.
pub(super) fn written<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    Ok(parse(&String::deserialize(from)?).unwrap_or(0))
}

fn parse(text: &str) -> Option<u64> {
    let mut millis: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|letter: char| letter.is_ascii_digit()).unwrap_or(rest.len());
        let factor = match &rest[..unit] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            "y" => 31_536_000_000,
            _ => return None,
        };
        rest = &rest[unit..];
        millis = millis.checked_add(number.checked_mul(factor)?)?;
    }
    millis.checked_mul(NANOS_PER_MILLI)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_keep_their_milliseconds() {
        assert_eq!(seconds(1_750_000_000_123_400_000), "1750000000.123");
        assert_eq!(seconds(1_750_000_000_999_999_999), "1750000001.000");
        assert_eq!(nanos(1_750_000_000.123), 1_750_000_000_123_000_000);
        assert_eq!(nanos(-1.0), 0);
    }

    #[test]
    fn durations_are_read_as_prometheus_writes_them() {
        assert_eq!(parse("15s"), Some(15_000_000_000));
        assert_eq!(parse("1m30s"), Some(90_000_000_000));
        assert_eq!(parse("500ms"), Some(500_000_000));
        assert_eq!(parse("soon"), None);
    }
}
