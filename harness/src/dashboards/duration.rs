//! Durations as Prometheus and Grafana write them.

use std::time::Duration;

/// `5m`, `1h30m`, `250ms`, `>15s`; `None` for anything else.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let text = text.trim().trim_start_matches('>').trim();
    if text.is_empty() {
        return None;
    }
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        total += number * seconds_of(&rest[..letters])?;
        rest = &rest[letters..];
    }
    Duration::try_from_secs_f64(total).ok()
}

fn seconds_of(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        "w" => 604_800.0,
        "M" => 2_592_000.0,
        "y" => 31_536_000.0,
        _ => return None,
    })
}

/// How far back `now-15m`, `now-1d/d` begins; one hour for anything else.
pub(super) fn back_from_now(from: &str) -> Duration {
    let hour = Duration::from_hours(1);
    let Some(back) = from.trim().strip_prefix("now-") else { return hour };
    parse(back.split('/').next().unwrap_or_default()).filter(|range| !range.is_zero()).unwrap_or(hour)
}

/// As PromQL writes it: `15s`, `1m`, `90s`, `1500ms`.
pub(super) fn text(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis == 0 {
        return "0s".to_owned();
    }
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)] {
        if millis.is_multiple_of(length) {
            return format!("{}{unit}", millis / length);
        }
    }
    format!("{millis}ms")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        for (written, seconds) in [("5m", 300.0), ("1h30m", 5_400.0), ("250ms", 0.25), (">15s", 15.0), ("1d", 86_400.0)]
        {
            assert_eq!(parse(written), Some(Duration::from_secs_f64(seconds)), "{written}");
        }
        for nonsense in ["", "5", "m", "auto", "5 parsecs", "99999999999999999999y"] {
            assert_eq!(parse(nonsense), None, "{nonsense}");
        }
        assert_eq!(text(Duration::from_secs(90)), "90s");
        assert_eq!(text(Duration::from_millis(1_500)), "1500ms");
    }

    #[test]
    fn a_dashboard_looks_back_as_it_says_or_an_hour() {
        assert_eq!(back_from_now("now-15m"), Duration::from_mins(15));
        assert_eq!(back_from_now("now-1d/d"), Duration::from_hours(24));
        assert_eq!(back_from_now("2024-01-01T00:00:00Z"), Duration::from_hours(1));
    }
}
