//! Who asked what and when: the witness for "never fetched twice".

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Provider, SandboxState};

/// The most requests kept; the oldest go first.
const MAX_ENTRIES: usize = 10_000;
/// The most accounts counted one by one.
const MAX_COUNTED: usize = 400_000;

/// A request a provider got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// By the caller's clock.
    pub at: DateTime<Utc>,
    /// Which provider.
    pub provider: Provider,
    /// For which account, when that could be told.
    pub account: Option<String>,
    /// What was asked, such as `bills`, `register`, `poll`, `offers`, `pay`, `payment`.
    pub what: &'static str,
    /// The status of the answer, or what happened instead of one.
    pub answer: String,
}

#[derive(Default)]
pub(crate) struct Log {
    entries: VecDeque<LogEntry>,
    fetches: HashMap<(Provider, String), u64>,
    totals: HashMap<Provider, u64>,
}

impl SandboxState {
    /// Notes a request. The first request of a fetch counts as a fetch; what follows it (a poll, the offers) does not.
    pub(crate) fn note(&self, provider: Provider, account: Option<&str>, what: &'static str, answer: String) {
        let entry = LogEntry { at: self.now(), provider, account: account.map(str::to_owned), what, answer };
        let mut log = self.inner.log.lock();
        if !matches!(what, "poll" | "offers" | "pay" | "payment") {
            *log.totals.entry(provider).or_default() += 1;
            if let Some(account) = account
                && (log.fetches.len() < MAX_COUNTED || log.fetches.contains_key(&(provider, account.to_owned())))
            {
                *log.fetches.entry((provider, account.to_owned())).or_default() += 1;
            }
        }
        if log.entries.len() >= MAX_ENTRIES {
            log.entries.pop_front();
        }
        log.entries.push_back(entry);
        drop(log);
        self.changed();
    }

    /// The last requests, oldest first, of one provider or of all.
    #[must_use]
    pub fn log(&self, provider: Option<Provider>) -> Vec<LogEntry> {
        self.inner.log.lock().entries.iter().filter(|e| provider.is_none_or(|p| p == e.provider)).cloned().collect()
    }

    /// How often an account was fetched.
    #[must_use]
    pub fn fetches(&self, provider: Provider, account: &str) -> u64 {
        self.inner.log.lock().fetches.get(&(provider, account.to_owned())).copied().unwrap_or(0)
    }

    /// How often accounts of a provider were fetched, unknown ones included.
    #[must_use]
    pub fn total_fetches(&self, provider: Provider) -> u64 {
        self.inner.log.lock().totals.get(&provider).copied().unwrap_or(0)
    }

    /// Forgets the requests and sets the counters to nought.
    pub fn clear_log(&self) {
        *self.inner.log.lock() = Log::default();
        self.inner.bench.calls.store(0, std::sync::atomic::Ordering::Relaxed);
        self.changed();
    }
}
