//! Customers.

use async_graphql::{Context, ID, Object};
use billow_billing::customers::CustomerFilter;

use crate::connection::{Connection, page};
use crate::context::ContextExt as _;
use crate::customers::customer::Customer;
use crate::ids::id_of;
use crate::refusal::{Result, if_found};

#[derive(Default)]
pub(crate) struct CustomerQueries;

#[Object]
impl CustomerQueries {
    /// A customer: oneself, or for staff anybody.
    async fn customer(&self, ctx: &Context<'_>, #[graphql(desc = "The customer's id.")] id: ID) -> Result<Option<Customer>> {
        let found = async { ctx.billing().customers.customer(ctx.actor(), id_of(&id, "customer")?).await };
        Ok(if_found(found.await)?.map(Customer::from))
    }

    /// Customers, the newest first. For staff.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The beginning of a name, e-mail address or mobile number, or a whole consumer or reference number.")]
        search: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<Customer>> {
        let customers = ctx.billing().customers.customers(ctx.actor(), CustomerFilter { search }, page(first, after)).await?;
        Ok(Connection::of(customers, Customer::from))
    }
}
