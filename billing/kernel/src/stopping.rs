//! Stopping: nothing more is claimed, what is under way is brought to its end, and what was claimed and not started is given
//! back, so that another process takes it at once.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Whether this process has been told to stop, and what it still has in hand. Cloning it is cheap.
#[derive(Clone, Default)]
pub struct Stopping {
    /// Cancelled when this process claims nothing more.
    pub(crate) token: CancellationToken,
    /// Work under way that nobody waits for until the process stops.
    pub tasks: TaskTracker,
}

impl Stopping {
    /// From now on this process claims nothing.
    pub fn claim_no_more(&self) {
        self.token.cancel();
    }

    /// Whether this process has been told to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Waits until the work of this process that nobody waits for is over, up to `grace`; whether it is.
    pub async fn finish_tasks(&self, grace: Duration) -> bool {
        self.tasks.close();
        tokio::time::timeout(grace, self.tasks.wait()).await.is_ok()
    }

    /// Lets `at_once` of many claimed things run at a time, and none any more once this process has been told to stop.
    pub fn turns(&self, at_once: usize) -> Turns {
        Turns { slots: Semaphore::new(at_once), stop: self.token.clone() }
    }
}

/// See [`Stopping::turns`].
pub struct Turns {
    slots: Semaphore,
    stop: CancellationToken,
}

impl Turns {
    /// Waits for a turn; none where the process stops first: then what was claimed is to be given back.
    pub async fn next(&self) -> Option<SemaphorePermit<'_>> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            slot = self.slots.acquire() => slot.ok(),
        }
    }
}
