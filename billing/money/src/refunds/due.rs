//! Sending refunds that are due, and asking about those whose answer never came.

use std::time::Duration as StdDuration;

use billow_entities::{RefundStatus, RefundTarget, payment_attempt, refund};
use billow_kernel::error::{Error, Result};
use chrono::{DateTime, Duration, Utc};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait as _, QueryFilter, QueryOrder, QuerySelect};

use super::Refunds;
use super::steps::Heard;
use crate::gateway::{GatewayAccess, GatewayFault, GatewayRefund, GatewayRefundState, NewGatewayRefund};

/// Refunds taken at once.
const CLAIM: u64 = 20;
/// Claims in one turn.
const TURNS: usize = 20;
/// Calls under way at once.
const AT_ONCE: usize = 4;
/// How long a claim lasts; longer than a call may take.
const LEASE: Duration = Duration::minutes(5);
/// How long a call may take, whatever the adapter does.
const CALL: StdDuration = StdDuration::from_secs(180);
/// A key older than this is never sent again: gateways forget them after a day.
const KEY_LIFE: Duration = Duration::hours(23);

/// A claimed refund, as it stood before.
struct ClaimedRefund {
    row: refund::Model,
    sent_before: Option<DateTime<Utc>>,
    /// How long the claim holds.
    until: DateTime<Utc>,
}

impl ClaimedRefund {
    /// The number of this claim.
    const fn fence(&self) -> i64 {
        self.row.fence + 1
    }
}

