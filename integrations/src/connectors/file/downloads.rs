//! A file at an address is for all accounts of its provider: it is fetched once a round and not once for each account.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use billow_billing::ports::FetchReply;
use chrono::{DateTime, Duration, Utc};
use parking_lot::Mutex;

use super::rows::Rows;

/// How long a file serves accounts that have not seen it yet.
const FRESH: Duration = Duration::minutes(10);
/// Files that are kept.
const MAX_KEPT: usize = 8;

struct Download {
    at: DateTime<Utc>,
    rows: Arc<Rows>,
    /// Accounts that have seen it: when one asks again, it asks for news.
    served: HashSet<String>,
}

type Slot = Arc<tokio::sync::Mutex<Option<Download>>>;

/// Files that were fetched lately.
#[derive(Default)]
pub(super) struct Downloads {
    slots: Mutex<HashMap<String, Slot>>,
}

impl Downloads {
    /// The rows of the file `key` for an account: those of a fresh download that the account has not seen, or else what
    /// `download` brings. While one account downloads, the others wait for it.
    pub(super) async fn rows(
        &self,
        key: String,
        account: &str,
        now: DateTime<Utc>,
        download: impl Future<Output = Result<Arc<Rows>, FetchReply>>,
    ) -> Result<Arc<Rows>, FetchReply> {
        let slot = self.slot(key);
        let mut kept = slot.lock().await;
        if let Some(last) = kept.as_mut()
            && (now - last.at).abs() < FRESH
            && last.served.insert(account.to_owned())
        {
            return Ok(Arc::clone(&last.rows));
        }
        *kept = None;
        let rows = download.await?;
        *kept = Some(Download { at: now, rows: Arc::clone(&rows), served: HashSet::from([account.to_owned()]) });
        Ok(rows)
    }

    fn slot(&self, key: String) -> Slot {
        let mut slots = self.slots.lock();
        if slots.len() >= MAX_KEPT && !slots.contains_key(&key) {
            slots.clear();
        }
        Arc::clone(slots.entry(key).or_default())
    }
}
