//! Claiming due remittances, a few of each provider at a time: a provider that hangs holds up nobody else.

use std::collections::HashSet;

use billow_entities::{ProviderId, ProviderStatus, RemittanceStatus, provider, remittance};
use billow_kernel::due::{ClaimColumns, Claimable, DueRows, give_back};
use billow_kernel::error::Result;
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};

use super::Remittances;

/// Providers looked at in one turn.
const MAX_PROVIDERS: u64 = 1_000;

/// A claimed remittance.
pub(super) struct ClaimedRemittance {
    /// As it is stored now, with this claim counted in.
    pub(super) row: remittance::Model,
    /// Whether it is sent now, for the first time or after it certainly was not; otherwise its provider is asked.
    pub(super) send: bool,
}

/// Remittances that are to be sent or asked about. Nothing is sent to a provider that is paused, but what was sent is asked
/// about.
pub struct Remit;

impl DueRows for Remit {
    type Table = remittance::Entity;
    const NAME: &'static str = "remit";
    const DUE_AT: remittance::Column = remittance::Column::DueAt;

    fn open() -> Condition {
        let open = [RemittanceStatus::Queued, RemittanceStatus::Sent, RemittanceStatus::Unknown];
        Condition::all().add(remittance::Column::Status.is_in(open))
    }
}

impl Claimable for Remit {
    // Longer than a call may take.
    const LEASE: Duration = Duration::minutes(10);
    const CLAIM: ClaimColumns<remittance::Column> = ClaimColumns {
        id: remittance::Column::Id,
        lease_until: remittance::Column::LeaseUntil,
        fence: remittance::Column::Fence,
        tries: Some(remittance::Column::Tries),
    };
}

impl Remittances {
    /// Providers with due remittances, and whether they may be paid now.
    pub(super) async fn remittance_providers(&self) -> Result<Vec<(ProviderId, bool)>> {
        let db = self.store.primary();
        let ids: Vec<ProviderId> = remittance::Entity::find()
            .select_only()
            .column(remittance::Column::ProviderId)
            .distinct()
            .filter(Remit::open())
            .filter(remittance::Column::DueAt.lte(self.clock.now()))
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
        let mut those = Condition::all().add(C::ProviderId.eq(provider));
        if !may_pay {
            those = those.add(C::Status.ne(RemittanceStatus::Queued));
        }
        let Some(claim) = self.due.open_those::<Remit>(those, count).await? else { return Ok(Vec::new()) };
        let queued: HashSet<_> = claim.rows.iter().filter(|row| row.status == RemittanceStatus::Queued).map(|row| row.id).collect();
        if !queued.is_empty() {
            remittance::Entity::update_many()
                .col_expr(C::Status, Expr::value(RemittanceStatus::Sent))
                .col_expr(C::SentAt, Expr::value(now))
                .filter(C::Id.is_in(queued.iter().copied()))
                .exec(&*claim.tx)
                .await?;
        }
        let claimed = |mut row: remittance::Model| {
            let send = queued.contains(&row.id);
            if send {
                row.status = RemittanceStatus::Sent;
                row.sent_at = Some(now);
            }
            ClaimedRemittance { row, send }
        };
        Ok(claim.take().await?.into_iter().map(claimed).collect())
    }

    /// Gives back a claimed remittance that was not started, as it was before.
    pub(super) async fn put_back_remittance(&self, claimed: &ClaimedRemittance) -> Result<()> {
        use remittance::Column as C;
        let mut back = give_back::<Remit>(&claimed.row);
        if claimed.send {
            back = back
                .col_expr(C::Status, Expr::value(RemittanceStatus::Queued))
                .col_expr(C::SentAt, Expr::value(None::<DateTime<Utc>>))
                .filter(C::Status.eq(RemittanceStatus::Sent));
        }
        back.exec(self.store.writer()).await?;
        Ok(())
    }
}
