//! Imports by CSV: checked row by row, worked off in batches, resumed where they stopped.
//!
//! A file that cannot be read is refused as a whole; a row that is wrong fails alone and says why. Rows are told apart by
//! their `external_ref` or e-mail address, so that working one off twice, or importing a file twice, does no harm.

mod accounts;
mod csv;
mod customers;
mod find;
mod formula;
mod rejects;
mod run;
mod start;
mod sweep;

use std::sync::Arc;

use billow_entities::import_row;
use billow_kernel::audit::Audit;
use billow_kernel::cipher::Cipher;
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::due::Due;
use billow_kernel::error::UserError;
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::stopping::Stopping;
use billow_kernel::store::Store;
use billow_kernel::wake::Waker;
pub use find::ImportRowFilter;
pub use run::RunImports;
pub use start::{ImportKind, StartImport};

pub use self::csv::{COLUMNS, MAX_BYTES, MAX_ROWS};
use crate::accounts::Accounts;
use crate::customers::Customers;
use crate::homes::Homes;
use crate::identity::Identity;

/// Files of customers and accounts.
#[derive(Clone)]
pub struct Imports {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    cipher: Cipher,
    audit: Audit,
    events: Arc<Events>,
    due: Due,
    stopping: Stopping,
    waker: Arc<dyn Waker>,
    customers: Arc<Customers>,
    homes: Arc<Homes>,
    accounts: Arc<Accounts>,
    identity: Arc<Identity>,
}

impl Imports {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(
        kernel: &Kernel,
        identity: &Arc<Identity>,
        customers: &Arc<Customers>,
        homes: &Arc<Homes>,
        accounts: &Arc<Accounts>,
    ) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            cipher: kernel.cipher.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            due: kernel.due.clone(),
            stopping: kernel.stopping.clone(),
            waker: kernel.waker.clone(),
            customers: Arc::clone(customers),
            homes: Arc::clone(homes),
            accounts: Arc::clone(accounts),
            identity: Arc::clone(identity),
        })
    }
}

/// What is said about a row: why it failed, or, where it is done, that somebody was there already.
#[must_use]
pub fn remarks(row: &import_row::Model) -> Vec<UserError> {
    serde_json::from_value(row.errors.clone()).unwrap_or_default()
}
