//! Numbers as people read them.

use crate::overhead::outcome::Effect;

/// What stands where a figure could not be had.
pub(super) const NOT_MEASURED: &str = "not measured";

/// `fraction` in percent with so many decimals: `2.4 %`. No minus in front of a zero.
pub(super) fn percent(fraction: f64, decimals: usize) -> String {
    format!("{} %", points(fraction, decimals))
}

/// `fraction` in percent, without the sign.
fn points(fraction: f64, decimals: usize) -> String {
    if !fraction.is_finite() {
        return if fraction.is_nan() {
            "?".to_owned()
        } else if fraction > 0.0 {
            "∞".to_owned()
        } else {
            "-∞".to_owned()
        };
    }
    let text = format!("{:.decimals$}", fraction * 100.0);
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|char| matches!(char, '0' | '.')) => rest.to_owned(),
        _ => text,
    }
}

/// A budget: `5 %`, `2.5 %`, without zeros at the end.
pub(super) fn budget(fraction: f64) -> String {
    let text = format!("{:.3}", fraction * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// `2.4 % [1.7, 3.1]`. One decimal, or as many as keep an end of the interval from reading like the budget it misses:
/// 4.98 is not to be printed as 5.0 beside a budget of 5.
pub(super) fn effect(effect: &Effect, budget: f64) -> String {
    let reads_like_budget =
        |end: f64, decimals| (end - budget).abs() > f64::EPSILON && points(end, decimals) == points(budget, decimals);
    let decimals = (1..4)
        .find(|decimals| !reads_like_budget(effect.lower, *decimals) && !reads_like_budget(effect.upper, *decimals))
        .unwrap_or(4);
    let Effect { estimate, lower, upper } = effect;
    format!("{} [{}, {}]", percent(*estimate, decimals), points(*lower, decimals), points(*upper, decimals))
}

/// [`effect`] with a plus in front of what is dearer, for tables of differences.
pub(super) fn difference(difference: &Effect, budget: f64) -> String {
    let plus = if difference.estimate >= 0.0 { "+" } else { "" };
    format!("{plus}{}", effect(difference, budget))
}

/// Microseconds to three digits: `402 µs`, `9.60 µs`, `0.640 µs`. `None` and what is not a number above 0 was not measured.
pub(super) fn micros(micros: Option<f64>) -> String {
    micros.filter(|micros| micros.is_finite() && *micros > 0.0).map_or(NOT_MEASURED.to_owned(), |micros| {
        let decimals = match micros {
            ..1.0 => 3,
            1.0..10.0 => 2,
            10.0..100.0 => 1,
            _ => 0,
        };
        format!("{micros:.decimals$} µs")
    })
}

/// A latency in microseconds to three digits, in the unit that suits it: `812 µs`, `1.20 ms`, `2.31 s`.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(super) fn latency(micros: u64) -> String {
    let digits = |value: f64, unit: &str| {
        let decimals = match value {
            ..10.0 => 2,
            10.0..100.0 => 1,
            _ => 0,
        };
        format!("{value:.decimals$} {unit}")
    };
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => digits(micros as f64 / 1e3, "ms"),
        _ => digits(micros as f64 / 1e6, "s"),
    }
}

/// Memory in MiB; 0 could not be read.
#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
pub(super) fn memory(bytes: u64) -> String {
    match bytes {
        0 => NOT_MEASURED.to_owned(),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

/// Spans that arrived over those that should have. Says 100 % only if none is missing and none is one too many.
pub(super) fn delivered(fraction: f64) -> String {
    if !fraction.is_finite() {
        return NOT_MEASURED.to_owned();
    }
    let hundred = fraction * 100.0;
    if fraction < 1.0 {
        format!("{:.1} %", (hundred * 10.0).floor() / 10.0)
    } else if fraction > 1.0 {
        format!("{:.1} %", (hundred * 10.0).ceil() / 10.0)
    } else {
        "100 %".to_owned()
    }
}

/// Spans a request: `15`, `14.8`.
pub(super) fn per_request(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Milliseconds as seconds: `7 s`, `1.5 s`.
#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
pub(super) fn seconds(milliseconds: u64) -> String {
    format!("{} s", per_request(milliseconds as f64 / 1_000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn an(estimate: f64, lower: f64, upper: f64) -> Effect {
        Effect { estimate, lower, upper }
    }

    #[test]
    fn an_end_just_below_the_budget_does_not_read_like_it() {
        assert_eq!(effect(&an(0.024, 0.017, 0.031), 0.05), "2.4 % [1.7, 3.1]");
        assert_eq!(effect(&an(0.031, 0.012, 0.0498), 0.05), "3.10 % [1.20, 4.98]");
        assert_eq!(effect(&an(0.08, 0.050_04, 0.11), 0.05), "8.000 % [5.004, 11.000]");
    }

    #[test]
    fn a_zero_has_no_sign_and_infinity_is_not_a_number() {
        assert_eq!(effect(&an(-0.0001, -0.0002, 0.000_01), 0.05), "0.0 % [0.0, 0.0]");
        assert_eq!(effect(&an(0.02, f64::NEG_INFINITY, f64::INFINITY), 0.05), "2.0 % [-∞, ∞]");
        assert_eq!(difference(&an(-0.012, -0.02, 0.01), 0.05), "-1.2 % [-2.0, 1.0]");
    }

    #[test]
    fn a_hundred_percent_is_said_of_no_less_and_no_more() {
        assert_eq!(delivered(1.0), "100 %");
        assert_eq!(delivered(0.999_99), "99.9 %");
        assert_eq!(delivered(1.000_01), "100.1 %");
        assert_eq!(delivered(f64::NAN), NOT_MEASURED);
    }

    #[test]
    fn what_was_not_measured_is_no_zero() {
        assert_eq!(micros(None), NOT_MEASURED);
        assert_eq!(micros(Some(0.0)), NOT_MEASURED);
        assert_eq!(micros(Some(f64::NAN)), NOT_MEASURED);
        assert_eq!(memory(0), NOT_MEASURED);
    }

    #[test]
    fn figures_have_three_digits_and_their_unit() {
        assert_eq!(
            [0.64, 9.6, 55.2, 402.4].map(|number| micros(Some(number))),
            ["0.640 µs", "9.60 µs", "55.2 µs", "402 µs"]
        );
        assert_eq!([812, 1_204, 41_730, 2_310_000].map(latency), ["812 µs", "1.20 ms", "41.7 ms", "2.31 s"]);
        assert_eq!([budget(0.05), budget(0.025)], ["5 %", "2.5 %"]);
        assert_eq!([seconds(7_000), seconds(1_500)], ["7 s", "1.5 s"]);
    }
}
