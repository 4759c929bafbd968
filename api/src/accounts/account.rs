//! Customers' accounts at providers.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use billow_billing::Error;
use billow_billing::bills::{AccountHead, BillFilter, BillSort};
use billow_entities::utility_account;
use chrono_tz::Tz;
use tokio::sync::OnceCell;

use crate::bills::bill::Bill;
use crate::connection::{Connection, CountedConnection, page};
use crate::context::ContextExt as _;
use crate::customers::customer::Customer;
use crate::fetching::types::{FetchAttempt, FetchRun};
use crate::homes::property::Property;
use crate::ids;
use crate::loaders::{Find as _, must};
use crate::providers::provider::{Provider, RechargePlan};
use crate::recharges::recharge::{Recharge, RechargeQuote};
use crate::refusal::{Result, if_found};
use crate::rules;
use crate::scalars::{Date, Instant};
use crate::types::{AccountStatus, FetchOutcome, Money, UtilityType};

/// A customer's account at a provider.
#[derive(Clone, Debug)]
pub(crate) struct UtilityAccount {
    head: AccountHead,
    /// Read when a field wants more than the head.
    row: OnceCell<Arc<utility_account::Model>>,
}

impl From<utility_account::Model> for UtilityAccount {
    fn from(row: utility_account::Model) -> Self {
        Self::of(Arc::new(row))
    }
}

impl UtilityAccount {
    pub(crate) fn of(row: Arc<utility_account::Model>) -> Self {
        Self { head: AccountHead::from(&*row), row: OnceCell::new_with(Some(row)) }
    }

    pub(crate) fn of_head(head: AccountHead) -> Self {
        Self { head, row: OnceCell::new() }
    }

    async fn row(&self, ctx: &Context<'_>) -> Result<Arc<utility_account::Model>> {
        let row = self.row.get_or_try_init(|| async { must(ctx.loaders().find(self.head.id).await?, "account") });
        Ok(Arc::clone(Box::pin(row).await?))
    }
}

