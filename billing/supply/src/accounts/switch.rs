//! Pausing an account, resuming it, closing it.

use billow_entities::{AccountStatus, ConnectorKind, UtilityAccountId, utility_account};
use billow_kernel::events::AccountChange;
use billow_kernel::wake::Wakeup;
use billow_kernel::{Actor, Error, Result};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::json;

use super::Accounts;
use super::start::locked;

impl Accounts {
    /// Fetches nothing for an account until it is resumed. One that is paused already stays so.
    ///
    /// # Errors
    /// As [`Self::can_manage_account`]; `CLOSED` for a closed account.
    #[tracing::instrument(name = "accounts.pause", skip_all)]
    pub async fn pause_utility_account(&self, actor: &Actor, id: UtilityAccountId) -> Result<utility_account::Model> {
        self.stop_account(actor, id, AccountStatus::Paused, ("account.pause", AccountChange::Paused)).await
    }

    /// Closes an account for good: nothing is fetched any more, its history stays. One that is closed already stays so.
    ///
    /// # Errors
    /// As [`Self::can_manage_account`].
    #[tracing::instrument(name = "accounts.close", skip_all)]
    pub async fn close_utility_account(&self, actor: &Actor, id: UtilityAccountId) -> Result<utility_account::Model> {
        self.stop_account(actor, id, AccountStatus::Closed, ("account.close", AccountChange::Closed)).await
    }

    /// Fetches a paused account again, beginning now. One that is not paused stays as it is.
    ///
    /// # Errors
    /// As [`Self::can_manage_account`]; `CLOSED` for a closed account.
    #[tracing::instrument(name = "accounts.resume", skip_all)]
    pub async fn resume_utility_account(&self, actor: &Actor, id: UtilityAccountId) -> Result<utility_account::Model> {
        let account = self.manageable(actor, id).await?;
        let provider = self.providers.load_provider(account.provider_id).await?;
        let mut tx = self.store.write_tx().await?;
        let before = locked(&tx, id).await?;
        match before.status {
            AccountStatus::Paused => {}
            AccountStatus::Closed => return Err(closed()),
            AccountStatus::Pending | AccountStatus::Active | AccountStatus::NeedsAttention => return Ok(tx.leave(before).await),
        }
        let now = self.clock.now();
        let fetched = provider.definition.connector.kind != ConnectorKind::Push;
        let mut row = before.clone().into_active_model();
        let never = before.last_fetched_at.is_none();
        row.status = Set(if never { AccountStatus::Pending } else { AccountStatus::Active });
        row.status_reason = Set(None);
        row.next_fetch_at = Set(fetched.then_some(now));
        row.slot = Set(fetched.then_some(now));
        row.slot_attempts = Set(0);
        row.updated_at = Set(now);
        let account = row.update(&*tx).await?;
        tx.emit(self.events.account(&account, AccountChange::Resumed, Some(before.status))?);
        self.audit.record(&tx, actor, "account.resume", id, Some(account.customer_id), None, json!({})).await?;
        tx.commit().await?;
        self.waker.wake(Wakeup::Fetch).await;
        Ok(account)
    }

    /// Takes an account out of fetching; a fetch that is under way is refused its writes.
    async fn stop_account(
        &self,
        actor: &Actor,
        id: UtilityAccountId,
        status: AccountStatus,
        (action, told_as): (&str, AccountChange),
    ) -> Result<utility_account::Model> {
        self.manageable(actor, id).await?;
        let mut tx = self.store.write_tx().await?;
        let before = locked(&tx, id).await?;
        if before.status == status {
            return Ok(tx.leave(before).await);
        }
        if before.status == AccountStatus::Closed {
            return Err(closed());
        }
        self.runs.leave_run(&mut tx, &before).await?;
        let mut row = before.clone().into_active_model();
        row.status = Set(status);
        row.status_reason = Set(None);
        row.next_fetch_at = Set(None);
        row.slot = Set(None);
        row.slot_attempts = Set(0);
        row.continuation = Set(None);
        row.run_id = Set(None);
        row.lease_owner = Set(None);
        row.lease_until = Set(None);
        row.fence = Set(before.fence + 1);
        row.updated_at = Set(self.clock.now());
        let account = row.update(&*tx).await?;
        tx.emit(self.events.account(&account, told_as, Some(before.status))?);
        self.audit.record(&tx, actor, action, id, Some(account.customer_id), None, json!({"previous_status": before.status})).await?;
        tx.commit().await?;
        Ok(account)
    }
}

fn closed() -> Error {
    Error::invalid("CLOSED", "", "This account is closed; add it again to use it.")
}
