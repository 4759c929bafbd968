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

use billow_kernel::audit::Audit;
use billow_kernel::cipher::Cipher;
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::due::Due;
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::settings::Settings;
use billow_kernel::store::Store;
use billow_kernel::wake::Waker;
pub use link::{NOT_YET, VerifiedDocument};
pub use make::MakeDocuments;
pub use read::failed;
pub use read::is_failed;

use crate::paper::{DocumentRenderer, ObjectStore};
use crate::payables::Payables;

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
    due: Due,
    waker: Arc<dyn Waker>,
    documents: Arc<dyn DocumentRenderer>,
    objects: Arc<dyn ObjectStore>,
    payables: Arc<Payables>,
}

impl Documents {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(
        kernel: &Kernel,
        documents: &Arc<dyn DocumentRenderer>,
        objects: &Arc<dyn ObjectStore>,
        payables: &Arc<Payables>,
    ) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            cipher: kernel.cipher.clone(),
            settings: kernel.settings.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            due: kernel.due.clone(),
            waker: kernel.waker.clone(),
            documents: Arc::clone(documents),
            objects: Arc::clone(objects),
            payables: Arc::clone(payables),
        })
    }
}
