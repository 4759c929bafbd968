//! Working imports off. A worker claims one by a lease with a fence, goes through it batch by batch, and writes what came of
//! each row with the work itself; whoever comes after a crash goes on with the rows that still wait.

use billow_entities::{ImportRowStatus, ImportStatus, import_row, import_run};
use billow_kernel::Actor;
use billow_kernel::due::{ClaimColumns, Claimable, DueRows};
use billow_kernel::error::Result;
use billow_kernel::store::WriteTx;
use billow_kernel::wake::Wakeup;
use chrono::Duration;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Imports;
use super::customers::{Providers, Worked, stored};

/// Rows worked off at a time.
const BATCH: u64 = 100;
/// Batches per call; the rest is for the next wake-up, so that a worker can be stopped.
const BATCHES: usize = 50;
/// How long an import is kept from other workers without a sign of life.
const LEASE: Duration = Duration::minutes(2);

/// On whose behalf an import acts.
pub(super) fn actor_of(run: &import_run::Model) -> Actor {
    Actor::Import { import_id: run.id, started_by: run.created_by }
}

/// Imports that are not over; they are due from their start on.
pub struct RunImports;

impl DueRows for RunImports {
    type Table = import_run::Entity;
    const NAME: &'static str = "import";
    const DUE_AT: import_run::Column = import_run::Column::CreatedAt;

    fn open() -> Condition {
        Condition::all().add(import_run::Column::Status.eq(ImportStatus::Running))
    }
}

impl Claimable for RunImports {
    const LEASE: Duration = LEASE;
    const CLAIM: ClaimColumns<import_run::Column> = ClaimColumns {
        id: import_run::Column::Id,
        lease_until: import_run::Column::LeaseUntil,
        fence: import_run::Column::Fence,
        tries: None,
    };
}

impl Imports {
    /// Goes on with unfinished imports that nobody works at; answers how many rows were worked off.
    ///
    /// # Errors
    /// When the database does not answer; what was not done is done by the next call.
    #[tracing::instrument(name = "imports.run", skip_all)]
    pub async fn run_imports(&self) -> Result<usize> {
        let mut rows = 0;
        for _ in 0..BATCHES {
            if self.stopping.is_stopping() {
                break;
            }
            let Some(claim) = self.due.open::<RunImports>(1).await? else { return Ok(rows) };
            let Some(run) = claim.take().await?.pop() else { return Ok(rows) };
            rows += self.import_batch(&run).await?;
        }
        self.waker.wake(Wakeup::Import).await;
        Ok(rows)
    }

    /// Works off the next rows of a claimed import and lets go of it, or ends it when there are none.
    async fn import_batch(&self, run: &import_run::Model) -> Result<usize> {
        let rows = import_row::Entity::find()
            .filter(import_row::Column::RunId.eq(run.id))
            .filter(import_row::Column::Status.eq(ImportRowStatus::Waiting))
            .order_by_asc(import_row::Column::Row)
            .limit(BATCH)
            .all(self.store.primary())
            .await?;
        let mut tx = self.store.write_tx().await?;
        if !self.keep_import(&tx, run).await? {
            return Ok(tx.leave(0).await);
        }
        let mut providers = Providers::new();
        let mut worked = Vec::with_capacity(rows.len());
        for row in &rows {
            worked.push(self.import_customer(&mut tx, run, row, &mut providers).await?);
        }
        if worked.iter().any(|w| w.account.is_some()) {
            // An account is added by its own use case, in a transaction of its own: the customers must be there before.
            tx.commit().await?;
            self.add_accounts(&actor_of(run), &mut worked).await?;
            tx = self.store.write_tx().await?;
            if !self.keep_import(&tx, run).await? {
                return Ok(tx.leave(0).await);
            }
        }
        self.settle_batch(&mut tx, run, &worked, (rows.len() as u64) < BATCH).await?;
        tx.commit().await?;
        Ok(rows.len())
    }

    /// Whether the import is still ours; keeps it so.
    async fn keep_import(&self, tx: &WriteTx, run: &import_run::Model) -> Result<bool> {
        let kept = import_run::Entity::update_many()
            .col_expr(import_run::Column::LeaseUntil, Expr::value(self.clock.now() + LEASE))
            .filter(import_run::Column::Id.eq(run.id))
            .filter(import_run::Column::Fence.eq(run.fence))
            .filter(import_run::Column::Status.eq(ImportStatus::Running))
            .exec(&**tx)
            .await?;
        Ok(kept.rows_affected == 1)
    }

    /// Writes what came of the rows, and how far the import is.
    async fn settle_batch(&self, tx: &mut WriteTx, run: &import_run::Model, worked: &[Worked], last: bool) -> Result<()> {
        for row in worked {
            let status = if row.errors.is_empty() { ImportRowStatus::Done } else { ImportRowStatus::Failed };
            let change = import_row::ActiveModel {
                run_id: Set(run.id),
                row: Set(row.row),
                status: Set(status),
                errors: Set(stored(row)?),
                result: Set(row.customer.map(|id| id.to_string())),
                ..Default::default()
            };
            import_row::Entity::update_many()
                .set(change)
                .filter(import_row::Column::RunId.eq(run.id))
                .filter(import_row::Column::Row.eq(row.row))
                .exec(&**tx)
                .await?;
        }
        let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let done = count(worked.len());
        let failed = count(worked.iter().filter(|w| !w.errors.is_empty()).count());
        let mut update = import_run::Entity::update_many()
            .col_expr(import_run::Column::Done, Expr::col(import_run::Column::Done).add(done))
            .col_expr(import_run::Column::Failed, Expr::col(import_run::Column::Failed).add(failed))
            .col_expr(import_run::Column::LeaseUntil, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
            .filter(import_run::Column::Id.eq(run.id));
        if last {
            update = update
                .col_expr(import_run::Column::Status, Expr::value(ImportStatus::Finished.as_str()))
                .col_expr(import_run::Column::FinishedAt, Expr::value(self.clock.now()));
        }
        update.exec(&**tx).await?;
        if let Some(run) = import_run::Entity::find_by_id(run.id).one(&**tx).await? {
            self.tell_import(tx, &run)?;
        }
        Ok(())
    }

    /// Tells staff how far an import is.
    pub(super) fn tell_import(&self, tx: &mut WriteTx, run: &import_run::Model) -> Result<()> {
        tx.emit(self.events.import(run)?);
        Ok(())
    }
}
