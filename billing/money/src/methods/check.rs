//! Asking the bank again: methods whose setup is not over, and removed ones the gateway has not forgotten yet.

use billow_entities::{MethodStatus, payment_method};
use billow_kernel::error::Result;
use chrono::{DateTime, Duration, Utc};
use futures::StreamExt as _;
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Methods;
use super::state::{MethodFailure, next_check};
use crate::gateway::GatewayResult;

/// Methods claimed at once.
const BATCH: u64 = 50;
/// Claims of one call; the next wake-up goes on.
const MAX_BATCHES: usize = 20;
/// Questions at once.
const AT_ONCE: usize = 8;
/// How long a claim lasts: several of the longest time-outs.
const LEASE: Duration = Duration::minutes(5);

impl Methods {
    /// Asks the gateways about methods that are due; answers how many. Any number of processes may do so at once.
    ///
    /// # Errors
    /// When the database does not answer; what was claimed is due again when its lease has run out.
    #[tracing::instrument(name = "methods.check_due", skip_all)]
    pub async fn check_methods_due(&self) -> Result<usize> {
        let mut asked = 0;
        for _ in 0..MAX_BATCHES {
            if self.stopping.is_stopping() {
                break;
            }
            let claimed = self.claim_methods().await?;
            let count = claimed.len();
            asked += count;
            let turns = &self.stopping.turns(AT_ONCE);
            futures::stream::iter(claimed)
                .for_each_concurrent(None, |method| async move {
                    let checked = match turns.next().await {
                        Some(_turn) => self.check_method(&method).await,
                        // Not started: it stays due.
                        None => self.check_again(&method, Some(self.clock.now())).await,
                    };
                    if let Err(error) = checked {
                        tracing::error!(%error, method.id = %method.id, "checking a payment method failed; retried when its lease expires");
                    }
                })
                .await;
            if (count as u64) < BATCH {
                break;
            }
        }
        Ok(asked)
    }

    async fn claim_methods(&self) -> Result<Vec<payment_method::Model>> {
        use payment_method::Column as C;
        let now = self.clock.now();
        let due = payment_method::Entity::find()
            .filter(C::CheckAt.lte(now))
            .filter(Condition::any().add(C::LeaseUntil.is_null()).add(C::LeaseUntil.lt(now)))
            .order_by_asc(C::CheckAt)
            .limit(BATCH);
        if due.clone().one(self.store.primary()).await?.is_none() {
            return Ok(Vec::new());
        }
        let tx = self.store.write_tx().await?;
        let mut rows = due.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked).all(&*tx).await?;
        payment_method::Entity::update_many()
            .col_expr(C::LeaseUntil, Expr::value(now + LEASE))
            .col_expr(C::Fence, Expr::col(C::Fence).add(1))
            .col_expr(C::Checks, Expr::col(C::Checks).add(1))
            .filter(C::Id.is_in(rows.iter().map(|row| row.id)))
            .exec(&*tx)
            .await?;
        tx.commit().await?;
        for row in &mut rows {
            row.fence += 1;
            row.checks += 1;
        }
        Ok(rows)
    }

    async fn check_method(&self, method: &payment_method::Model) -> Result<()> {
        match (method.status, method.setup_id.as_deref(), method.external_id.as_deref()) {
            (MethodStatus::Removed, _, Some(known_as)) => self.forget_method(method, known_as).await,
            (MethodStatus::Checking | MethodStatus::RequiresAction | MethodStatus::Removed, Some(setup), _) => {
                match self.ask_setup(method, setup).await? {
                    Ok(told) => {
                        let after = self.settle_setup(method.id, &told).await?;
                        if let Some(known_as) = after.external_id.as_deref().filter(|_| after.removed_at.is_some()) {
                            return self.forget_method(method, known_as).await;
                        }
                        if after.removed_at.is_some() { self.ask_later(method).await } else { Ok(()) }
                    }
                    Err(_) => self.ask_later(method).await,
                }
            }
            // Its process died between writing it down and hearing of it; a token is not kept to try again with.
            (MethodStatus::Checking | MethodStatus::RequiresAction, None, _) => {
                self.give_up_setup(method.id, MethodFailure::Interrupted).await
            }
            (MethodStatus::Removed, None, None) | (MethodStatus::Ready | MethodStatus::Failed, ..) => self.check_again(method, None).await,
        }
    }

    /// Has the gateway forget a removed method.
    pub(super) async fn forget_method(&self, method: &payment_method::Model, known_as: &str) -> Result<()> {
        let access = self.gateways.gateway_access(method.gateway_id).await?;
        let forgotten: GatewayResult<()> = self.gateway.forget_method(&access, known_as).await;
        match self.gateways.record_gateway_result(access.id, forgotten).await? {
            Ok(()) => self.check_again(method, None).await,
            Err(fault) => {
                tracing::warn!(method.id = %method.id, gateway.id = %access.id, %fault, "a removed payment method was not forgotten yet");
                self.ask_later(method).await
            }
        }
    }

    /// Nothing came of a question: it is asked again later, and after days no more.
    async fn ask_later(&self, method: &payment_method::Model) -> Result<()> {
        let next = next_check(method.removed_at.unwrap_or(method.created_at), method.checks, self.clock.now());
        match (next, method.status) {
            (None, MethodStatus::Checking | MethodStatus::RequiresAction) => self.give_up_setup(method.id, MethodFailure::TooLate).await,
            _ => self.check_again(method, next).await,
        }
    }

    /// Ends a claim, where it still stands.
    async fn check_again(&self, method: &payment_method::Model, at: Option<DateTime<Utc>>) -> Result<()> {
        use payment_method::Column as C;
        let row = payment_method::ActiveModel { check_at: Set(at), lease_until: Set(None), ..Default::default() };
        let claim = payment_method::Entity::update_many().set(row).filter(C::Id.eq(method.id)).filter(C::Fence.eq(method.fence));
        claim.exec(self.store.writer()).await?;
        Ok(())
    }
}
