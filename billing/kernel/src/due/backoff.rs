//! Due work: how often it is tried, and how long it waits in between.

use chrono::Duration;

/// Tries of one piece of work.
pub const MAX_ATTEMPTS: i32 = 8;
/// The longest wait that a remote service may ask for.
const LONGEST_WAIT: Duration = Duration::hours(24);

/// The wait after this many failed tries, at least as long as the remote service asked for; none after the last try.
#[must_use]
pub fn backoff(attempts: i32, retry_after_ms: Option<u64>) -> Option<Duration> {
    if attempts >= MAX_ATTEMPTS {
        return None;
    }
    let ours = match attempts {
        ..=1 => Duration::seconds(5),
        2 => Duration::seconds(30),
        3 => Duration::minutes(2),
        4 => Duration::minutes(10),
        _ => Duration::hours(1),
    };
    let theirs = retry_after_ms.map_or(Duration::zero(), |ms| Duration::milliseconds(i64::try_from(ms).unwrap_or(i64::MAX / 2)));
    Some(ours.max(theirs.min(LONGEST_WAIT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_spread_and_end() {
        let waits: Vec<_> = (1..=8).map(|n| backoff(n, None).map(|d| d.num_seconds())).collect();
        assert_eq!(waits, [Some(5), Some(30), Some(120), Some(600), Some(3600), Some(3600), Some(3600), None]);
        assert_eq!(backoff(1, Some(60_000)), Some(Duration::seconds(60)));
        assert_eq!(backoff(3, Some(1_000)), Some(Duration::minutes(2)));
        assert_eq!(backoff(1, Some(u64::MAX)), Some(Duration::hours(24)));
        assert_eq!(backoff(8, Some(1)), None);
    }
}
