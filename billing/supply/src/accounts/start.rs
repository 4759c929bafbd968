//! The first fetch of an account that was added or mended, and what every change of an account tells.

use billow_entities::{
    AccountStatus, ConnectorKind, CustomerId, FetchRunKind, PropertyId, PropertyRole, UtilityAccountId, fetch_run, utility_account,
};
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, Error, Result};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, QuerySelect};

use super::Accounts;
use crate::providers::LoadedProvider;

/// An account, and the fetch that was asked for with it.
#[derive(Clone, Debug, PartialEq)]
pub struct StartedAccount {
    /// The account.
    pub account: utility_account::Model,
    /// The fetch, with its progress; none where nothing was asked for, or the provider posts its bills to us.
    pub run: Option<fetch_run::Model>,
}

impl Accounts {
    /// Makes the account due now, for the first time or again, under a run of its own.
    ///
    /// A fetch that is under way with what was told before is refused its writes.
    pub(super) async fn start_account(
        &self,
        tx: &mut WriteTx,
        actor: &Actor,
        provider: &LoadedProvider,
        account: &mut utility_account::ActiveModel,
        (id, customer): (UtilityAccountId, CustomerId),
    ) -> Result<Option<fetch_run::Model>> {
        let now = self.clock.now();
        account.status = Set(AccountStatus::Pending);
        account.status_reason = Set(None);
        account.slot_attempts = Set(0);
        account.continuation = Set(None);
        account.lease_owner = Set(None);
        account.lease_until = Set(None);
        account.updated_at = Set(now);
        if provider.definition.connector.kind == ConnectorKind::Push {
            // It becomes active with the first bill the provider posts.
            account.next_fetch_at = Set(None);
            account.slot = Set(None);
            account.run_id = Set(None);
            return Ok(None);
        }
        let run = self.runs.new_run(actor, FetchRunKind::First, (provider.model.id, Some((id, customer))), 1);
        let run = run.insert(&**tx).await?;
        tx.emit(self.events.run(&run, None)?);
        account.next_fetch_at = Set(Some(now));
        account.slot = Set(Some(now));
        account.run_id = Set(Some(run.id));
        Ok(Some(run))
    }

    /// Whether an account of `customer` may be put into `home` by `actor`: both must be allowed to.
    pub(super) async fn check_home(&self, actor: &Actor, customer: CustomerId, home: PropertyId) -> Result<()> {
        let refused = |code, message: &str| Err(Error::invalid(code, "propertyId", message));
        match self.homes.home_for_accounts(actor, home).await {
            Ok(_) => {}
            Err(Error::NotFound(_)) => return refused("UNKNOWN_PROPERTY", "There is no such home."),
            Err(Error::Forbidden) => {
                return refused("NOT_ALLOWED", "You may only look at this home; ask one of its owners to let you pay.");
            }
            Err(other) => return Err(other),
        }
        match self.homes.role_in_home(customer, home).await? {
            Some(PropertyRole::Owner | PropertyRole::Payer) => Ok(()),
            _ => refused("NOT_ALLOWED", "The customer of the account must be an owner or a payer of the home."),
        }
    }
}

/// Reads an account under its lock.
pub(super) async fn locked(tx: &WriteTx, id: UtilityAccountId) -> Result<utility_account::Model> {
    utility_account::Entity::find_by_id(id).lock_exclusive().one(&**tx).await?.ok_or(Error::NotFound("account"))
}
