//! Customers: they owe and pay. An operator can onboard one who has no sign-in yet, with an invitation to claim it.

mod find;
mod invitations;
mod onboard;
mod update;

use std::sync::Arc;

use billow_entities::{CustomerId, customer};
use billow_kernel::Error;
use billow_kernel::audit::Audit;
use billow_kernel::cipher::Cipher;
use billow_kernel::clock::{Ids, SharedClock};
pub use billow_kernel::contact::ContactInput;
use billow_kernel::error::Result;
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::settings::Settings;
use billow_kernel::store::{Store, WriteTx};
pub use find::CustomerFilter;
pub use onboard::Onboarded;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
pub(crate) use update::Change;
pub use update::UpdateCustomer;

use crate::identity::{Identity, hold};

/// Those who owe and pay.
#[derive(Clone)]
pub struct Customers {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    cipher: Cipher,
    settings: Arc<Settings>,
    audit: Audit,
    events: Arc<Events>,
    identity: Arc<Identity>,
}

impl Customers {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(kernel: &Kernel, identity: &Arc<Identity>) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            cipher: kernel.cipher.clone(),
            settings: kernel.settings.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            identity: Arc::clone(identity),
        })
    }
}

impl Customers {
    /// Fails when another customer has this number of another system; holds it until the transaction ends.
    pub(crate) async fn external_ref_is_free(&self, tx: &WriteTx, external_ref: Option<&str>, except: Option<CustomerId>) -> Result<()> {
        let Some(external_ref) = external_ref else { return Ok(()) };
        hold(tx, "external_ref", external_ref).await?;
        let found = customer::Entity::find().filter(customer::Column::ExternalRef.eq(external_ref)).one(&**tx).await?;
        match found {
            Some(other) if Some(other.id) != except => {
                Err(Error::invalid("EXTERNAL_REF_TAKEN", "externalRef", "Another customer has this number."))
            }
            _ => Ok(()),
        }
    }
}
