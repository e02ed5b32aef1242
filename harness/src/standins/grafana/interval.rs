//! Durations as Grafana and Go write and read them, and the steps Grafana chooses.

use std::time::Duration;

/// Reads a duration with one of Grafana's units (`1d`, `2w`, `1M`, `1y`) or as Go writes it (`1h30m`, `1.5s`, `200ms`).
///
/// # Errors
/// Go's words for what is wrong.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    if text.is_empty() {
        return Err("empty input".to_owned());
    }
    let day = 24.0 * 3600.0;
    for (unit, seconds) in [('d', day), ('w', 7.0 * day), ('M', 365.25 * day / 12.0), ('y', 365.25 * day)] {
        if let Some(amount) = text.strip_suffix(unit).and_then(|digits| digits.parse::<u32>().ok()) {
            return Duration::try_from_secs_f64(f64::from(amount) * seconds).map_err(|_| invalid(text));
        }
    }
    parse_go(text)
}

/// Reads a duration as `time.ParseDuration` of Go does, without a sign.
fn parse_go(text: &str) -> Result<Duration, String> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(end);
        let amount: f64 = number.parse().map_err(|_| invalid(text))?;
        let unit_end =
            tail.find(|character: char| character.is_ascii_digit() || character == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let seconds = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "ns" => 1e-9,
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            other => return Err(format!("time: unknown unit {other:?} in duration {text:?}")),
        };
        let part = Duration::try_from_secs_f64(amount * seconds).map_err(|_| invalid(text))?;
        total = total.checked_add(part).ok_or_else(|| invalid(text))?;
        rest = tail;
    }
    Ok(total)
}

fn invalid(text: &str) -> String {
    format!("time: invalid duration {text:?}")
}

/// Reads a shortest step: `15s`, `>15s` and `<10m>` alike, a bare number is seconds.
pub(super) fn parse_interval(text: &str) -> Result<Duration, String> {
    let text = text.strip_prefix('<').unwrap_or(text);
    let text = text.strip_suffix('>').unwrap_or(text);
    match text.parse() {
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => parse_duration(text),
    }
}

/// A duration in its largest unit, rounded down: `90s` is `1m`. What `$__interval` becomes.
pub(super) fn format_interval(interval: Duration) -> String {
    let milliseconds = interval.as_millis();
    for (unit, length) in
        [("y", 365 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
    {
        if milliseconds >= length {
            return format!("{}{unit}", milliseconds / length);
        }
    }
    "1ms".to_owned()
}

/// A duration as Go prints it: `1m0s`, `1.5s`, `200ms`.
pub(super) fn format_go(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    if nanos == 0 {
        return "0s".to_owned();
    }
    for (unit, length, larger) in [("ns", 1, 1_000), ("µs", 1_000, 1_000_000), ("ms", 1_000_000, 1_000_000_000)] {
        if nanos < larger {
            return format!("{}{unit}", decimal(nanos, length));
        }
    }
    let (hours, minutes) = (duration.as_secs() / 3600, duration.as_secs() / 60 % 60);
    let seconds = decimal(nanos % 60_000_000_000, 1_000_000_000);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m{seconds}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

/// `nanos / length` without trailing zeros.
fn decimal(nanos: u128, length: u128) -> String {
    let (whole, rest) = (nanos / length, nanos % length);
    if rest == 0 {
        return whole.to_string();
    }
    let width = length.ilog10() as usize;
    format!("{whole}.{}", format!("{rest:0width$}").trim_end_matches('0'))
}

/// Up to how many milliseconds an interval becomes which round one.
const ROUND: &[(u64, u64)] = &[
    (10, 1),
    (15, 10),
    (35, 20),
    (75, 50),
    (150, 100),
    (350, 200),
    (750, 500),
    (1_500, 1_000),
    (3_500, 2_000),
    (7_500, 5_000),
    (12_500, 10_000),
    (17_500, 15_000),
    (25_000, 20_000),
    (45_000, 30_000),
    (90_000, 60_000),
    (210_000, 120_000),
    (450_000, 300_000),
    (750_000, 600_000),
    (1_050_000, 900_000),
    (1_500_000, 1_200_000),
    (2_700_000, 1_800_000),
    (5_400_000, 3_600_000),
    (9_000_000, 7_200_000),
    (16_200_000, 10_800_000),
    (32_400_000, 21_600_000),
    (86_400_000, 43_200_000),
    (604_800_000, 86_400_000),
    (1_814_400_000, 604_800_000),
    (63_072_000_000, 2_592_000_000),
];

/// The round interval Grafana takes in place of one that was computed.
pub(super) fn round(interval: Duration) -> Duration {
    let round = ROUND.iter().find(|(upto, _)| interval <= Duration::from_millis(*upto));
    Duration::from_millis(round.map_or(31_536_000_000, |(_, round)| *round))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_every_form() {
        for (text, milliseconds) in [
            ("15s", 15_000),
            ("1h30m", 5_400_000),
            ("1.5s", 1_500),
            ("200ms", 200),
            ("1d", 86_400_000),
            ("2w", 1_209_600_000),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        assert_eq!(parse_interval("30"), Ok(Duration::from_secs(30)));
        assert_eq!(parse_interval("<10m>"), Ok(Duration::from_mins(10)));
    }

    #[test]
    fn what_is_no_duration_is_refused_in_the_words_of_go() {
        for (text, message) in [
            ("", "empty input"),
            ("5", "time: missing unit in duration \"5\""),
            ("5x", "time: unknown unit \"x\" in duration \"5x\""),
            ("s", "time: invalid duration \"s\""),
        ] {
            assert_eq!(parse_duration(text).unwrap_err(), message);
        }
    }

    #[test]
    fn durations_are_written_as_go_and_as_grafana_do() {
        for (milliseconds, go, grafana) in [
            (15_000, "15s", "15s"),
            (60_000, "1m0s", "1m"),
            (90_000, "1m30s", "1m"),
            (1_500, "1.5s", "1s"),
            (200, "200ms", "200ms"),
            (3_600_000, "1h0m0s", "1h"),
            (172_800_000, "48h0m0s", "2d"),
        ] {
            let duration = Duration::from_millis(milliseconds);
            assert_eq!((format_go(duration).as_str(), format_interval(duration).as_str()), (go, grafana));
        }
        assert_eq!(format_go(Duration::from_micros(1_500)), "1.5ms");
    }

    #[test]
    fn computed_intervals_become_round_ones() {
        for (interval, expected) in [(1, 1), (600, 500), (8_571, 10_000), (36_000, 30_000), (70_000_000, 43_200_000)] {
            assert_eq!(round(Duration::from_millis(interval)), Duration::from_millis(expected));
        }
    }
}
