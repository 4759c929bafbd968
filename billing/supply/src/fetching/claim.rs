//! Claiming: which providers have due accounts, and taking a batch of them under a lease with a new fence.
//!
//! Both questions walk the index of due accounts from its front, so that they cost the same with ten thousand accounts as
//! with a million. A claimed account stays due until it is written; its lease keeps others from it meanwhile.

use billow_entities::{ProviderId, ProviderStatus, UtilityAccountId, provider, utility_account};
use billow_kernel::due::DueRows;
use billow_kernel::error::Result;
use billow_kernel::store::WriteTx;
use chrono::Duration;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait, Statement, Value,
};

use super::Fetching;

/// How long a claim lasts unless it is renewed.
pub(super) const LEASE: Duration = Duration::seconds(90);
/// Providers looked at in one turn.
const MAX_PROVIDERS: i64 = 1_000;
/// Ids in one statement.
const IDS: usize = 1_000;
/// How much longer a process leaves its own expired leases alone: it may still be at them, and is about to renew them.
const OWN: Duration = Duration::minutes(2);
/// An account that is due at `$1` and nobody is at; `$2` is this process, `$3` an instant [`OWN`] ago.
const DUE: &str = "next_fetch_at <= $1 AND (lease_until IS NULL OR lease_until < $3 OR (lease_until < $1 AND lease_owner <> $2)) \
                   AND status IN ('PENDING', 'ACTIVE', 'NEEDS_ATTENTION')";

/// Accounts of active providers that are to be fetched.
pub struct FetchAccounts;

impl DueRows for FetchAccounts {
    type Table = utility_account::Entity;
    const NAME: &'static str = "fetch";
    const DUE_AT: utility_account::Column = utility_account::Column::NextFetchAt;

    fn open() -> Condition {
        // By provider, because that is how the index of what is due begins.
        let active = provider::Entity::find()
            .select_only()
            .column(provider::Column::Id)
            .filter(provider::Column::Status.eq(ProviderStatus::Active))
            .into_query();
        Condition::all().add(utility_account::Column::ProviderId.in_subquery(active))
    }
}

#[derive(FromQueryResult)]
struct DueProvider {
    id: ProviderId,
}

impl Fetching {
    /// Providers with due accounts that may be called now.
    pub(super) async fn due_providers(&self) -> Result<Vec<ProviderId>> {
        // A scalar subquery with a limit is never turned into a join over all accounts.
        let sql = format!(
            "SELECT p.id FROM providers p WHERE p.status = 'ACTIVE' AND p.connector_kind <> 'PUSH' \
             AND (p.circuit_state = 'CLOSED' OR p.circuit_probe_at <= $1) \
             AND (SELECT id FROM utility_accounts WHERE provider_id = p.id AND {DUE} ORDER BY next_fetch_at LIMIT 1) IS NOT NULL \
             ORDER BY p.id LIMIT $4"
        );
        let [now, me, own] = self.due_values();
        let statement = Statement::from_sql_and_values(self.store.backend(), sql, [now, me, own, MAX_PROVIDERS.into()]);
        let rows = if self.store.is_sqlite() {
            DueProvider::find_by_statement(statement).all(self.store.read()).await?
        } else {
            let tx = self.flat_tx().await?;
            let rows = DueProvider::find_by_statement(statement).all(&*tx).await?;
            tx.commit().await?;
            rows
        };
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Takes at most `limit` due accounts of a provider, under a lease of this process's with a new fence; none once this
    /// process has stopped fetching.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim_due(&self, provider: ProviderId, limit: u64) -> Result<Vec<utility_account::Model>> {
        let Some(_claiming) = self.state.claiming().await else { return Ok(Vec::new()) };
        let skip = if self.store.is_sqlite() { "" } else { " FOR NO KEY UPDATE SKIP LOCKED" };
        let sql = format!(
            "WITH due AS MATERIALIZED (SELECT id FROM utility_accounts WHERE provider_id = $4 AND {DUE} \
             ORDER BY next_fetch_at LIMIT $5{skip}) \
             UPDATE utility_accounts SET lease_owner = $2, lease_until = $6, fence = fence + 1, slot = COALESCE(slot, next_fetch_at) \
             WHERE id IN (SELECT id FROM due) RETURNING *"
        );
        let [now, me, own] = self.due_values();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = [now, me, own, provider.into(), limit.into(), (self.clock.now() + LEASE).into()];
        let statement = Statement::from_sql_and_values(self.store.backend(), sql, values);
        let claim = utility_account::Entity::find().from_raw_sql(statement);
        let claimed = if self.store.is_sqlite() {
            // A statement alone is a transaction that waits its turn.
            claim.all(self.store.writer()).await?
        } else {
            let tx = self.flat_tx().await?;
            let claimed = claim.all(&*tx).await?;
            tx.commit().await?;
            claimed
        };
        self.state.claimed(claimed.iter().map(|a| a.id));
        Ok(claimed)
    }

    /// A transaction on PostgreSQL whose plans walk the index whatever its statistics say: a plan that sorts, or reads
    /// everything that is due to find a few of it, would make the last of a million accounts cost as much as all of them.
    async fn flat_tx(&self) -> Result<WriteTx> {
        let tx = self.store.write_tx().await?;
        tx.execute_unprepared("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off; SET LOCAL jit = off").await?;
        Ok(tx)
    }

    fn due_values(&self) -> [Value; 3] {
        let now = self.clock.now();
        [now.into(), self.settings.worker.as_str().into(), (now - OWN).into()]
    }

    /// Puts claimed accounts back untouched; they stay due.
    pub(super) async fn release_claims(&self, accounts: &[UtilityAccountId]) -> Result<()> {
        use utility_account::Column as C;
        for ids in accounts.chunks(IDS) {
            utility_account::Entity::update_many()
                .col_expr(C::LeaseOwner, Expr::value(None::<String>))
                .col_expr(C::LeaseUntil, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
                .filter(C::Id.is_in(ids.iter().copied()))
                .filter(C::LeaseOwner.eq(self.settings.worker.as_str()))
                .exec(self.store.writer())
                .await?;
            self.state.settled(ids.iter().copied());
        }
        Ok(())
    }

    /// Claims no account any more.
    pub async fn close_fetching(&self) {
        self.state.close().await;
    }

    /// Renews what this process has claimed.
    pub(super) async fn renew_claims(&self) -> Result<()> {
        use utility_account::Column as C;
        for ids in self.state.holds().chunks(IDS) {
            utility_account::Entity::update_many()
                .col_expr(C::LeaseUntil, Expr::value(self.clock.now() + LEASE))
                .filter(C::Id.is_in(ids.iter().copied()))
                .filter(C::LeaseOwner.eq(self.settings.worker.as_str()))
                .exec(self.store.writer())
                .await?;
        }
        Ok(())
    }

    /// Ends fetching in this process for good: nothing more is claimed, and what is claimed is put back, so that others need
    /// not wait for its leases to run out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stop_fetching(&self) -> Result<()> {
        self.close_fetching().await;
        let held = self.state.holds();
        self.release_claims(&held).await
    }
}
