//! Claiming due remittances, a few of each provider at a time: a provider that hangs holds up nobody else.

use billow_entities::{ProviderId, ProviderStatus, RemittanceStatus, provider, remittance};
use billow_kernel::error::Result;
use chrono::Duration;
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait as _, QueryFilter, QueryOrder, QuerySelect};

use super::Remittances;

/// How long a claim lasts; longer than a call may take.
pub(super) const LEASE: Duration = Duration::minutes(10);
/// Providers looked at in one turn.
const MAX_PROVIDERS: u64 = 1_000;

/// A claimed remittance.
pub(super) struct ClaimedRemittance {
    /// As it is stored now, with this claim counted in.
    pub(super) row: remittance::Model,
    /// Whether it is sent now, for the first time or after it certainly was not; otherwise its provider is asked.
    pub(super) send: bool,
}

/// What is due: nothing is sent to a provider that is paused, but what was sent is asked about.
fn due_at(now: chrono::DateTime<chrono::Utc>) -> Condition {
    use remittance::Column as C;
    Condition::all()
        .add(C::DueAt.lte(now))
        .add(C::Status.is_in([RemittanceStatus::Queued, RemittanceStatus::Sent, RemittanceStatus::Unknown]))
        .add(Condition::any().add(C::LeaseUntil.is_null()).add(C::LeaseUntil.lt(now)))
}

impl Remittances {
    /// Providers with due remittances, and whether they may be paid now.
    pub(super) async fn remittance_providers(&self) -> Result<Vec<(ProviderId, bool)>> {
        let db = self.store.primary();
        let ids: Vec<ProviderId> = remittance::Entity::find()
            .select_only()
            .column(remittance::Column::ProviderId)
            .distinct()
            .filter(due_at(self.clock.now()))
            .limit(MAX_PROVIDERS)
            .into_tuple()
            .all(db)
            .await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(ProviderId, ProviderStatus)> = provider::Entity::find()
            .select_only()
            .columns([provider::Column::Id, provider::Column::Status])
            .filter(provider::Column::Id.is_in(ids))
            .into_tuple()
            .all(db)
            .await?;
        Ok(rows.into_iter().map(|(id, status)| (id, status == ProviderStatus::Active)).collect())
    }

    /// Takes up to `count` due remittances of a provider. Those to be sent are marked as sent before anybody is called:
    /// whatever happens to this process, it is known that they may have been.
    pub(super) async fn claim_remittances(&self, provider: ProviderId, may_pay: bool, count: u64) -> Result<Vec<ClaimedRemittance>> {
        use remittance::Column as C;
        let now = self.clock.now();
        let mut due = remittance::Entity::find().filter(C::ProviderId.eq(provider)).filter(due_at(now));
        if !may_pay {
            due = due.filter(C::Status.ne(RemittanceStatus::Queued));
        }
        let tx = self.store.write_tx().await?;
        let rows =
            due.order_by_asc(C::DueAt).limit(count).lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked).all(&*tx).await?;
        let queued: Vec<_> = rows.iter().filter(|r| r.status == RemittanceStatus::Queued).map(|r| r.id).collect();
        remittance::Entity::update_many()
            .col_expr(C::LeaseUntil, Expr::value(now + LEASE))
            .col_expr(C::Fence, Expr::col(C::Fence).add(1))
            .col_expr(C::Tries, Expr::col(C::Tries).add(1))
            .filter(C::Id.is_in(rows.iter().map(|r| r.id)))
            .exec(&*tx)
            .await?;
        if !queued.is_empty() {
            remittance::Entity::update_many()
                .col_expr(C::Status, Expr::value(RemittanceStatus::Sent))
                .col_expr(C::SentAt, Expr::value(now))
                .filter(C::Id.is_in(queued))
                .exec(&*tx)
                .await?;
        }
        tx.commit().await?;
        let taken = remittance::Entity::find().filter(C::Id.is_in(rows.iter().map(|r| r.id))).filter(C::LeaseUntil.eq(now + LEASE));
        self.store.confirm("a claim on remittances", taken.count(self.store.read()), rows.len()).await?;
        let errand = |mut row: remittance::Model| {
            let send = row.status == RemittanceStatus::Queued;
            row.fence += 1;
            row.tries += 1;
            row.lease_until = Some(now + LEASE);
            if send {
                row.status = RemittanceStatus::Sent;
                row.sent_at = Some(now);
            }
            ClaimedRemittance { row, send }
        };
        Ok(rows.into_iter().map(errand).collect())
    }

    /// Gives back a claimed remittance that was not started, as it was before.
    pub(super) async fn put_back_remittance(&self, errand: &ClaimedRemittance) -> Result<()> {
        use remittance::Column as C;
        let mut back = remittance::Entity::update_many()
            .col_expr(C::LeaseUntil, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
            .col_expr(C::Tries, Expr::col(C::Tries).sub(1))
            .filter(C::Id.eq(errand.row.id))
            .filter(C::Fence.eq(errand.row.fence));
        if errand.send {
            back = back
                .col_expr(C::Status, Expr::value(RemittanceStatus::Queued))
                .col_expr(C::SentAt, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
                .filter(C::Status.eq(RemittanceStatus::Sent));
        }
        back.exec(self.store.writer()).await?;
        Ok(())
    }
}
