//! The sweeper finds what nobody else would: leases that ran out, runs that can never end, and attempts nobody reads any more.

use billow_entities::{AccountStatus, FetchAttemptId, FetchRunId, RunStatus, fetch_attempt, fetch_run, utility_account};
use billow_kernel::clock::first_uuid_at;
use billow_kernel::error::Result;
use chrono::Duration;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};

use super::Fetching;

/// Only one process sweeps at a time.
const LEASE: Duration = Duration::seconds(60);
/// Runs looked at in one sweep.
const RUNS: u64 = 500;
/// A run that has not ended by then never will.
const MAX_RUN_AGE: Duration = Duration::hours(24);
/// How long attempts are kept.
const ATTEMPTS: Duration = Duration::days(180);
/// Attempts removed in one sweep.
const REMOVED: u64 = 10_000;

/// What a sweep found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepSummary {
    /// Accounts whose lease ran out: they are claimed again by whoever comes next.
    pub expired_leases: u64,
    /// Runs that were ended because nothing waits for them, or too long.
    pub closed_runs: u64,
    /// Old attempts that were removed.
    pub removed_attempts: u64,
}

#[derive(FromQueryResult)]
struct Count {
    expired: i64,
}

impl Fetching {
    /// Sweeps once, unless another process just did.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep(&self) -> Result<SweepSummary> {
        if !self.leases.hold("fetching:sweeper", LEASE).await? {
            return Ok(SweepSummary::default());
        }
        let summary = SweepSummary {
            expired_leases: self.expired_leases().await?,
            closed_runs: self.close_stuck_runs().await?,
            removed_attempts: self.remove_old_attempts().await?,
        };
        if summary.expired_leases > 0 {
            tracing::warn!(leases.expired = summary.expired_leases, "a worker went away while it fetched; its accounts are claimed again");
        }
        metrics::gauge!("billow_fetch_leases_expired").set(summary.expired_leases as f64);
        Ok(summary)
    }

    /// Leased accounts are due ones, so the index of due accounts finds them.
    async fn expired_leases(&self) -> Result<u64> {
        let sql = "SELECT COALESCE(CAST(SUM((SELECT COUNT(*) FROM utility_accounts a WHERE a.provider_id = p.id AND a.next_fetch_at <= $1 \
                   AND a.lease_until < $1)) AS BIGINT), 0) AS expired FROM providers p";
        let statement = Statement::from_sql_and_values(self.store.backend(), sql, [self.clock.now().into()]);
        let count = Count::find_by_statement(statement).one(self.store.primary()).await?;
        Ok(count.and_then(|c| u64::try_from(c.expired).ok()).unwrap_or(0))
    }

    async fn close_stuck_runs(&self) -> Result<u64> {
        use utility_account::Column as C;
        let now = self.clock.now();
        let running = fetch_run::Entity::find()
            .filter(fetch_run::Column::Status.eq(RunStatus::Running))
            .order_by_asc(fetch_run::Column::Id)
            .limit(RUNS)
            .all(self.store.primary())
            .await?;
        let mut closed = 0;
        for run in running {
            let (id, old) = (run.id, now - run.created_at >= MAX_RUN_AGE);
            if !old {
                let can_end = Condition::all()
                    .add(C::RunId.eq(id))
                    .add(C::NextFetchAt.is_not_null())
                    .add(C::Status.is_not_in([AccountStatus::Paused, AccountStatus::Closed]));
                if utility_account::Entity::find().filter(can_end).limit(1).count(self.store.primary()).await? > 0 {
                    continue;
                }
            }
            let mut tx = self.store.write_tx().await?;
            // Looked at again under the lock: it may have ended by itself.
            let status = if old { RunStatus::Cancelled } else { RunStatus::Finished };
            if let Some(run) = self.close_run(&mut tx, id, status).await? {
                closed += u64::from(run.finished_at == Some(now));
                tracing::warn!(run.id = %FetchRunId::to_string(&id), run.done = run.done, run.total = run.total, "a run was ended by the sweeper");
            }
            tx.commit().await?;
        }
        Ok(closed)
    }

    async fn remove_old_attempts(&self) -> Result<u64> {
        use fetch_attempt::Column as C;
        let before = FetchAttemptId(first_uuid_at(self.clock.now() - ATTEMPTS));
        let old = Query::select()
            .column(C::Id)
            .from(fetch_attempt::Entity)
            .and_where(C::Id.lt(before))
            .order_by(C::Id, sea_orm::Order::Asc)
            .limit(REMOVED)
            .to_owned();
        let removed = fetch_attempt::Entity::delete_many().filter(Expr::col(C::Id).in_subquery(old)).exec(self.store.writer()).await?;
        Ok(removed.rows_affected)
    }
}