impl Refunds {
    /// Sends due refunds and asks about unknown ones; how many were looked at.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refunds_due(&self) -> Result<u64> {
        let mut count = 0;
        // While the database cannot store data, nothing is sent: they stay due.
        if self.store.ensure_durable().await.is_err() {
            return Ok(count);
        }
        for _ in 0..TURNS {
            if self.stopping.is_stopping() {
                break;
            }
            let errands = self.claim_refunds().await?;
            if errands.is_empty() {
                break;
            }
            count += errands.len() as u64;
            let turns = &self.stopping.turns(AT_ONCE);
            let run = |errand: ClaimedRefund| async move {
                let Some(_turn) = turns.next().await else { return self.put_back_refund(&errand).await };
                self.run_refund(errand).await
            };
            let done: Vec<Result<()>> = errands.into_iter().map(run).collect::<FuturesUnordered<_>>().collect().await;
            for outcome in done {
                if let Err(error) = outcome {
                    // Its lease runs out, and it is looked at again.
                    tracing::error!(%error, "processing a refund failed; retried when its lease expires");
                }
            }
        }
        Ok(count)
    }

    async fn claim_refunds(&self) -> Result<Vec<ClaimedRefund>> {
        use refund::Column as C;
        let now = self.clock.now();
        let due = refund::Entity::find()
            .filter(C::DueAt.lte(now))
            .filter(C::Status.is_in([RefundStatus::Pending, RefundStatus::Unknown]))
            .filter(C::Target.eq(RefundTarget::Gateway))
            .filter(Condition::any().add(C::LeaseUntil.is_null()).add(C::LeaseUntil.lt(now)))
            .order_by_asc(C::DueAt)
            .limit(CLAIM);
        if due.clone().one(self.store.primary()).await?.is_none() {
            return Ok(Vec::new());
        }
        let tx = self.store.write_tx().await?;
        let rows = due.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked).all(&*tx).await?;
        // Marked as sent before anybody is called: whatever happens to this process, it is known that it may have been.
        refund::Entity::update_many()
            .col_expr(C::LeaseUntil, Expr::value(now + LEASE))
            .col_expr(C::Fence, Expr::col(C::Fence).add(1))
            .col_expr(C::Tries, Expr::col(C::Tries).add(1))
            .col_expr(C::SentAt, Expr::col(C::SentAt).if_null(now))
            .filter(C::Id.is_in(rows.iter().map(|r| r.id)))
            .exec(&*tx)
            .await?;
        tx.commit().await?;
        let taken = refund::Entity::find().filter(C::Id.is_in(rows.iter().map(|r| r.id))).filter(C::LeaseUntil.eq(now + LEASE));
        self.store.confirm("a claim on refunds", taken.count(self.store.read()), rows.len()).await?;
        Ok(rows.into_iter().map(|row| ClaimedRefund { sent_before: row.sent_at, row, until: now + LEASE }).collect())
    }

    /// Gives back a claimed refund that was not started, as it was before.
    async fn put_back_refund(&self, errand: &ClaimedRefund) -> Result<()> {
        use refund::Column as C;
        refund::Entity::update_many()
            .col_expr(C::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
            .col_expr(C::Tries, Expr::value(errand.row.tries))
            .col_expr(C::SentAt, Expr::value(errand.sent_before))
            .filter(C::Id.eq(errand.row.id))
            .filter(C::Fence.eq(errand.fence()))
            .exec(self.store.writer())
            .await?;
        Ok(())
    }

    async fn run_refund(&self, errand: ClaimedRefund) -> Result<()> {
        let row = &errand.row;
        let charge = match row.attempt_id {
            Some(id) => payment_attempt::Entity::find_by_id(id).one(self.store.primary()).await?,
            None => None,
        };
        let charge = charge.ok_or(Error::NotFound("attempt"))?;
        let access = self.gateways.gateway_access(charge.gateway_id).await?;
        if !self.holds_refund(&errand).await? {
            tracing::warn!(refund.id = %row.id, "the claim on a refund was over before the gateway was called");
            // Discarded if another process has taken over the refund.
            self.hear_refund(row.id, &Err(outslept()), Heard::Asked { fence: errand.fence() }).await?;
            return Ok(());
        }
        let report = match &charge.external_id {
            None => Err(GatewayFault::Refused { code: None, message: "the gateway's id of the charge is not known".into() }),
            Some(charge) => {
                let call = self.call_about_refund(&access, charge, &errand);
                let late = || GatewayFault::Unknown { message: format!("no answer within {} s", CALL.as_secs()) };
                tokio::time::timeout(CALL, call).await.unwrap_or_else(|_| Err(late()))
            }
        };
        match &report {
            Ok(_) => self.gateways.record_gateway_ok(access.id).await?,
            Err(fault) => self.gateways.record_gateway_fault(access.id, fault).await?,
        }
        self.hear_refund(row.id, &report, Heard::Asked { fence: errand.fence() }).await?;
        Ok(())
    }

    /// Whether the refund is still this process's to send.
    async fn holds_refund(&self, errand: &ClaimedRefund) -> Result<bool> {
        let row = refund::Entity::find_by_id(errand.row.id).filter(refund::Column::Fence.eq(errand.fence()));
        self.leases.still_claimed(row, errand.until).await
    }

    async fn call_about_refund(&self, at: &GatewayAccess, charge: &str, errand: &ClaimedRefund) -> Result<GatewayRefund, GatewayFault> {
        let row = &errand.row;
        if let Some(known) = &row.external_id {
            return self.gateway.refund_state(at, known).await;
        }
        let reference = row.id.to_string();
        if errand.sent_before.is_some() || row.rounds > 0 {
            let all = self.gateway.refunds_of(at, charge).await?;
            let failed = |r: &GatewayRefund| matches!(r.state, GatewayRefundState::Failed { .. });
            let ours = all.into_iter().filter(|r| r.reference.as_deref() == Some(reference.as_str()));
            // An earlier round's failure is not this one's.
            let (failed, alive): (Vec<_>, Vec<_>) = ours.partition(failed);
            if let Some(found) = alive.into_iter().next().or_else(|| failed.into_iter().next().filter(|_| row.rounds == 0)) {
                return Ok(found);
            }
            if errand.sent_before.is_some_and(|at| self.clock.now() - at > KEY_LIFE) {
                let message = "the gateway does not know of it, and its key is too old to be sent again".into();
                return Err(GatewayFault::Refused { code: None, message });
            }
            // The question took its time.
            if !self.holds_refund(errand).await.unwrap_or(false) {
                return Err(outslept());
            }
        }
        let key = if row.rounds == 0 { reference.clone() } else { format!("{reference}-{}", row.rounds) };
        let new = NewGatewayRefund { charge_id: charge.to_owned(), reference, amount_minor: row.amount_minor };
        self.gateway.refund(at, &key, &new).await
    }
}

/// The lease expired before the call.
fn outslept() -> GatewayFault {
    GatewayFault::NotSent { message: "the claim was over before it was sent".into(), retry_after_ms: None }
}
