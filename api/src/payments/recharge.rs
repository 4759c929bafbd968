//! What is bought for prepaid accounts.

use async_graphql::{Context, Enum, Object};
use billow_billing::payments::RechargeQuote as Quoted;
use billow_entities::recharge;

use crate::context::ContextExt as _;
use crate::payments::payment::Payment;
use crate::providers::provider::RechargePlan;
use crate::refusal::Result;
use crate::remittances::remittance::Remittance;
use crate::rules;
use crate::types::enums::same_as;

same_as! {
    /// Why nothing can be bought for a prepaid account.
    NotRechargeable = "billow_billing::payments::NotRechargeable" {
        /// Its provider sends bills.
        NotPrepaid,
        /// Its provider takes nothing at the moment.
        ProviderPaused,
        /// Its provider has not confirmed it yet.
        NotConfirmed,
        /// Its owner has something to mend.
        NeedsAttention,
        /// It is not looked after, at somebody's wish.
        Paused,
        /// It is gone.
        Closed,
        /// A recharge is under way.
        UnderWay,
        /// Its provider sells nothing.
        NothingSold,
    }
}

/// The plan that was bought, as it was then.
pub(crate) struct Recharge(pub recharge::Model);

/// The plan that was bought, as it was then.
#[Object]
impl Recharge {
    /// The provider's code for it.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How many days it lasts.
    async fn validity_days(&self) -> i32 {
        self.0.validity_days
    }

    /// Our paying the provider for it, with the code where there is one; null until the money reached us. For whoever paid,
    /// whose account it is, and staff; null for others.
    #[graphql(complexity = "child_complexity + 4")]
    async fn remittance(&self, ctx: &Context<'_>) -> Result<Option<Remittance>> {
        Ok(Box::pin(ctx.billing().remittances.recharge_remittance(ctx.actor(), self.0.bill_id)).await?.map(Remittance))
    }
}

/// What may be bought for a prepaid account now.
pub(crate) struct RechargeQuote(pub Quoted);

/// What may be bought for a prepaid account now.
#[Object]
impl RechargeQuote {
    /// Whether anything can be bought now.
    async fn payable(&self) -> bool {
        self.0.not_rechargeable.is_none()
    }

    /// Why not, for programs and for words in another language; null where something can be bought.
    async fn reason_code(&self) -> Option<NotRechargeable> {
        self.0.not_rechargeable.map(Into::into)
    }

    /// Why not, in an English sentence.
    async fn reason(&self) -> Option<&'static str> {
        self.0.reason()
    }

    /// What its provider sells, cheapest first.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn plans(&self) -> Vec<RechargePlan> {
        self.0.plans.iter().cloned().map(|plan| RechargePlan(plan.into())).collect()
    }

    /// The recharge's payment that is under way; null where there is none, or it is somebody else's.
    async fn live_payment(&self, ctx: &Context<'_>) -> Option<Payment> {
        rules::payment(ctx, self.0.live_payment.clone()?.into())
    }
}
