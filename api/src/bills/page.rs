//! A page of bills, as lists of many nouns show it.

use async_graphql::{Context, ID, InputObject};
use billow_billing::bills::{BillFilter as Wanted, BillJoins, BillSort};
use billow_billing::page::PageRequest;

use crate::bills::bill::Bill;
use crate::connection::Connection;
use crate::context::ContextExt as _;
use crate::ids::optional_id;
use crate::refusal::Result;
use crate::scalars::Date;
use crate::types::{BillListState, BillOrder, UtilityType};

/// Which bills are wanted; what is absent does not narrow.
#[derive(InputObject, Clone, Debug, Default)]
pub(crate) struct BillFilter {
    /// Of this home.
    pub property_id: Option<ID>,
    /// Of this account.
    pub utility_account_id: Option<ID>,
    /// Of this provider.
    pub provider_id: Option<ID>,
    /// For this kind of supply.
    pub utility_type: Option<UtilityType>,
    /// By where they stand.
    pub state: Option<BillListState>,
    /// Issued on this day or later.
    pub issued_from: Option<Date>,
    /// Issued on this day or earlier.
    pub issued_to: Option<Date>,
    /// For staff: whose.
    pub customer_id: Option<ID>,
}

impl BillFilter {
    fn read(&self) -> billow_billing::Result<Wanted> {
        Ok(Wanted {
            property_id: optional_id(self.property_id.as_ref(), "filter.propertyId")?,
            account_id: optional_id(self.utility_account_id.as_ref(), "filter.utilityAccountId")?,
            provider_id: optional_id(self.provider_id.as_ref(), "filter.providerId")?,
            customer_id: optional_id(self.customer_id.as_ref(), "filter.customerId")?,
            utility_type: self.utility_type.map(Into::into),
            state: self.state.map(Into::into).unwrap_or_default(),
            issued_from: self.issued_from.map(|date| date.0),
            issued_to: self.issued_to.map(|date| date.0),
        })
    }
}

/// A page of bills with what is shown of each, read at once.
pub(crate) async fn bill_page(
    ctx: &Context<'_>,
    filter: BillFilter,
    order: Option<BillOrder>,
    page: PageRequest,
) -> Result<Connection<Bill>> {
    let ahead = ctx.look_ahead();
    let (nodes, edges) = (ahead.field("nodes"), ahead.field("edges").field("node"));
    let shows = |field: &str| nodes.field(field).exists() || edges.field(field).exists();
    let with = BillJoins {
        provider: shows("provider"),
        account: shows("utilityAccount"),
        property: shows("property"),
        lines: shows("lines"),
        being_paid: shows("beingPaid") || shows("overdue"),
    };
    let sort = order.map_or(BillSort::Newest, BillSort::from);
    let bills = ctx.billing().bills.bills_joined(ctx.actor(), filter.read()?, sort, page, with).await?;
    Ok(Connection::of(bills, Bill::of))
}
