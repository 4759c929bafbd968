//! Recharging a prepaid account: a plan becomes a bill of our own making, and the bill and its payment are written in one
//! transaction.
//!
//! The bill is open only while its payment is under way, and an account has one such bill at most. When the payment comes to
//! nothing, or the money goes back, the bill is void: nobody owes a recharge.

use std::collections::BTreeMap;
use std::sync::Arc;

use billow_entities::{
    AccountStatus, BillId, BillSource, BillStatus, CustomerId, ProviderStatus, RechargePlanId, UtilityAccountId, bill, bill_version,
    payment, payment_allocation, provider, recharge, recharge_plan, utility_account,
};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Problems, Result};
use billow_kernel::events::FieldChange;
use billow_kernel::store::WriteTx;
use billow_supply::bills::{BillContent, BillEvent, BillLine, LockedAccount, LockedBill};
use billow_supply::connector::LineKind;
use billow_supply::providers::LoadedProvider;
use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::Payments;
use super::draft::{Draft, DraftLine};
use super::quote::{Providers, currency_of, quote_of};
use super::words;

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

/// A recharge to be written down with its payment.
#[derive(Debug)]
pub(super) struct NewRecharge {
    bill: bill::Model,
    plan: recharge_plan::Model,
    provider: Arc<LoadedProvider>,
}

/// What stands against a recharge: a code, a field and a sentence.
type Refusal = (&'static str, &'static str, &'static str);

impl Payments {
    /// What whoever asks may buy for a prepaid account now; none where it is not prepaid.
    ///
    /// # Errors
    /// `NotFound` when the account is not visible, `Forbidden` when it may only be looked at.
    pub async fn recharge_quote(&self, actor: &Actor, id: UtilityAccountId) -> Result<Option<RechargeQuote>> {
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
            Some(bill) => self.live_payments(&[bill.id]).await?.remove(&bill.id),
            None => None,
        };
        Ok(Some(RechargeQuote { not_rechargeable, plans, live_payment }))
    }

    /// Holds the wish for a plan against its account, and makes its bill up. What is wrong goes into `problems`, and there is
    /// none then.
    pub(super) async fn draft_recharge(
        &self,
        payer: CustomerId,
        account: UtilityAccountId,
        plan: RechargePlanId,
        problems: &mut Problems,
    ) -> Result<Option<(Draft, NewRecharge)>> {
        let db = self.store.primary();
        let account = utility_account::Entity::find_by_id(account).one(db).await?.ok_or(Error::NotFound("account"))?;
        self.homes.can_manage_as(payer, &account).await?;
        let provider = self.providers.load_provider(account.provider_id).await?;
        let plan = match (closed_to(&account, &provider), offered(db, &account, plan).await?) {
            (None, Some(plan)) => plan,
            (against, _) => {
                let (code, path, message) = against.map_or_else(not_offered, told);
                problems.add(code, path, message);
                return Ok(None);
            }
        };
        let (currency, total_minor) = (currency_of(&plan.currency)?, plan.amount_minor);
        let bill = self.recharge_bill(&account, &plan, self.clock.now().with_timezone(&provider.zone).date_naive())?;
        let line = DraftLine { quote: quote_of(&bill, &provider, None)?, amount_minor: total_minor, bill: bill.clone() };
        let providers = Providers::from([(account.provider_id, Arc::clone(&provider))]);
        let draft = Draft { lines: vec![line], currency, total_minor, providers };
        Ok(Some((draft, NewRecharge { bill, plan, provider })))
    }

    /// The bill for a plan: due at once, under a number of ours.
    fn recharge_bill(&self, account: &utility_account::Model, plan: &recharge_plan::Model, today: NaiveDate) -> Result<bill::Model> {
        let (now, random) = (self.clock.now(), self.ids.next().simple().to_string().to_uppercase());
        let line = BillLine { label: plan.name.clone(), kind: LineKind::Charge, amount_minor: Some(plan.amount_minor), usage: None };
        let mut bill = bill::Model {
            id: BillId(self.ids.next()),
            account_id: account.id,
            customer_id: account.customer_id,
            property_id: account.property_id,
            provider_id: account.provider_id,
            utility_type: account.utility_type,
            // The end of an id is random; its beginning is the time.
            number: format!("RECHARGE-{}", &random[random.len() - 12..]),
            version: 1,
            status: BillStatus::Open,
            status_reason: None,
            currency: plan.currency.clone(),
            amount_minor: plan.amount_minor,
            paid_minor: 0,
            min_amount_minor: None,
            max_amount_minor: None,
            issued_on: today,
            due_on: Some(today),
            period_start: None,
            period_end: None,
            usage_value: None,
            usage_unit: None,
            lines: serde_json::to_value([line])?,
            content_hash: String::new(),
            source: BillSource::Recharge,
            superseded_by: None,
            marked_by: None,
            usual_minor: None,
            created_at: now,
            updated_at: now,
        };
        bill.content_hash = BillContent::of_row(&bill)?.content_hash()?;
        Ok(bill)
    }

    /// Writes the bill of a recharge down, in the transaction of its payment, if nothing has come between.
    pub(super) async fn insert_recharge(&self, tx: &mut WriteTx, new: NewRecharge) -> Result<()> {
        let NewRecharge { bill, plan, provider } = new;
        let account = LockedAccount::lock(tx, bill.account_id).await?;
        if let Some((code, path, message)) = refusal(&**tx, account.row(), &provider, (plan.id, plan.amount_minor)).await? {
            return Err(Error::invalid(code, path, message));
        }
        let version = bill_version::ActiveModel {
            bill_id: Set(bill.id),
            version: Set(bill.version),
            snapshot: Set(serde_json::to_value(BillContent::of_row(&bill)?)?),
            content_hash: Set(bill.content_hash.clone()),
            source: Set(bill.source),
            reason: Set(None),
            actor: Set(None),
            created_at: Set(bill.created_at),
        };
        let bought = recharge::ActiveModel {
            bill_id: Set(bill.id),
            account_id: Set(bill.account_id),
            plan_id: Set(plan.id),
            code: Set(plan.code),
            name: Set(plan.name),
            validity_days: Set(plan.validity_days),
            created_at: Set(bill.created_at),
        };
        // Not as a bill that arrived: whoever bought it knows.
        let changes = vec![FieldChange::new("status", serde_json::Value::Null, bill.status)];
        tx.emit(self.events.bill_updated(&bill, &provider.definition.name, changes)?);
        bill::Entity::insert(bill.into_active_model()).exec_without_returning(&**tx).await?;
        bill_version::Entity::insert(version).exec_without_returning(&**tx).await?;
        recharge::Entity::insert(bought).exec_without_returning(&**tx).await?;
        Ok(())
    }

    /// Opens the recharges among these bills again, which are locked, because their payment is tried again.
    pub(super) async fn resume_recharges(
        &self,
        tx: &mut WriteTx,
        bills: &mut BTreeMap<BillId, LockedBill>,
        providers: &Providers,
    ) -> Result<()> {
        for locked in bills.values_mut().filter(|b| b.row().source == BillSource::Recharge && b.row().status == BillStatus::Voided) {
            let bill = locked.row();
            let provider = providers.get(&bill.provider_id).ok_or(Error::NotFound("provider"))?;
            let account = utility_account::Entity::find_by_id(bill.account_id).one(&**tx).await?.ok_or(Error::NotFound("account"))?;
            let bought = recharge::Entity::find_by_id(bill.id).one(&**tx).await?.ok_or(Error::NotFound("plan"))?;
            if let Some((code, _, message)) = refusal(&**tx, &account, provider, (bought.plan_id, bill.amount_minor)).await? {
                return Err(Error::invalid(code, "paymentId", message));
            }
            *locked = self.bills.transition(tx, locked.clone(), BillEvent::RechargeResumed, &provider.definition.name).await?;
        }
        Ok(())
    }

    /// Voids the recharge of a payment that came to nothing, if it is for one.
    pub(super) async fn drop_recharges(&self, tx: &mut WriteTx, payment: &payment::Model) -> Result<()> {
        let parts = payment_allocation::Entity::find().filter(payment_allocation::Column::PaymentId.eq(payment.id)).all(&**tx).await?;
        let open: Vec<_> = bill::Entity::find()
            .filter(bill::Column::Id.is_in(parts.iter().map(|part| part.bill_id)))
            .filter(bill::Column::Source.eq(BillSource::Recharge))
            .filter(bill::Column::Status.eq(BillStatus::Open))
            .order_by_asc(bill::Column::Id)
            .all(&**tx)
            .await?
            .into_iter()
            .map(|bill| (bill.id, bill.account_id))
            .collect();
        if open.is_empty() {
            return Ok(());
        }
        for bill in LockedBill::lock_all(tx, open).await?.into_values() {
            let provider = provider::Entity::find_by_id(bill.row().provider_id).one(&**tx).await?.ok_or(Error::NotFound("provider"))?;
            let dropped = BillEvent::RechargeDropped(0).because(words::RECHARGE_DROPPED);
            self.bills.transition(tx, bill, dropped, &provider.name).await?;
        }
        Ok(())
    }
}

