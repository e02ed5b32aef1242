//! When to try again.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER};

use super::Attempt;

/// Delay before the first retry.
const FIRST: Duration = Duration::from_millis(100);
/// The longest delay of ours.
const LONGEST: Duration = Duration::from_secs(5);

/// The delays of one export: doubling, and each of them between the half and the whole, so that a fleet that lost its
/// collector does not come back all at once.
#[derive(Debug, Default)]
pub(super) struct Retry {
    tried: u32,
}

impl Retry {
    /// What the collector asked for goes before what is ours.
    pub(super) fn delay(&mut self, asked: Option<Duration>) -> Duration {
        let ours = FIRST.saturating_mul(1 << self.tried.min(16)).min(LONGEST);
        self.tried += 1;
        asked.unwrap_or_else(|| ours.mul_f64(rand::random_range(0.5..=1.0)))
    }
}

/// What an HTTP status says (<https://opentelemetry.io/docs/specs/otlp/#failures-1>); `None` for one of success.
pub(super) fn failed(status: StatusCode, headers: &HeaderMap) -> Option<Attempt> {
    match status {
        _ if status.is_success() => None,
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Some(Attempt::Again(headers.get(RETRY_AFTER).and_then(retry_after))),
        _ => Some(Attempt::Refused),
    }
}

/// Seconds, or a date.
fn retry_after(value: &HeaderValue) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    // A date that has passed asks for no delay.
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest_and_are_spread() {
        let mut retry = Retry::default();

        for expected in [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0] {
            let delay = retry.delay(None).as_secs_f64();
            assert!((expected / 2.0..=expected).contains(&delay), "{delay} of {expected}");
        }
        assert_eq!(retry.delay(Some(Duration::from_secs(9))), Duration::from_secs(9));
    }

    #[test]
    fn only_the_statuses_of_the_specification_are_tried_again() {
        let again = |status| matches!(failed(status, &HeaderMap::new()), Some(Attempt::Again(None)));

        for code in 100..600 {
            let status = StatusCode::from_u16(code).unwrap();
            assert_eq!(again(status), [429, 502, 503, 504].contains(&code), "{code}");
        }
        assert!(failed(StatusCode::OK, &HeaderMap::new()).is_none());
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let read = |text: &str| retry_after(&HeaderValue::from_str(text).unwrap());
        let in_a_minute = httpdate::fmt_http_date(SystemTime::now() + Duration::from_mins(1));

        assert_eq!(read("3"), Some(Duration::from_secs(3)));
        assert!(read(&in_a_minute).is_some_and(|delay| delay.as_secs() >= 58));
        assert_eq!(read("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
    }
}
