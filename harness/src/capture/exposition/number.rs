//! Numbers and times of exposition text.

/// A sample value, as Go spells it: `NaN`, `+Inf` and `-Inf` included.
pub(super) fn value(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("{text:?} is not a number"))
}

/// A number of observations.
pub(super) fn count(value: f64) -> Result<u64, String> {
    // 2^53: above it, neighbouring whole numbers are no longer told apart.
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    if value.fract() != 0.0 || !(0.0..=LARGEST).contains(&value) {
        return Err(format!("{value} is not a number of observations"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of at most 2^53")]
    Ok(value as u64)
}

/// A time of the classic format, whole milliseconds, in nanoseconds since the Unix epoch.
pub(super) fn millis(text: &str) -> Result<u64, String> {
    let millis: i64 = text.parse().map_err(|_| format!("{text:?} is not a time in milliseconds"))?;
    Ok(u64::try_from(millis).unwrap_or(0).saturating_mul(1_000_000))
}

/// A time of OpenMetrics, seconds with a fraction, in nanoseconds since the Unix epoch. A time before the epoch is 0,
/// the capture's "not said".
pub(super) fn seconds(text: &str) -> Result<u64, String> {
    if let Some(nanos) = exact_seconds(text) {
        return Ok(nanos);
    }
    let seconds = value(text)?;
    if !seconds.is_finite() {
        return Err(format!("{text:?} is not a time in seconds"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; `as` saturates")]
    Ok((seconds.max(0.0) * 1e9) as u64)
}

/// Digit by digit: today's time in nanoseconds has more digits than a double.
fn exact_seconds(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let nanos = format!("{fraction:0<9.9}");
    whole.parse::<u64>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanos.parse().ok()?)
}
