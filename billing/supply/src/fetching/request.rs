//! Asking for a fetch now: of one account, or of everything at a provider. The answer is a run to watch.

use billow_entities::{
    AccountStatus, ConnectorKind, FetchRunId, FetchRunKind, ProviderId, ProviderStatus, RunStatus, UtilityAccountId, fetch_run,
    utility_account,
};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_kernel::wake::Wakeup;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Statement,
    Value,
};
use serde_json::json;

use super::Fetching;
use crate::providers::LoadedProvider;

/// What is to be fetched now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchTarget {
    /// One account.
    Account(UtilityAccountId),
    /// Everything at a provider, for staff.
    Provider(ProviderId),
}

impl Fetching {
    /// Makes an account, or all of a provider's, due now. A run that is under way for the same is answered instead of a
    /// second one.
    ///
    /// # Errors
    /// When `actor` may not ask for it, or it is not fetched at all at the moment.
    pub async fn request_fetch(&self, actor: &Actor, target: FetchTarget) -> Result<fetch_run::Model> {
        let run = match target {
            FetchTarget::Account(id) => self.request_account(actor, id).await?,
            FetchTarget::Provider(id) => self.request_provider(actor, id).await?,
        };
        self.waker.wake(Wakeup::Fetch).await;
        Ok(run)
    }

    async fn request_account(&self, actor: &Actor, id: UtilityAccountId) -> Result<fetch_run::Model> {
        actor.customer_or_staff()?;
        let account = utility_account::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("account"))?;
        self.homes.can_manage_account(actor, &account).await?;
        let provider = self.providers.load_provider(account.provider_id).await?;
        fetchable(&provider)?;
        let now = self.clock.now();
        let mut tx = self.store.write_tx().await?;
        let account =
            utility_account::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(&*tx).await?.ok_or(Error::NotFound("account"))?;
        if matches!(account.status, AccountStatus::Paused | AccountStatus::Closed) {
            let message = format!("An account that is {} is not fetched; resume or add it first.", account.status);
            return Err(Error::invalid("ILLEGAL_STATE", "accountId", message));
        }
        if let Some(run) = account.run_id {
            let run = fetch_run::Entity::find_by_id(run).one(&*tx).await?;
            if let Some(run) = run.filter(|r| r.status == RunStatus::Running && r.account_id == Some(id)) {
                return Ok(tx.leave(run).await);
            }
            self.runs.leave_run(&mut tx, &account).await?;
        }
        let run = self.runs.new_run(actor, FetchRunKind::Account, (account.provider_id, Some((id, account.customer_id))), 1);
        let run = run.insert(&*tx).await?;
        let slot = account.slot.or(Some(now));
        let mut row = account.into_active_model();
        row.next_fetch_at = Set(Some(now));
        row.slot = Set(slot);
        row.run_id = Set(Some(run.id));
        row.updated_at = Set(now);
        row.update(&*tx).await?;
        tx.emit(self.events.run(&run, None)?);
        tx.commit().await?;
        Ok(run)
    }

    async fn request_provider(&self, actor: &Actor, id: ProviderId) -> Result<fetch_run::Model> {
        actor.staff()?;
        let provider = self.providers.load_provider(id).await?;
        fetchable(&provider)?;
        let mut tx = self.store.write_tx().await?;
        let running = fetch_run::Entity::find()
            .filter(fetch_run::Column::ProviderId.eq(id))
            .filter(fetch_run::Column::Kind.eq(FetchRunKind::Provider))
            .filter(fetch_run::Column::Status.eq(RunStatus::Running))
            .one(&*tx)
            .await?;
        if let Some(run) = running {
            return Ok(tx.leave(run).await);
        }
        let mut run = self.runs.new_run(actor, FetchRunKind::Provider, (id, None), 0);
        let run_id = FetchRunId(self.ids.next());
        run.id = Set(run_id);
        // Accounts first, then the run, as everywhere. Those that are being written at this moment were just fetched, and
        // those that somebody asked for are fetched for them.
        let lock = if self.store.is_sqlite() { "" } else { " FOR NO KEY UPDATE SKIP LOCKED" };
        let sql = format!(
            "WITH wanted AS MATERIALIZED (SELECT id FROM utility_accounts WHERE provider_id = $1 AND next_fetch_at IS NOT NULL \
             AND status IN ('PENDING', 'ACTIVE', 'NEEDS_ATTENTION') AND run_id IS NULL{lock}) \
             UPDATE utility_accounts SET next_fetch_at = $2, slot = COALESCE(slot, $2), run_id = $3 WHERE id IN (SELECT id FROM wanted)"
        );
        let values: [Value; 3] = [id.into(), self.clock.now().into(), run_id.into()];
        let touched = tx.execute_raw(Statement::from_sql_and_values(self.store.backend(), sql, values)).await?.rows_affected();
        run.total = Set(i32::try_from(touched).unwrap_or(i32::MAX));
        if touched == 0 {
            run.status = Set(RunStatus::Finished);
            run.finished_at = Set(Some(self.clock.now()));
        }
        let run = run.insert(&*tx).await?;
        self.audit.record(&tx, actor, "fetch_run.request", run.id, None, None, json!({"provider_id": id, "accounts": touched})).await?;
        tx.emit(self.events.run(&run, None)?);
        tx.commit().await?;
        Ok(run)
    }
}

fn fetchable(provider: &LoadedProvider) -> Result<()> {
    let name = &provider.definition.name;
    if provider.model.status != ProviderStatus::Active {
        return Err(Error::invalid("PROVIDER_PAUSED", "", format!("Nothing is fetched from {name} at the moment.")));
    }
    if provider.definition.connector.kind == ConnectorKind::Push {
        return Err(Error::invalid("NOT_FETCHED", "", format!("{name} sends its bills by itself; they cannot be asked for.")));
    }
    Ok(())
}
