//! Bills.

use async_graphql::{Context, ID, Object, SimpleObject};

use crate::bills::bill::Bill;
use crate::bills::page::{BillFilter, bill_page};
use crate::connection::{Connection, page};
use crate::context::ContextExt as _;
use crate::ids::{id_of, optional_id};
use crate::refusal::{Result, if_found};
use crate::scalars::{Date, count};
use crate::types::{BillOrder, Money, UtilityType};

#[derive(Default)]
pub(crate) struct BillQueries;

#[Object]
impl BillQueries {
    /// Bills: one's own and those of one's homes, for staff all.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn bills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which bills.")] filter: Option<BillFilter>,
        #[graphql(desc = "In which order; the latest issued first where absent.")] order_by: Option<BillOrder>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<Bill>> {
        bill_page(ctx, filter.unwrap_or_default(), order_by, page(first, after)).await
    }

    /// A bill.
    async fn bill(&self, ctx: &Context<'_>, #[graphql(desc = "The bill's id.")] id: ID) -> Result<Option<Bill>> {
        let found = async { ctx.billing().bills.bill(ctx.actor(), id_of(&id, "bill")?).await };
        Ok(if_found(found.await)?.map(Bill::from))
    }

    /// What was billed month by month and by kind of supply, oldest first; months without bills are left out.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn spend_by_period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many months, this one included, 1 to 60; 12 where absent.")] months: Option<i32>,
        #[graphql(desc = "In this home only.")] property_id: Option<ID>,
        #[graphql(desc = "For staff: of this customer.")] customer_id: Option<ID>,
    ) -> Result<Vec<SpendPoint>> {
        let months = months.map_or(12, |n| u32::try_from(n).unwrap_or(0));
        let (home, customer) = (optional_id(property_id.as_ref(), "propertyId")?, optional_id(customer_id.as_ref(), "customerId")?);
        let spend = ctx.billing().bills.spend_by_period(ctx.actor(), home, customer, months).await?;
        Ok(spend
            .into_iter()
            .map(|s| SpendPoint { month: Date(s.month), utility_type: s.utility_type.into(), total: Money(s.total), bills: count(s.bills) })
            .collect())
    }
}

/// What the bills of one month and one kind of supply came to.
#[derive(SimpleObject)]
pub(crate) struct SpendPoint {
    /// The first day of the month in which they were issued.
    month: Date,
    /// What was supplied.
    utility_type: UtilityType,
    /// Their sum.
    total: Money,
    /// How many.
    bills: i32,
}
