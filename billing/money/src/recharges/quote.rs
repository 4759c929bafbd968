//! What can be bought for an account now, and why not.

use billow_entities::{
    AccountStatus, ProviderStatus, RechargePlanId, RechargeStatus, UtilityAccountId, payment, recharge, recharge_plan, utility_account,
};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_supply::providers::LoadedProvider;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{Recharges, words};
use crate::payable::Refusal;

/// What can be bought for an account now.
#[derive(Clone, Debug)]
pub struct RechargeQuote {
    /// Why nothing can be bought; none where something can.
    pub not_rechargeable: Option<NotRechargeable>,
    /// What its provider sells, cheapest first.
    pub plans: Vec<recharge_plan::Model>,
    /// The payment of a recharge that is under way.
    pub live_payment: Option<payment::Model>,
}

impl RechargeQuote {
    /// Why nothing can be bought, in a sentence.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        self.not_rechargeable.map(words::not_rechargeable)
    }
}

/// Why nothing can be bought for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRechargeable {
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

impl Recharges {
    /// What the caller may buy for a prepaid account now; none where it is not prepaid.
    ///
    /// # Errors
    /// `NotFound` when the account is not visible, `Forbidden` when it may only be looked at.
    pub async fn quote(&self, actor: &Actor, id: UtilityAccountId) -> Result<Option<RechargeQuote>> {
        actor.customer_or_staff()?;
        let db = self.store.primary();
        let account = utility_account::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound("account"))?;
        self.homes.can_manage_account(actor, &account).await?;
        let provider = self.providers.load_provider(account.provider_id).await?;
        if !provider.definition.prepaid {
            return Ok(None);
        }
        let plans = self.providers.recharge_plans_of(actor, &[account.provider_id]).await?.remove(&account.provider_id).unwrap_or_default();
        let under_way = under_way(db, id).await?;
        let not_rechargeable = closed_to(&account, &provider)
            .or_else(|| under_way.is_some().then_some(NotRechargeable::UnderWay))
            .or_else(|| plans.is_empty().then_some(NotRechargeable::NothingSold));
        let live_payment = match under_way {
            // A recharge has one payment, which is tried again when it fails.
            Some(recharge) => self.payment_of(recharge.id).await?,
            None => None,
        };
        Ok(Some(RechargeQuote { not_rechargeable, plans, live_payment }))
    }
}

/// Why nothing is sold to an account with this status; none where something is.
pub(super) fn closed_to(account: &utility_account::Model, provider: &LoadedProvider) -> Option<NotRechargeable> {
    if !provider.definition.prepaid {
        return Some(NotRechargeable::NotPrepaid);
    }
    if provider.model.status != ProviderStatus::Active {
        return Some(NotRechargeable::ProviderPaused);
    }
    match account.status {
        AccountStatus::Active => None,
        AccountStatus::Pending => Some(NotRechargeable::NotConfirmed),
        AccountStatus::NeedsAttention => Some(NotRechargeable::NeedsAttention),
        AccountStatus::Paused => Some(NotRechargeable::Paused),
        AccountStatus::Closed => Some(NotRechargeable::Closed),
    }
}

/// Why an account that is locked may not be recharged with a plan at the agreed price.
pub(super) async fn refusal(
    db: &impl ConnectionTrait,
    account: &utility_account::Model,
    provider: &LoadedProvider,
    (plan, price_minor): (RechargePlanId, i64),
) -> Result<Option<Refusal>> {
    if let Some(closed) = closed_to(account, provider) {
        return Ok(Some(refused(closed)));
    }
    if offered(db, account, plan).await?.is_none_or(|plan| plan.amount_minor != price_minor) {
        return Ok(Some(not_offered()));
    }
    Ok(under_way(db, account.id).await?.map(|_| refused(NotRechargeable::UnderWay)))
}

/// A reason as whoever asks is told.
pub(super) fn refused(why: NotRechargeable) -> Refusal {
    let code = match why {
        NotRechargeable::UnderWay => "PAYMENT_IN_PROGRESS",
        NotRechargeable::ProviderPaused => "PROVIDER_PAUSED",
        _ => "NOT_PAYABLE",
    };
    Refusal::new(code, "utilityAccountId", words::not_rechargeable(why))
}

pub(super) fn not_offered() -> Refusal {
    Refusal::new("PLAN_NOT_OFFERED", "rechargePlanId", words::NOT_OFFERED)
}

/// The plan, if the account's provider sells it now.
pub(super) async fn offered(
    db: &impl ConnectionTrait,
    account: &utility_account::Model,
    plan: RechargePlanId,
) -> Result<Option<recharge_plan::Model>> {
    let sold = recharge_plan::Entity::find_by_id(plan)
        .filter(recharge_plan::Column::ProviderId.eq(account.provider_id))
        .filter(recharge_plan::Column::Active.eq(true));
    Ok(sold.one(db).await?)
}

/// The recharge that is under way for an account.
async fn under_way(db: &impl ConnectionTrait, account: UtilityAccountId) -> Result<Option<recharge::Model>> {
    let pending = recharge::Entity::find()
        .filter(recharge::Column::AccountId.eq(account))
        .filter(recharge::Column::Status.eq(RechargeStatus::Pending));
    Ok(pending.one(db).await?)
}