/// A customer's account at a provider.
#[Object(serial)]
impl UtilityAccount {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.head.id)
    }

    /// What its customer calls it.
    async fn label(&self) -> &str {
        &self.head.label
    }

    /// What is supplied.
    async fn utility_type(&self) -> UtilityType {
        self.head.utility_type.into()
    }

    /// The end of what identifies it at the provider.
    async fn identifier_hint(&self) -> &str {
        &self.head.identifier_hint
    }

    /// Where it stands.
    async fn status(&self) -> AccountStatus {
        self.head.status.into()
    }

    /// Why it stands there, in the words of its owner.
    async fn status_reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.row(ctx).await?.status_reason.clone())
    }

    /// The provider.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Provider> {
        Ok(Provider::of(must(ctx.loaders().find(self.head.provider_id).await?, "provider")?))
    }

    /// The home it belongs to.
    async fn property(&self, ctx: &Context<'_>) -> Result<Option<Property>> {
        let Some(id) = self.head.property_id else { return Ok(None) };
        let Some(row) = ctx.loaders().find(id).await? else { return Ok(None) };
        rules::home(ctx, row).await
    }

    /// Whose it is.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Customer> {
        Ok(Customer::of(must(ctx.loaders().find(self.head.customer_id).await?, "customer")?))
    }

    /// When it will be fetched next; null when it is not fetched.
    async fn next_fetch_at(&self, ctx: &Context<'_>) -> Result<Option<Instant>> {
        Ok(self.row(ctx).await?.next_fetch_at.map(Instant))
    }

    /// When it was fetched last.
    async fn last_fetched_at(&self, ctx: &Context<'_>) -> Result<Option<Instant>> {
        Ok(self.row(ctx).await?.last_fetched_at.map(Instant))
    }

    /// What the last fetch came to.
    async fn last_outcome(&self, ctx: &Context<'_>) -> Result<Option<FetchOutcome>> {
        Ok(self.row(ctx).await?.last_outcome.map(FetchOutcome::from))
    }

    /// What the last fetch said. For staff; null for others.
    async fn last_message(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !ctx.actor().is_staff() {
            return Ok(None);
        }
        Ok(self.row(ctx).await?.last_message.clone())
    }

    /// Prepaid: the plan in force.
    async fn plan(&self, ctx: &Context<'_>) -> Result<Option<PrepaidPlan>> {
        let row = self.row(ctx).await?;
        let known = row.plan_code.is_some() || row.plan_expires_on.is_some() || row.plan_balance_minor.is_some();
        Ok(known.then_some(PrepaidPlan(row)))
    }

    /// Prepaid: what the caller may buy for it now; null where it is not prepaid, or they may not buy for it.
    #[graphql(complexity = "child_complexity + 4")]
    async fn recharge(&self, ctx: &Context<'_>) -> Result<Option<RechargeQuote>> {
        match Box::pin(ctx.billing().recharges.quote(ctx.actor(), self.head.id)).await {
            Err(Error::Forbidden) => Ok(None),
            quoted => Ok(if_found(quoted)?.flatten().map(RechargeQuote)),
        }
    }

    /// When it was added.
    async fn created_at(&self, ctx: &Context<'_>) -> Result<Instant> {
        Ok(Instant(self.row(ctx).await?.created_at))
    }

    /// Its bills, the latest issued first.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn bills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<Bill>> {
        let filter = BillFilter { account_id: Some(self.head.id), ..BillFilter::default() };
        let bills = Box::pin(ctx.billing().bills.bills(ctx.actor(), filter, BillSort::Newest, page(first, after))).await?;
        Ok(Connection::of(bills, Bill::from))
    }

    /// Prepaid: what was bought for it, the newest first.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn recharges(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<CountedConnection<Recharge>> {
        let (recharges, id) = (&ctx.billing().recharges, self.head.id);
        let counted = ctx.look_ahead().field("totalCount").exists();
        let total = if counted { Some(Box::pin(recharges.count_of_account(ctx.actor(), id)).await?) } else { None };
        let bought = Box::pin(recharges.recharges_of_account(ctx.actor(), id, page(first, after))).await?;
        Ok(CountedConnection::of(Connection::of(bought, Recharge), total))
    }

    /// Each time it was fetched, the newest first. Customers are told only what is theirs to mend.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn fetch_attempts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<FetchAttempt>> {
        let attempts = Box::pin(ctx.billing().fetching.fetch_attempts(ctx.actor(), self.head.id, page(first, after))).await?;
        Ok(Connection::of(attempts, FetchAttempt))
    }

    /// The fetch run it waits in, with its progress; null for others than staff where the run is of all accounts of its
    /// provider.
    async fn current_run(&self, ctx: &Context<'_>) -> Result<Option<FetchRun>> {
        let Some(id) = self.row(ctx).await?.run_id else { return Ok(None) };
        Ok(ctx.loaders().find(id).await?.and_then(|row| rules::fetch_run(ctx, &row)))
    }
}

/// The prepaid plan in force.
pub(crate) struct PrepaidPlan(Arc<utility_account::Model>);

/// The prepaid plan in force.
#[Object]
impl PrepaidPlan {
    /// The plan as the provider sells it, if it still does.
    async fn plan(&self, ctx: &Context<'_>) -> Result<Option<RechargePlan>> {
        let Some(code) = &self.0.plan_code else { return Ok(None) };
        let plans = Box::pin(ctx.billing().providers.recharge_plans(ctx.actor(), self.0.provider_id)).await?;
        Ok(plans.into_iter().find(|plan| plan.code == *code).map(|plan| RechargePlan(Arc::new(plan))))
    }

    /// The provider's code for it.
    async fn code(&self) -> Option<&str> {
        self.0.plan_code.as_deref()
    }

    /// Its last day.
    async fn expires_on(&self) -> Option<Date> {
        self.0.plan_expires_on.map(Date)
    }

    /// What is left.
    async fn balance(&self, ctx: &Context<'_>) -> Result<Option<Money>> {
        let Some(minor) = self.0.plan_balance_minor else { return Ok(None) };
        let provider = must(ctx.loaders().find(self.0.provider_id).await?, "provider")?;
        Ok(Some(Money::stored(minor, &provider.currency)))
    }

    /// Days until its last day, where the provider is; negative when it has ended.
    async fn days_left(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let Some(last) = self.0.plan_expires_on else { return Ok(None) };
        let provider = must(ctx.loaders().find(self.0.provider_id).await?, "provider")?;
        let zone: Tz = provider.time_zone.parse().unwrap_or(Tz::UTC);
        let today = ctx.billing().kernel.clock.now().with_timezone(&zone).date_naive();
        Ok(i32::try_from(last.signed_duration_since(today).num_days()).ok())
    }
}
