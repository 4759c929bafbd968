//! Sending refunds that are due, and asking about those whose answer never came.

use std::time::Duration as StdDuration;

use async_trait::async_trait;
use billow_entities::{RefundStatus, RefundTarget, payment_attempt, refund};
use billow_kernel::due::{ClaimColumns, Claimable, DueRows, DueWork, OpenClaim, give_back};
use billow_kernel::error::{Error, Result};
use chrono::Duration;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, UpdateMany};

use super::Refunds;
use super::steps::Heard;
use crate::gateway::{GatewayAccess, GatewayFault, GatewayRefund, GatewayRefundState, NewGatewayRefund};

/// How long a call may take, whatever the adapter does.
const CALL: StdDuration = StdDuration::from_secs(180);
/// A key older than this is never sent again: gateways forget them after a day.
const KEY_LIFE: Duration = Duration::hours(23);

/// Refunds that are to be sent or asked about. Of a claimed one, `sent_at` is what it was before.
pub struct SendRefunds<'a>(&'a Refunds);

impl DueRows for SendRefunds<'_> {
    type Table = refund::Entity;
    const NAME: &'static str = "refund";
    const DUE_AT: refund::Column = refund::Column::DueAt;

    fn open() -> Condition {
        Condition::all()
            .add(refund::Column::Status.is_in([RefundStatus::Pending, RefundStatus::Unknown]))
            .add(refund::Column::Target.eq(RefundTarget::Gateway))
    }
}

impl Claimable for SendRefunds<'_> {
    // Longer than a call may take.
    const LEASE: Duration = Duration::minutes(5);
    const CLAIM: ClaimColumns<refund::Column> = ClaimColumns {
        id: refund::Column::Id,
        lease_until: refund::Column::LeaseUntil,
        fence: refund::Column::Fence,
        tries: Some(refund::Column::Tries),
    };
}

#[async_trait]
impl DueWork for SendRefunds<'_> {
    const BATCH: u64 = 20;
    const AT_ONCE: usize = 4;

    fn id_of(row: &refund::Model) -> String {
        row.id.to_string()
    }

    /// Marked as sent before anybody is called: whatever happens to this process, it is known that it may have been.
    async fn claiming(&self, claim: &mut OpenClaim<Self>) -> Result<()> {
        refund::Entity::update_many()
            .col_expr(refund::Column::SentAt, Expr::col(refund::Column::SentAt).if_null(self.0.clock.now()))
            .filter(refund::Column::Id.is_in(claim.rows.iter().map(|row| row.id)))
            .exec(&*claim.tx)
            .await?;
        Ok(())
    }

    async fn run(&self, row: refund::Model) -> Result<()> {
        self.0.run_refund(row).await
    }

    fn put_back(&self, row: &refund::Model) -> UpdateMany<refund::Entity> {
        give_back::<Self>(row).col_expr(refund::Column::SentAt, Expr::value(row.sent_at))
    }
}

impl Refunds {
    /// Sends due refunds and asks about unknown ones; how many were looked at.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refunds_due(&self) -> Result<u64> {
        self.due.work(&SendRefunds(self)).await
    }

    async fn run_refund(&self, row: refund::Model) -> Result<()> {
        let charge = match row.attempt_id {
            Some(id) => payment_attempt::Entity::find_by_id(id).one(self.store.primary()).await?,
            None => None,
        };
        let charge = charge.ok_or(Error::NotFound("attempt"))?;
        let access = self.gateways.gateway_access(charge.gateway_id).await?;
        if !self.due.holds::<SendRefunds>(&row).await? {
            tracing::warn!(refund.id = %row.id, "the claim on a refund was over before the gateway was called");
            // Discarded if another process has taken over the refund.
            self.hear_refund(row.id, &Err(claim_expired()), Heard::Asked { fence: row.fence }).await?;
            return Ok(());
        }
        let report = match &charge.external_id {
            None => Err(GatewayFault::Refused { code: None, message: "the gateway's id of the charge is not known".into() }),
            Some(charge) => {
                let call = self.call_about_refund(&access, charge, &row);
                let late = || GatewayFault::Unknown { message: format!("no answer within {} s", CALL.as_secs()) };
                tokio::time::timeout(CALL, call).await.unwrap_or_else(|_| Err(late()))
            }
        };
        match &report {
            Ok(_) => self.gateways.record_gateway_ok(access.id).await?,
            Err(fault) => self.gateways.record_gateway_fault(access.id, fault).await?,
        }
        self.hear_refund(row.id, &report, Heard::Asked { fence: row.fence }).await?;
        Ok(())
    }

    async fn call_about_refund(&self, at: &GatewayAccess, charge: &str, row: &refund::Model) -> Result<GatewayRefund, GatewayFault> {
        if let Some(known) = &row.external_id {
            return self.gateway.refund_state(at, known).await;
        }
        let reference = row.id.to_string();
        if row.sent_at.is_some() || row.rounds > 0 {
            let all = self.gateway.refunds_of(at, charge).await?;
            let failed = |r: &GatewayRefund| matches!(r.state, GatewayRefundState::Failed { .. });
            let ours = all.into_iter().filter(|r| r.reference.as_deref() == Some(reference.as_str()));
            // An earlier round's failure is not this one's.
            let (failed, alive): (Vec<_>, Vec<_>) = ours.partition(failed);
            if let Some(found) = alive.into_iter().next().or_else(|| failed.into_iter().next().filter(|_| row.rounds == 0)) {
                return Ok(found);
            }
            if row.sent_at.is_some_and(|at| self.clock.now() - at > KEY_LIFE) {
                let message = "the gateway does not know of it, and its key is too old to be sent again".into();
                return Err(GatewayFault::Refused { code: None, message });
            }
            // The question took its time.
            if !self.due.holds::<SendRefunds>(row).await.unwrap_or(false) {
                return Err(claim_expired());
            }
        }
        let key = if row.rounds == 0 { reference.clone() } else { format!("{reference}-{}", row.rounds) };
        let new = NewGatewayRefund { charge_id: charge.to_owned(), reference, amount_minor: row.amount_minor };
        self.gateway.refund(at, &key, &new).await
    }
}

/// The claim expired before the call.
fn claim_expired() -> GatewayFault {
    GatewayFault::NotSent { message: "the claim was over before it was sent".into(), retry_after_ms: None }
}
