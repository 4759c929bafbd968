//! The port to the job queue: a wake-up, never the truth.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// What a worker is woken for. Each finds its work in the database, so that a lost or doubled wake-up does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wakeup {
    /// Claim and fetch due accounts.
    Fetch,
    /// Turn due reminders into messages.
    Remind,
    /// Send due deliveries.
    Deliver,
    /// Go on with unfinished imports.
    Import,
    /// Send payments that were written down, refunds and remittances; ask about what is unknown.
    Pay,
    /// Act upon what gateways told us.
    Notices,
    /// Make documents.
    Documents,
    /// Find what was missed: expired leases, runs that ended, old rows.
    Sweep,
}

/// Wakes workers, in this process or another.
#[async_trait]
pub trait Waker: Send + Sync {
    /// Asks for `wakeup` soon. Best effort: the schedule comes round anyway.
    async fn wake(&self, wakeup: Wakeup);
}
