//! Runs: what was asked for at once, one account's first fetch or all accounts of a provider, with its progress.

use std::sync::Arc;

use billow_entities::{CustomerId, FetchRunId, FetchRunKind, ProviderId, RunStatus, UtilityAccountId, fetch_run, utility_account};
use billow_kernel::Actor;
use billow_kernel::clock::{Ids, SharedClock};
use billow_kernel::error::Result;
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::store::WriteTx;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QuerySelect};

/// What was asked for at once, with its progress.
#[derive(Clone)]
pub struct Runs {
    clock: SharedClock,
    ids: Ids,
    events: Arc<Events>,
}

impl Runs {
    /// The service, standing on `kernel`.
    #[must_use]
    pub fn new(kernel: &Kernel) -> Arc<Self> {
        Arc::new(Self { clock: kernel.clock.clone(), ids: kernel.ids.clone(), events: kernel.events.clone() })
    }

    /// A run that waits; with an account of a customer, who may watch it then.
    pub(crate) fn new_run(
        &self,
        actor: &Actor,
        kind: FetchRunKind,
        (provider, account): (ProviderId, Option<(UtilityAccountId, CustomerId)>),
        total: i32,
    ) -> fetch_run::ActiveModel {
        fetch_run::ActiveModel {
            id: Set(FetchRunId(self.ids.next())),
            kind: Set(kind),
            status: Set(RunStatus::Running),
            provider_id: Set(Some(provider)),
            account_id: Set(account.map(|a| a.0)),
            customer_id: Set(account.map(|a| a.1)),
            requested_by: Set(Some(actor.label())),
            total: Set(total),
            done: Set(0),
            failed: Set(0),
            bills_new: Set(0),
            bills_changed: Set(0),
            created_at: Set(self.clock.now()),
            finished_at: Set(None),
        }
    }

    /// Takes an account out of the run that waits for it, so that the run can end.
    pub(crate) async fn leave_run(&self, tx: &mut WriteTx, account: &utility_account::Model) -> Result<()> {
        let Some(id) = account.run_id else { return Ok(()) };
        let Some(run) = fetch_run::Entity::find_by_id(id).lock_exclusive().one(&**tx).await? else { return Ok(()) };
        if run.status != RunStatus::Running {
            return Ok(());
        }
        let (total, done) = (run.total, run.done);
        let mut row = run.into_active_model();
        row.total = Set(total - 1);
        if done >= total - 1 {
            row.status = Set(if total == 1 { RunStatus::Cancelled } else { RunStatus::Finished });
            row.finished_at = Set(Some(self.clock.now()));
        }
        let run = row.update(&**tx).await?;
        tx.emit(self.events.run(&run, None)?);
        Ok(())
    }
}
