//! What our tables and ledger say of a day's attempts at a gateway.

use std::collections::HashMap;

use billow_entities::{
    AttemptId, GatewayId, LedgerAccountKind, RefundStatus, RefundTarget, ledger_account, ledger_entry, ledger_posting, payment_attempt,
    refund,
};
use billow_kernel::error::Result;
use chrono::{DateTime, Duration, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Reconciling;
use super::compare::Ours;
use crate::gateway::Charge;

/// Attempts looked at together.
const CHUNK: usize = 500;
/// Our clock and the gateway's may differ by so much, and a charge is made after its attempt was written down.
const SLACK: Duration = Duration::hours(1);

impl Reconciling {
    /// The attempts of the day at a gateway, and those that the gateway's charges name whenever they were made.
    pub(super) async fn our_side(
        &self,
        gateway: GatewayId,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        theirs: &[Charge],
    ) -> Result<Vec<Ours>> {
        use payment_attempt::Column as C;
        let db = self.store.primary();
        let mut rows: HashMap<AttemptId, payment_attempt::Model> = HashMap::new();
        let mut after: Option<AttemptId> = None;
        loop {
            let mut query = payment_attempt::Entity::find()
                .filter(C::GatewayId.eq(gateway))
                .filter(C::CreatedAt.gte(from - SLACK))
                .filter(C::CreatedAt.lt(to + SLACK))
                .order_by_asc(C::Id)
                .limit(CHUNK as u64);
            if let Some(after) = after {
                query = query.filter(C::Id.gt(after));
            }
            let found = query.all(db).await?;
            let Some(last) = found.last() else { break };
            after = Some(last.id);
            rows.extend(found.into_iter().map(|row| (row.id, row)));
        }
        for charges in theirs.chunks(CHUNK) {
            let named: Vec<AttemptId> = charges.iter().filter_map(|c| c.attempt.as_deref()?.parse().ok()).collect();
            let external: Vec<&str> = charges.iter().map(|c| c.id.as_str()).collect();
            let found = payment_attempt::Entity::find()
                .filter(C::GatewayId.eq(gateway))
                .filter(Condition::any().add(C::Id.is_in(named)).add(C::ExternalId.is_in(external)))
                .all(db)
                .await?;
            rows.extend(found.into_iter().map(|row| (row.id, row)));
        }
        let attempts: Vec<payment_attempt::Model> = rows.into_values().collect();
        let mut out = Vec::with_capacity(attempts.len());
        for chunk in attempts.chunks(CHUNK) {
            let booked = self.booked(gateway, chunk).await?;
            let refunds = self.refunded(chunk).await?;
            out.extend(chunk.iter().map(|row| {
                let (refunded_minor, refunding_minor) = refunds.get(&row.id).copied().unwrap_or_default();
                // A charge is made when it is sent; at the edge of a day the gateway's list of the next may have it.
                let made = row.sent_at.unwrap_or(row.created_at);
                Ours {
                    attempt: row.id,
                    payment: row.payment_id,
                    external_id: row.external_id.clone(),
                    currency: row.currency.clone(),
                    amount_minor: row.amount_minor,
                    booked_minor: booked.get(&row.id).copied(),
                    refunded_minor,
                    refunding_minor,
                    of_the_day: made >= from && made < to - Duration::minutes(1),
                }
            }));
        }
        out.sort_by_key(|o| o.attempt);
        Ok(out)
    }

    /// What the ledger says each attempt's charge brought, fees included.
    async fn booked(&self, gateway: GatewayId, attempts: &[payment_attempt::Model]) -> Result<HashMap<AttemptId, i64>> {
        let db = self.store.primary();
        let keys: HashMap<String, AttemptId> = attempts.iter().map(|a| (format!("settle:{}", a.id), a.id)).collect();
        let entries = ledger_entry::Entity::find().filter(ledger_entry::Column::Key.is_in(keys.keys().cloned())).all(db).await?;
        if entries.is_empty() {
            return Ok(HashMap::new());
        }
        let accounts: Vec<_> = ledger_account::Entity::find()
            .filter(ledger_account::Column::Owner.eq(gateway.0))
            .filter(ledger_account::Column::Kind.is_in([LedgerAccountKind::GatewayClearing, LedgerAccountKind::GatewayFees]))
            .all(db)
            .await?
            .into_iter()
            .map(|a| a.id)
            .collect();
        let postings = ledger_posting::Entity::find()
            .filter(ledger_posting::Column::EntryId.is_in(entries.iter().map(|e| e.id)))
            .filter(ledger_posting::Column::AccountId.is_in(accounts))
            .all(db)
            .await?;
        let mut out: HashMap<AttemptId, i64> = HashMap::new();
        for entry in &entries {
            let Some(attempt) = keys.get(&entry.key) else { continue };
            *out.entry(*attempt).or_default() += postings.iter().filter(|p| p.entry_id == entry.id).map(|p| p.amount_minor).sum::<i64>();
        }
        Ok(out)
    }

    /// What of each attempt's charge went back, and what is on its way.
    async fn refunded(&self, attempts: &[payment_attempt::Model]) -> Result<HashMap<AttemptId, (i64, i64)>> {
        let rows = refund::Entity::find()
            .filter(refund::Column::AttemptId.is_in(attempts.iter().map(|a| a.id)))
            .filter(refund::Column::Target.eq(RefundTarget::Gateway))
            .all(self.store.primary())
            .await?;
        let mut out: HashMap<AttemptId, (i64, i64)> = HashMap::new();
        for row in rows {
            let Some(attempt) = row.attempt_id else { continue };
            let sums = out.entry(attempt).or_default();
            match row.status {
                RefundStatus::Succeeded => sums.0 += row.amount_minor,
                RefundStatus::Pending | RefundStatus::Unknown => sums.1 += row.amount_minor,
                RefundStatus::Failed => {}
            }
        }
        Ok(out)
    }
}
