//! How long work waits after tries that failed, and how many tries it has. Each kind of work has a table of its own.

use chrono::Duration;

/// The longest wait that a remote service may ask for.
const LONGEST_WAIT: Duration = Duration::hours(24);

/// The waits between tries.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    seconds: &'static [i64],
    tries: Option<i32>,
}

impl Backoff {
    /// The waits after the first failed try, the second, and so on, in seconds; the last one repeats for ever.
    #[must_use]
    pub const fn seconds(seconds: &'static [i64]) -> Self {
        assert!(!seconds.is_empty(), "a wait");
        Self { seconds, tries: None }
    }

    /// After so many tries it is given up.
    #[must_use]
    pub const fn up_to(self, tries: i32) -> Self {
        Self { tries: Some(tries), ..self }
    }

    /// The wait after so many failed tries, the first of which is 1.
    #[must_use]
    pub fn wait(&self, failed: i32) -> Duration {
        let place = usize::try_from(failed - 1).unwrap_or(0).min(self.seconds.len() - 1);
        Duration::seconds(self.seconds[place])
    }

    /// The wait after so many failed tries, at least as long as the remote service asked for; none after the last try.
    #[must_use]
    pub fn next(&self, failed: i32, retry_after_ms: Option<u64>) -> Option<Duration> {
        if self.is_last(failed) {
            return None;
        }
        let theirs = retry_after_ms.map_or(Duration::zero(), |ms| Duration::milliseconds(i64::try_from(ms).unwrap_or(i64::MAX / 2)));
        Some(self.wait(failed).max(theirs.min(LONGEST_WAIT)))
    }

    /// Whether so many tries were all there are.
    #[must_use]
    pub fn is_last(&self, tries: i32) -> bool {
        self.tries.is_some_and(|most| tries >= most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_spread_and_end() {
        let backoff = Backoff::seconds(&[5, 30, 120]).up_to(5);
        let waits: Vec<_> = (0..=5).map(|n| backoff.next(n, None).map(|d| d.num_seconds())).collect();
        assert_eq!(waits, [Some(5), Some(5), Some(30), Some(120), Some(120), None]);
        assert_eq!(backoff.next(1, Some(60_000)), Some(Duration::seconds(60)));
        assert_eq!(backoff.next(3, Some(1_000)), Some(Duration::minutes(2)));
        assert_eq!(backoff.next(1, Some(u64::MAX)), Some(Duration::hours(24)));
        assert_eq!(backoff.next(5, Some(1)), None);
        assert_eq!(Backoff::seconds(&[60]).next(i32::MAX, None), Some(Duration::minutes(1)));
    }
}
