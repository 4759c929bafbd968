//! What is bought for prepaid accounts.

use async_graphql::{Context, Enum, ID, Object};
use billow_billing::recharges::RechargeQuote as Quoted;
use billow_entities::recharge;

use crate::accounts::account::UtilityAccount;
use crate::context::ContextExt as _;
use crate::ids;
use crate::loaders::{Find as _, must};
use crate::payments::payment::Payment;
use crate::providers::provider::{Provider, RechargePlan};
use crate::refusal::Result;
use crate::remittances::remittance::Remittance;
use crate::rules;
use crate::scalars::Instant;
use crate::types::enums::same_as;
use crate::types::{Money, RechargeStatus};

same_as! {
    /// Why nothing can be bought for a prepaid account.
    NotRechargeable = "billow_billing::recharges::NotRechargeable" {
        /// Its provider sends bills.
        NotPrepaid,
        /// Its provider takes nothing at the moment.
        ProviderPaused,
        /// Its provider has not confirmed it yet.
        NotConfirmed,
        /// Its owner has something to correct.
        NeedsAttention,
        /// It is not looked after, at somebody's request.
        Paused,
        /// It is gone.
        Closed,
        /// A recharge is under way.
        UnderWay,
        /// Its provider sells nothing.
        NothingSold,
    }
}

/// A plan that was bought for a prepaid account, as it was sold then.
#[derive(Clone, Debug)]
pub(crate) struct Recharge(pub recharge::Model);

/// A plan that was bought for a prepaid account, as it was sold then.
#[Object]
impl Recharge {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// Its status.
    async fn status(&self) -> RechargeStatus {
        self.0.status.into()
    }

    /// Why it has this status, as an English sentence.
    async fn status_reason(&self) -> Option<&str> {
        self.0.status_reason.as_deref()
    }

    /// Billow's number for it, for the provider and on receipts.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// Its price.
    async fn amount(&self) -> Money {
        Money::stored(self.0.amount_minor, &self.0.currency)
    }

    /// When it was bought.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// The provider's code of the plan.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The name of the plan.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How many days the plan lasts.
    async fn validity_days(&self) -> i32 {
        self.0.validity_days
    }

    /// Who sold it.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Provider> {
        let account = must(ctx.loaders().find(self.0.account_id).await?, "account")?;
        Ok(Provider::of(must(ctx.loaders().find(account.provider_id).await?, "provider")?))
    }

    /// The account it is for; null for who paid it and left its home.
    async fn utility_account(&self, ctx: &Context<'_>) -> Result<Option<UtilityAccount>> {
        rules::account(ctx, must(ctx.loaders().find(self.0.account_id).await?, "account")?).await
    }

    /// Its payment. For who pays, and staff; null for others.
    #[graphql(complexity = "child_complexity + 4")]
    async fn payment(&self, ctx: &Context<'_>) -> Result<Option<Payment>> {
        let paid = Box::pin(ctx.billing().recharges.payment_of(self.0.id)).await?;
        Ok(paid.and_then(|row| rules::payment(ctx, row.into())))
    }

    /// Our paying the provider for it, with the code where there is one; null until the money reached us. For whoever paid,
    /// whose account it is, and staff; null for others.
    #[graphql(complexity = "child_complexity + 4")]
    async fn remittance(&self, ctx: &Context<'_>) -> Result<Option<Remittance>> {
        Ok(Box::pin(ctx.billing().remittances.recharge_remittance(ctx.actor(), self.0.id)).await?.map(Remittance))
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
