//! What one process keeps in memory about fetching: which providers it is at, how fast it may call them, what it has claimed.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use billow_entities::{ProviderId, UtilityAccountId};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use parking_lot::Mutex;
use tokio::sync::{RwLock, RwLockReadGuard};

use crate::definition::PlanOffer;

/// Rate limiters and lists of plans kept at most; more than that many providers start afresh now and then.
const KEPT: usize = 10_000;

/// Fetching, as far as this process knows.
#[derive(Default)]
pub(crate) struct FetchState {
    at_work: Mutex<HashSet<ProviderId>>,
    limiters: Mutex<HashMap<ProviderId, (NonZeroU32, Arc<DefaultDirectRateLimiter>)>>,
    claimed: Mutex<HashSet<UtilityAccountId>>,
    plans: Mutex<HashMap<ProviderId, Vec<PlanOffer>>>,
    closed: AtomicBool,
    /// Held while something is being claimed, until it is among `claimed`.
    claims: RwLock<()>,
}

/// The right to run the one pipeline of a provider in this process.
pub(super) struct Seat {
    state: Arc<FetchState>,
    provider: ProviderId,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.state.at_work.lock().remove(&self.provider);
    }
}

impl FetchState {
    /// Ends fetching in this process: when this returns nothing is being claimed, and nothing will be.
    pub(super) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        drop(self.claims.write().await);
    }

    /// The right to claim, to be held until what was claimed is noted; none once this process has stopped.
    pub(super) async fn claiming(&self) -> Option<RwLockReadGuard<'_, ()>> {
        let claiming = self.claims.read().await;
        (!self.is_closed()).then_some(claiming)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// The provider's seat, unless it is taken.
    pub(super) fn take_seat(self: &Arc<Self>, provider: ProviderId) -> Option<Seat> {
        self.at_work.lock().insert(provider).then(|| Seat { state: Arc::clone(self), provider })
    }

    /// The limiter for so many accounts a second; it outlives a pipeline, so that a quick restart is no way round it.
    pub(super) fn limiter(&self, provider: ProviderId, per_second: Option<u32>) -> Option<Arc<DefaultDirectRateLimiter>> {
        let rate = NonZeroU32::new(per_second?)?;
        let mut limiters = self.limiters.lock();
        if limiters.len() >= KEPT {
            limiters.clear();
        }
        match limiters.get(&provider) {
            Some((known, limiter)) if *known == rate => Some(Arc::clone(limiter)),
            _ => {
                let limiter = Arc::new(RateLimiter::direct(Quota::per_second(rate)));
                limiters.insert(provider, (rate, Arc::clone(&limiter)));
                Some(limiter)
            }
        }
    }

    pub(super) fn claimed(&self, accounts: impl IntoIterator<Item = UtilityAccountId>) {
        self.claimed.lock().extend(accounts);
    }

    pub(super) fn settled(&self, accounts: impl IntoIterator<Item = UtilityAccountId>) {
        let mut claimed = self.claimed.lock();
        for id in accounts {
            claimed.remove(&id);
        }
    }

    /// What this process has claimed and not settled.
    pub(super) fn holds(&self) -> Vec<UtilityAccountId> {
        self.claimed.lock().iter().copied().collect()
    }

    /// Whether the provider listed other plans than the last time they were written here.
    pub(super) fn plans_are_news(&self, provider: ProviderId, plans: &[PlanOffer]) -> bool {
        self.plans.lock().get(&provider).is_none_or(|known| known != plans)
    }

    pub(super) fn plans_written(&self, provider: ProviderId, plans: Vec<PlanOffer>) {
        let mut known = self.plans.lock();
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(provider, plans);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_taken_once_and_given_back() {
        let state = Arc::new(FetchState::default());
        let provider = ProviderId(uuid::Uuid::nil());
        let seat = state.take_seat(provider).expect("a free seat");
        assert!(state.take_seat(provider).is_none());
        drop(seat);
        assert!(state.take_seat(provider).is_some());
    }

    #[test]
    fn a_limiter_is_kept_until_the_limit_changes() {
        let state = FetchState::default();
        let provider = ProviderId(uuid::Uuid::nil());
        assert!(state.limiter(provider, None).is_none());
        let first = state.limiter(provider, Some(5)).expect("a limiter");
        assert!(Arc::ptr_eq(&first, &state.limiter(provider, Some(5)).expect("a limiter")));
        assert!(!Arc::ptr_eq(&first, &state.limiter(provider, Some(6)).expect("a limiter")));
    }
}
