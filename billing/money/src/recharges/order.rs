//! Ordering a recharge: checked, and written in the transaction of its payment.

use std::sync::Arc;

use async_trait::async_trait;
use billow_entities::{
    CustomerId, RechargeId, RechargePlanId, RechargeStatus, Target, UtilityAccountId, recharge, recharge_plan, utility_account,
};
use billow_kernel::error::{Error, Problems, Result};
use billow_kernel::events::Events;
use billow_kernel::store::WriteTx;
use billow_supply::bills::LockedAccount;
use billow_supply::providers::LoadedProvider;
use sea_orm::{EntityTrait, IntoActiveModel};

use super::quote::{closed_to, not_offered, offered, refusal, refused};
use super::{BuyPlan, Recharges};
use crate::currency::currency_of;
use crate::payable::{Draft, NewPart, PayableRequest, Take};

#[async_trait]
impl PayableRequest for BuyPlan {
    type Kind = Recharges;

    const NAME: &'static str = "recharge";

    async fn draft(&self, kind: &Recharges, payer: CustomerId, problems: &mut Problems) -> Result<Option<Draft>> {
        kind.draft(payer, self.account, self.plan, problems).await
    }
}

impl Recharges {
    /// Checks the request for a plan against its account. What is wrong goes into `problems`, and there is no draft then.
    async fn draft(
        &self,
        payer: CustomerId,
        account: UtilityAccountId,
        plan: RechargePlanId,
        problems: &mut Problems,
    ) -> Result<Option<Draft>> {
        let db = self.store.primary();
        let account = utility_account::Entity::find_by_id(account).one(db).await?.ok_or(Error::NotFound("account"))?;
        self.homes.can_manage_as(payer, &account).await?;
        let provider = self.providers.load_provider(account.provider_id).await?;
        let plan = match (closed_to(&account, &provider), offered(db, &account, plan).await?) {
            (None, Some(plan)) => plan,
            (closed, _) => {
                let against = closed.map_or_else(not_offered, refused);
                problems.add(against.code, against.path, against.message);
                return Ok(None);
            }
        };
        let (currency, total_minor) = (currency_of(&plan.currency)?, plan.amount_minor);
        let take = TakeRecharge { events: Arc::clone(&self.events), row: self.row(&account, plan), provider };
        Ok(Some(Draft { currency, total_minor, take: Box::new(take) }))
    }

    fn row(&self, account: &utility_account::Model, plan: recharge_plan::Model) -> recharge::Model {
        let (now, random) = (self.clock.now(), self.ids.next().simple().to_string().to_uppercase());
        recharge::Model {
            id: RechargeId(self.ids.next()),
            account_id: account.id,
            plan_id: plan.id,
            code: plan.code,
            name: plan.name,
            validity_days: plan.validity_days,
            // The end of an id is random; its beginning is the time.
            number: format!("RECHARGE-{}", &random[random.len() - 12..]),
            currency: plan.currency,
            amount_minor: plan.amount_minor,
            status: RechargeStatus::Pending,
            status_reason: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// A recharge to be written.
struct TakeRecharge {
    events: Arc<Events>,
    row: recharge::Model,
    provider: Arc<LoadedProvider>,
}

impl std::fmt::Debug for TakeRecharge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TakeRecharge").field("row", &self.row).finish_non_exhaustive()
    }
}

#[async_trait]
impl Take for TakeRecharge {
    async fn take(self: Box<Self>, tx: &mut WriteTx) -> Result<Vec<NewPart>> {
        let row = self.row;
        let account = LockedAccount::lock(tx, row.account_id).await?;
        let account = account.row();
        if let Some(against) = refusal(&**tx, account, &self.provider, (row.plan_id, row.amount_minor)).await? {
            return Err(Error::invalid(against.code, against.path, against.message));
        }
        let part = NewPart {
            target: Target::Recharge(row.id),
            version: 1,
            customer_id: account.customer_id,
            account_id: account.id,
            provider_id: account.provider_id,
            property_id: account.property_id,
            utility_type: account.utility_type,
            amount_minor: row.amount_minor,
        };
        tx.emit(self.events.recharge(&row, account)?);
        recharge::Entity::insert(row.into_active_model()).exec_without_returning(&**tx).await?;
        Ok(vec![part])
    }
}
