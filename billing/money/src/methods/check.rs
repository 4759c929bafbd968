//! Asking the bank again: methods whose setup is not over, and removed ones the gateway has not forgotten yet.

use async_trait::async_trait;
use billow_entities::{MethodStatus, payment_method};
use billow_kernel::due::{ClaimColumns, Claimable, DueRows, DueWork, outcome};
use billow_kernel::error::Result;
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::Expr;

use super::Methods;
use super::state::{MethodFailure, next_check};
use crate::gateway::GatewayResult;

/// Methods about which their gateway is to be asked.
pub struct CheckMethods<'a>(&'a Methods);

impl DueRows for CheckMethods<'_> {
    type Table = payment_method::Entity;
    const NAME: &'static str = "check_methods";
    const DUE_AT: payment_method::Column = payment_method::Column::CheckAt;
}

impl Claimable for CheckMethods<'_> {
    // Several of the longest time-outs.
    const LEASE: Duration = Duration::minutes(5);
    const CLAIM: ClaimColumns<payment_method::Column> = ClaimColumns {
        id: payment_method::Column::Id,
        lease_until: payment_method::Column::LeaseUntil,
        fence: payment_method::Column::Fence,
        tries: Some(payment_method::Column::Checks),
    };
}

#[async_trait]
impl DueWork for CheckMethods<'_> {
    const BATCH: u64 = 50;
    const AT_ONCE: usize = 8;

    fn id_of(row: &payment_method::Model) -> String {
        row.id.to_string()
    }

    async fn run(&self, row: payment_method::Model) -> Result<()> {
        self.0.check_method(&row).await
    }
}

impl Methods {
    /// Asks the gateways about methods that are due; answers how many. Any number of processes may do so at once.
    ///
    /// # Errors
    /// When the database does not answer; what was claimed is due again when its lease has expired.
    #[tracing::instrument(name = "methods.check_due", skip_all)]
    pub async fn check_methods_due(&self) -> Result<u64> {
        self.due.work(&CheckMethods(self)).await
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
        outcome::<CheckMethods>(method).col_expr(payment_method::Column::CheckAt, Expr::value(at)).exec(self.store.writer()).await?;
        Ok(())
    }
}