/// Why nothing is sold to an account that stands like this; none where something is.
fn closed_to(account: &utility_account::Model, provider: &LoadedProvider) -> Option<NotRechargeable> {
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

/// The same as whoever asked is told.
fn told(why: NotRechargeable) -> Refusal {
    let code = match why {
        NotRechargeable::UnderWay => "PAYMENT_IN_PROGRESS",
        NotRechargeable::ProviderPaused => "PROVIDER_PAUSED",
        _ => "NOT_PAYABLE",
    };
    (code, "utilityAccountId", words::not_rechargeable(why))
}

/// What stands against a recharge of an account that is locked, with a plan at the price that was agreed.
async fn refusal(
    db: &impl ConnectionTrait,
    account: &utility_account::Model,
    provider: &LoadedProvider,
    (plan, price_minor): (RechargePlanId, i64),
) -> Result<Option<Refusal>> {
    if let Some(closed) = closed_to(account, provider) {
        return Ok(Some(told(closed)));
    }
    if offered(db, account, plan).await?.is_none_or(|plan| plan.amount_minor != price_minor) {
        return Ok(Some(not_offered()));
    }
    Ok(under_way(db, account.id).await?.map(|_| told(NotRechargeable::UnderWay)))
}

/// The plan, if the account's provider sells it now.
async fn offered(
    db: &impl ConnectionTrait,
    account: &utility_account::Model,
    plan: RechargePlanId,
) -> Result<Option<recharge_plan::Model>> {
    let sold = recharge_plan::Entity::find_by_id(plan)
        .filter(recharge_plan::Column::ProviderId.eq(account.provider_id))
        .filter(recharge_plan::Column::Active.eq(true));
    Ok(sold.one(db).await?)
}

/// The bill of the recharge that is under way for an account.
async fn under_way(db: &impl ConnectionTrait, account: UtilityAccountId) -> Result<Option<bill::Model>> {
    let open = bill::Entity::find()
        .filter(bill::Column::AccountId.eq(account))
        .filter(bill::Column::Source.eq(BillSource::Recharge))
        .filter(bill::Column::Status.eq(BillStatus::Open));
    Ok(open.one(db).await?)
}

fn not_offered() -> Refusal {
    ("PLAN_NOT_OFFERED", "rechargePlanId", words::NOT_OFFERED)
}
