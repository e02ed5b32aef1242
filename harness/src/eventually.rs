//! The one place that waits for something to become true.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

/// Time between two looks. Short, because what is waited for is on this machine.
const INTERVAL: Duration = Duration::from_millis(5);

/// Time ran out.
#[derive(Debug, PartialEq, Eq)]
pub struct TimedOut<E> {
    /// How long was waited.
    pub after: Duration,
    /// How often was looked.
    pub looks: u32,
    /// What was missing at the last look.
    pub last: E,
}

impl<E: fmt::Display> fmt::Display for TimedOut<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "timed out after {} ms and {} looks: {}", self.after.as_millis(), self.looks, self.last)
    }
}

/// Looks until `look` succeeds or `patience` is over; looks at least once.
///
/// # Errors
/// The last failure, when time ran out.
pub async fn eventually<T, E>(patience: Duration, look: impl AsyncFnMut() -> Result<T, E>) -> Result<T, TimedOut<E>> {
    eventually_every(INTERVAL, patience, look).await
}

/// As [`eventually`], with a time between two looks of one's own: for looks that cost somebody something.
///
/// # Errors
/// The last failure, when time ran out.
pub async fn eventually_every<T, E>(
    interval: Duration,
    patience: Duration,
    mut look: impl AsyncFnMut() -> Result<T, E>,
) -> Result<T, TimedOut<E>> {
    let began = Instant::now();
    let mut looks = 0;
    loop {
        looks += 1;
        match look().await {
            Ok(found) => return Ok(found),
            Err(last) if began.elapsed() >= patience => {
                return Err(TimedOut { after: began.elapsed(), looks, last });
            }
            Err(_) => tokio::time::sleep(interval).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn succeeds_as_soon_as_a_look_does() {
        let mut looks = 0;

        let found = eventually(Duration::from_mins(1), async || {
            looks += 1;
            if looks == 3 { Ok(looks) } else { Err("not yet") }
        })
        .await;

        assert_eq!(found, Ok(3));
    }

    #[tokio::test(start_paused = true)]
    async fn looks_once_without_patience_and_keeps_the_last_failure() {
        let timed_out = eventually(Duration::ZERO, async || Err::<(), _>("nothing there")).await.unwrap_err();

        assert_eq!(timed_out, TimedOut { after: Duration::ZERO, looks: 1, last: "nothing there" });
    }
}
