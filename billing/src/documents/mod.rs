//! Invoices and receipts: asked for in the transaction that makes them true, numbered when they are first made, kept outside
//! any transaction, opened by links that expire, and checked by anybody who holds the paper.
//!
//! The row is the truth: it carries when it is due to be made, a lease and a fence. What is made is kept under a key that
//! names its content, so that a document is never overwritten. A receipt is made anew, under the same number, when a
//! provider confirms or money goes back: both legs are right on it then.

mod link;
mod make;
mod number;
mod paper;
mod queue;
mod read;
mod retry;

use std::sync::Arc;

pub use link::{NOT_YET, VerifiedDocument};
pub(crate) use read::failed;
pub use read::is_failed;

use crate::audit::Audit;
use crate::cipher::Cipher;
use crate::clock::{Ids, SharedClock};
use crate::events::Events;
use crate::kernel::Kernel;
use crate::ports::{DocumentRenderer, ObjectStore, Waker};
use crate::settings::Settings;
use crate::stopping::Stopping;
use crate::store::Store;

/// Invoices and receipts.
#[derive(Clone)]
pub struct Documents {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    cipher: Cipher,
    settings: Arc<Settings>,
    audit: Audit,
    events: Arc<Events>,
    stopping: Stopping,
    waker: Arc<dyn Waker>,
    documents: Arc<dyn DocumentRenderer>,
    objects: Arc<dyn ObjectStore>,
}

impl Documents {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(kernel: &Kernel, documents: &Arc<dyn DocumentRenderer>, objects: &Arc<dyn ObjectStore>) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            cipher: kernel.cipher.clone(),
            settings: kernel.settings.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            stopping: kernel.stopping.clone(),
            waker: kernel.waker.clone(),
            documents: Arc::clone(documents),
            objects: Arc::clone(objects),
        })
    }
}
