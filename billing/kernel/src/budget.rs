//! Budgets: how much one caller may spend in a minute, counted in this process.
//!
//! The memory of a budget is bounded: callers are spread over a fixed number of slots, by a hash nobody outside can
//! predict. Two callers in one slot share its budget, which is rare and harmless. What must hold across all processes (wrong
//! passwords) is counted in the database instead, see [`billow_supply::identity`].

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hash};
use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::error::{Error, Result};

/// Callers that are told apart.
const SLOTS: u64 = 1 << 17;
/// Slots in use before those of callers who have been quiet are freed.
const CROWDED: usize = 1 << 12;

type Limiter = RateLimiter<u32, HashMapStateStore<u32>, DefaultClock, NoOpMiddleware<<DefaultClock as governor::clock::Clock>::Instant>>;

/// How much each caller may spend in a minute.
pub struct Budget {
    limiter: Option<Limiter>,
    most: u32,
    hasher: RandomState,
}

impl std::fmt::Debug for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Budget").field("per_minute", &self.most).finish_non_exhaustive()
    }
}

impl Budget {
    /// A budget of so much a minute for each caller, all of which may be spent at once; without a bound where 0.
    #[must_use]
    pub fn per_minute(amount: u32) -> Self {
        let limiter = NonZeroU32::new(amount).map(|amount| {
            // Refilled bit by bit over the minute.
            let quota = Quota::per_minute(amount).allow_burst(amount);
            RateLimiter::hashmap_with_clock(quota, DefaultClock::default())
        });
        Self { limiter, most: amount, hasher: RandomState::new() }
    }

    /// Spends `amount` of what `caller` has; more than a whole budget counts as a whole one.
    ///
    /// # Errors
    /// `TooMany` when not so much is left, with the seconds until it is; nothing is spent then.
    pub fn spend<K: Hash + ?Sized>(&self, caller: &K, amount: u32) -> Result<()> {
        let (Some(limiter), Some(amount)) = (&self.limiter, NonZeroU32::new(amount.min(self.most))) else { return Ok(()) };
        if limiter.len() > CROWDED && self.hasher.hash_one(caller).is_multiple_of(1_024) {
            limiter.retain_recent();
        }
        let slot = u32::try_from(self.hasher.hash_one(caller) % SLOTS).unwrap_or_default();
        match limiter.check_key_n(&slot, amount) {
            Ok(Ok(())) | Err(_) => Ok(()),
            Ok(Err(later)) => {
                let wait = later.wait_time_from(DefaultClock::default().now());
                Err(Error::TooMany { retry_after_s: wait.as_secs() + 1 })
            }
        }
    }
}

/// The network an address is counted by: the holder of one IPv6 address has the 2^64 beside it as well.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => {
            let s = v6.segments();
            std::net::Ipv6Addr::new(s[0], s[1], s[2], s[3], 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_spends_what_it_has_and_nobody_else_s() {
        let budget = Budget::per_minute(100);
        assert!(budget.spend("anna", 60).is_ok());
        assert!(budget.spend("anna", 40).is_ok());
        assert!(matches!(budget.spend("anna", 60), Err(Error::TooMany { retry_after_s: 30..=61 })));
        assert!(budget.spend("ben", 1_000).is_ok(), "a whole budget at once");
        assert!(budget.spend("ben", 50).is_err());
        assert!(budget.spend("anna", 0).is_ok());
    }

    #[test]
    fn neighbours_in_one_network_count_together() {
        let net = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(net("2001:db8::1"), net("2001:db8::ffff:1"));
        assert_ne!(net("2001:db8::1"), net("2001:db8:0:1::1"));
        assert_eq!(net("::ffff:192.0.2.1"), net("192.0.2.1"));
    }

    #[test]
    fn a_budget_of_nothing_has_no_bound_and_strangers_take_bounded_memory() {
        let free = Budget::per_minute(0);
        assert!((0..100).all(|_| free.spend("anna", u32::MAX).is_ok()));
        let budget = Budget::per_minute(10);
        for caller in 0..200_000u32 {
            drop(budget.spend(&caller, 1));
        }
        assert!(budget.limiter.expect("a limiter").len() <= SLOTS as usize);
    }
}
