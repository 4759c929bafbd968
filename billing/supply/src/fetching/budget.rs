//! How much one call of `fetch_due` may do.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// How much one call of `fetch_due` may do. What has begun is finished.
#[derive(Clone, Debug)]
pub struct FetchBudget {
    /// Accounts to claim.
    pub max_accounts: u64,
    /// How long to go on claiming.
    pub max_time: Duration,
    /// Stops claiming when it is cancelled.
    pub stop: CancellationToken,
}

impl Default for FetchBudget {
    fn default() -> Self {
        Self { max_accounts: 10_000_000, max_time: Duration::from_secs(3_600), stop: CancellationToken::new() }
    }
}

/// What is left of a budget, shared by the providers' pipelines.
#[derive(Debug)]
pub(super) struct Purse {
    left: AtomicU64,
    until: Instant,
    stop: CancellationToken,
}

impl Purse {
    pub(super) fn new(budget: FetchBudget) -> Self {
        Self { left: AtomicU64::new(budget.max_accounts), until: Instant::now() + budget.max_time, stop: budget.stop }
    }

    /// Takes at most `wanted` accounts; none when the budget is spent.
    pub(super) fn take(&self, wanted: u64) -> u64 {
        if self.stop.is_cancelled() || Instant::now() >= self.until {
            return 0;
        }
        let before = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(wanted)));
        before.unwrap_or(0).min(wanted)
    }

    /// Puts back what was not used.
    pub(super) fn give_back(&self, unused: u64) {
        self.left.fetch_add(unused, Ordering::Relaxed);
    }

    pub(super) fn is_spent(&self) -> bool {
        self.stop.is_cancelled() || Instant::now() >= self.until || self.left.load(Ordering::Relaxed) == 0
    }

    /// Whether the process is stopping: what is claimed but not begun is put back.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_taken_than_there_is() {
        let purse = Purse::new(FetchBudget { max_accounts: 5, ..FetchBudget::default() });
        assert_eq!((purse.take(3), purse.take(3), purse.take(3)), (3, 2, 0));
        assert!(purse.is_spent());
        purse.give_back(1);
        assert_eq!(purse.take(9), 1);
    }

    #[test]
    fn a_stopped_or_late_purse_is_empty() {
        let budget = FetchBudget::default();
        budget.stop.cancel();
        assert_eq!(Purse::new(budget).take(1), 0);
        assert_eq!(Purse::new(FetchBudget { max_time: Duration::ZERO, ..FetchBudget::default() }).take(1), 0);
    }
}
