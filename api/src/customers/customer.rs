//! Customers.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use billow_billing::Actor;
use billow_billing::accounts::AccountFilter;
use billow_billing::bills::BillTotals;
use billow_billing::homes::PropertyFilter;
use billow_entities::customer;

use crate::accounts::account::UtilityAccount;
use crate::bills::bill::Bill;
use crate::bills::page::{BillFilter, bill_page};
use crate::connection::{Connection, page};
use crate::context::ContextExt as _;
use crate::homes::property::Property;
use crate::ids;
use crate::messages::types::Notification;
use crate::refusal::Result;
use crate::rules;
use crate::scalars::{Date, Instant, TimeZone, count};
use crate::types::{BillOrder, Money};

/// A customer.
#[derive(Clone, Debug)]
pub(crate) struct Customer(Arc<customer::Model>);

impl From<customer::Model> for Customer {
    fn from(row: customer::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl Customer {
    pub(crate) fn of(row: Arc<customer::Model>) -> Self {
        Self(row)
    }

    /// Whether whoever asks sees more than the name: themselves, and staff.
    fn in_full(&self, ctx: &Context<'_>) -> bool {
        rules::owns(ctx, self.0.id)
    }
}

/// Somebody who owes and pays. Members of a shared household see of each other only the name, and what they share.
#[Object]
impl Customer {
    /// Their id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// The full name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where messages go. For themselves and staff; null for others.
    async fn email(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.email.as_deref().filter(|_| self.in_full(ctx))
    }

    /// Whether they proved that the address is theirs. Until then no messages go there, and they cannot join or share a
    /// household. For themselves and staff; null for others.
    async fn email_confirmed(&self, ctx: &Context<'_>) -> Option<bool> {
        self.in_full(ctx).then(|| self.0.email_verified_at.is_some())
    }

    /// The address that takes the place of `email` once it is confirmed. For themselves and staff; null for others.
    async fn pending_email(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.email_pending.as_deref().filter(|_| self.in_full(ctx))
    }

    /// The mobile number, E.164. For themselves and staff; null for others.
    async fn mobile(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.mobile.as_deref().filter(|_| self.in_full(ctx))
    }

    /// The language, BCP 47. For themselves and staff; null for others.
    async fn locale(&self, ctx: &Context<'_>) -> Option<&str> {
        self.in_full(ctx).then_some(&*self.0.locale)
    }

    /// The time zone; "today" is there. For themselves and staff; null for others.
    async fn time_zone(&self, ctx: &Context<'_>) -> Option<TimeZone> {
        self.in_full(ctx).then(|| TimeZone(self.0.time_zone.clone()))
    }

    /// The number another system knows them by. For themselves and staff; null for others.
    async fn external_ref(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.external_ref.as_deref().filter(|_| self.in_full(ctx))
    }

    /// Whether somebody signs in as this customer. For themselves and staff; null for others.
    async fn has_sign_in(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        if !self.in_full(ctx) {
            return Ok(None);
        }
        Ok(Some(Box::pin(ctx.billing().customers.user_of_customer(&Actor::System, self.0.id)).await?.is_some()))
    }

    /// Since when they are a customer. For themselves and staff; null for others.
    async fn created_at(&self, ctx: &Context<'_>) -> Option<Instant> {
        self.in_full(ctx).then_some(Instant(self.0.created_at))
    }

    /// Their homes, the newest first; at most a hundred.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn properties(&self, ctx: &Context<'_>) -> Result<Vec<Property>> {
        if !self.in_full(ctx) {
            return Ok(Vec::new());
        }
        let filter = PropertyFilter { customer_id: Some(self.0.id), with_archived: false };
        let homes = Box::pin(ctx.billing().homes.properties(ctx.actor(), filter, page(Some(100), None))).await?;
        Ok(homes.items.into_iter().map(|(_, row)| row.into()).collect())
    }

    /// Their accounts, as far as whoever asks sees them.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn utility_accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<UtilityAccount>> {
        let filter = AccountFilter { customer_id: Some(self.0.id), ..AccountFilter::default() };
        let accounts = Box::pin(ctx.billing().accounts.utility_accounts(ctx.actor(), filter, page(first, after))).await?;
        Ok(Connection::of(accounts, UtilityAccount::from))
    }

    /// Their bills, as far as whoever asks sees them.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn bills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
        #[graphql(desc = "Which bills.")] filter: Option<BillFilter>,
        #[graphql(desc = "In which order; the latest issued first where absent.")] order_by: Option<BillOrder>,
    ) -> Result<Connection<Bill>> {
        let filter = BillFilter { customer_id: Some(ids::text(self.0.id)), ..filter.unwrap_or_default() };
        Box::pin(bill_page(ctx, filter, order_by, page(first, after))).await
    }

    /// What they were told, the newest first. For staff; null for others.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn notifications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Option<Connection<Notification>>> {
        if !ctx.actor().is_staff() {
            return Ok(None);
        }
        let told = Box::pin(ctx.billing().messages.notifications_of(ctx.actor(), self.0.id, page(first, after))).await?;
        Ok(Some(Connection::of(told, Notification)))
    }

    /// What is owed now, as far as whoever asks sees it.
    async fn summary(&self, ctx: &Context<'_>) -> Result<Box<BillSummary>> {
        // One's own page shows what the household owes; somebody else's what they owe.
        let whose = (!ctx.actor().customer().is_ok_and(|own| own == self.0.id)).then_some(self.0.id);
        Ok(Box::new(BillSummary::of(Box::pin(ctx.billing().bills.bill_totals(ctx.actor(), None, whose)).await?)))
    }
}

/// What is owed now.
#[derive(SimpleObject)]
pub(crate) struct BillSummary {
    /// What is left to pay, once for each currency, overdue bills included. What payments under way cover is in
    /// `beingPaid`.
    due: Vec<Money>,
    /// What payments under way cover, once for each currency.
    being_paid: Vec<Money>,
    /// Bills that payments under way cover, wholly or in part.
    being_paid_count: i32,
    /// The overdue part of `due`, once for each currency.
    overdue: Vec<Money>,
    /// Overdue bills.
    overdue_count: i32,
    /// Bills to be paid, overdue ones included.
    open_count: i32,
    /// When the next of them is due, today included.
    next_due_on: Option<Date>,
    /// The bill that is due next, today included.
    next_due: Option<Bill>,
}

impl BillSummary {
    pub(crate) fn of(totals: BillTotals) -> Self {
        Self {
            due: totals.due.into_iter().map(Money).collect(),
            being_paid: totals.being_paid.into_iter().map(Money).collect(),
            being_paid_count: count(totals.being_paid_count),
            overdue: totals.overdue.into_iter().map(Money).collect(),
            overdue_count: count(totals.overdue_count),
            open_count: count(totals.open_count),
            next_due_on: totals.next_due.as_ref().and_then(|bill| bill.due_on).map(Date),
            next_due: totals.next_due.map(Bill::from),
        }
    }
}
