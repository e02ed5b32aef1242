//! How long an alert is given.

use std::time::Duration;

use otelgate_harness::alerts::Windows;

const HOLD: Duration = Duration::from_secs(10);

#[test]
fn the_shortest_range_counts() {
    let expr = r#"rate(a{b="[1s]"}[10s]) < 0.5 * (rate(a[6m]) > 0.3) and max_over_time(up[7s:1s]) > 0"#;

    let windows = Windows::of(expr, HOLD).unwrap();

    assert_eq!(windows, Windows { range: Duration::from_secs(7), hold: HOLD });
    assert_eq!(windows.patience(), Duration::from_secs(2 * 17 + 10));
    assert_eq!(windows.silence(), Duration::from_secs(19));
}

#[test]
fn an_expression_without_a_range_needs_its_hold_alone() {
    assert_eq!(Windows::of("up == 0", HOLD).unwrap().patience(), Duration::from_secs(30));
}

#[test]
fn an_expression_that_does_not_parse_is_named() {
    let error = Windows::of("rate(a[5m) > 0", HOLD).unwrap_err();

    assert!(error.starts_with("`rate(a[5m) > 0` does not parse: "), "{error}");
}
