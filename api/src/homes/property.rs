//! Homes and their households.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use billow_billing::accounts::AccountFilter;
use billow_billing::bills::PropertyHead;
use billow_billing::homes::Member;
use billow_entities::property;
use tokio::sync::OnceCell;

use crate::accounts::account::UtilityAccount;
use crate::connection::page;
use crate::context::ContextExt as _;
use crate::customers::customer::{BillSummary, Customer};
use crate::homes::invitation::PropertyInvitation;
use crate::ids;
use crate::loaders::{Find as _, must};
use crate::refusal::Result;
use crate::rules;
use crate::scalars::{Instant, TimeZone};
use crate::types::PropertyRole;

/// A home.
#[derive(Clone, Debug)]
pub(crate) struct Property {
    head: PropertyHead,
    /// Read when a field wants more than the head.
    row: OnceCell<Arc<property::Model>>,
}

impl From<property::Model> for Property {
    fn from(row: property::Model) -> Self {
        Self::of(Arc::new(row))
    }
}

impl Property {
    pub(crate) fn of(row: Arc<property::Model>) -> Self {
        Self { head: PropertyHead::from(&*row), row: OnceCell::new_with(Some(row)) }
    }

    pub(crate) fn of_head(head: PropertyHead) -> Self {
        Self { head, row: OnceCell::new() }
    }

    async fn row(&self, ctx: &Context<'_>) -> Result<&property::Model> {
        let row = self.row.get_or_try_init(|| async { must(ctx.loaders().find(self.head.id).await?, "property") });
        Ok(Box::pin(row).await?)
    }
}

/// A home: an apartment or other premises that groups utility accounts.
#[Object(serial)]
impl Property {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.head.id)
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.head.name
    }

    /// Street and number.
    async fn address(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.row(ctx).await?.address.clone())
    }

    /// The town.
    async fn city(&self) -> Option<&str> {
        self.head.city.as_deref()
    }

    /// The postal code.
    async fn postal_code(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.row(ctx).await?.postal_code.clone())
    }

    /// ISO 3166-1 alpha-2.
    async fn country(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.row(ctx).await?.country.clone())
    }

    /// Its time zone.
    async fn time_zone(&self, ctx: &Context<'_>) -> Result<TimeZone> {
        Ok(TimeZone(self.row(ctx).await?.time_zone.clone()))
    }

    /// When it was archived, if it was.
    async fn archived_at(&self, ctx: &Context<'_>) -> Result<Option<Instant>> {
        Ok(self.row(ctx).await?.archived_at.map(Instant))
    }

    /// Its household, the longest in it first.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<PropertyMember>> {
        let members = Box::pin(ctx.billing().homes.property_members(ctx.actor(), self.head.id)).await?;
        Ok(members.into_iter().map(PropertyMember).collect())
    }

    /// Invitations to the household that were not accepted, the newest first; at most a hundred. For its owners and staff;
    /// empty for others.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn invitations(&self, ctx: &Context<'_>) -> Result<Vec<PropertyInvitation>> {
        let sent = Box::pin(ctx.billing().homes.invitations_of_property(ctx.actor(), self.head.id)).await?;
        Ok(sent.into_iter().map(PropertyInvitation::from).collect())
    }

    /// What whoever asks may do here; null for staff.
    async fn my_role(&self, ctx: &Context<'_>) -> Result<Option<PropertyRole>> {
        let Ok(own) = ctx.actor().customer() else { return Ok(None) };
        let members = Box::pin(ctx.billing().homes.property_members(ctx.actor(), self.head.id)).await?;
        Ok(members.into_iter().find(|member| member.customer_id == own).map(|member| member.role.into()))
    }

    /// Its utility accounts, the newest first; at most a hundred.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn utility_accounts(&self, ctx: &Context<'_>) -> Result<Vec<UtilityAccount>> {
        let filter = AccountFilter { property_id: Some(self.head.id), ..AccountFilter::default() };
        let accounts = Box::pin(ctx.billing().accounts.utility_accounts(ctx.actor(), filter, page(Some(100), None))).await?;
        Ok(accounts.items.into_iter().map(|(_, row)| row.into()).collect())
    }

    /// What is owed here now.
    async fn summary(&self, ctx: &Context<'_>) -> Result<Box<BillSummary>> {
        Ok(Box::new(BillSummary::of(Box::pin(ctx.billing().bills.bill_totals(ctx.actor(), Some(self.head.id), None)).await?)))
    }
}

/// Somebody of a household, as the others see them.
pub(crate) struct PropertyMember(pub Member);

/// Somebody of a household, as the others see them.
#[Object]
impl PropertyMember {
    /// Who.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Customer> {
        Ok(Customer::of(must(ctx.loaders().find(self.0.customer_id).await?, "customer")?))
    }

    /// What the others call them.
    async fn display_name(&self) -> &str {
        &self.0.name
    }

    /// Their e-mail address. For owners of the home, themselves and staff; null for others.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let shown = rules::owns(ctx, self.0.customer_id) || rules::manages_home(ctx, self.0.property_id).await?;
        Ok(self.0.email.as_deref().filter(|_| shown))
    }

    /// What they may do.
    async fn role(&self) -> PropertyRole {
        self.0.role.into()
    }

    /// Since when.
    async fn since(&self) -> Instant {
        Instant(self.0.since)
    }
}
