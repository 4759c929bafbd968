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

pub use self::csv::{COLUMNS, MAX_BYTES, MAX_ROWS};
pub use find::ImportRowFilter;
pub use start::{ImportKind, StartImport};

use crate::accounts::Accounts;
use crate::audit::Audit;
use crate::cipher::Cipher;
use crate::clock::{Ids, SharedClock};
use crate::customers::Customers;
use crate::error::UserError;
use crate::events::Events;
use crate::homes::Homes;
use crate::identity::Identity;
use crate::kernel::Kernel;
use crate::ports::Waker;
use crate::stopping::Stopping;
use crate::store::Store;

/// Files of customers and accounts.
#[derive(Clone)]
pub struct Imports {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    cipher: Cipher,
    audit: Audit,
    events: Arc<Events>,
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
