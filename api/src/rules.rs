//! What a caller sees of an object that another object leads to: one rule for each type, and every such path goes through it.
//!
//! | type | seen whole by | seen in part by |
//! |---|---|---|
//! | `Bill` | its customer, its household, staff, keys with `bills:read` | who paid it and left the household: as it was when they paid; guests: what is to be paid |
//! | `UtilityAccount`, `FetchAttempt` | its customer, its household, staff, keys with `bills:read` | |
//! | `Property` | its household, staff | |
//! | `Customer` | themselves, staff | who sees a bill, an account or a home of theirs: id and name |
//! | `Payment`, `Refund`, `Document`, `PaymentMethod` | who pays, staff | guests: the payment they make |
//! | `Remittance` | who pays, for recharges whose account it is, staff | |
//! | `FetchRun` | of one account: as the account; of a provider: staff | |
//! | `PropertyMember` | its household and staff; the e-mail address: owners, themselves, staff | |
//!
//! Root fields ask the business, which has the same rules; `tests/tests/authorization/` checks both against a table.

use std::sync::Arc;

use async_graphql::Context;
use billow_entities::{
    CustomerId, PropertyId, PropertyRole, bill, fetch_run, payment, payment_allocation, payment_method, property, utility_account,
};

use crate::accounts::account::UtilityAccount;
use crate::bills::bill::Bill;
use crate::context::ContextExt as _;
use crate::fetching::types::FetchRun;
use crate::homes::property::Property;
use crate::loaders::role_in;
use crate::methods::method::PaymentMethod;
use crate::payments::payment::Payment;
use crate::refusal::Result;

/// Whether the caller is staff, or acts for this customer.
pub(crate) fn owns(ctx: &Context<'_>, customer: CustomerId) -> bool {
    ctx.actor().is_staff() || ctx.actor().customer().is_ok_and(|own| own == customer)
}

/// Whether the caller sees what belongs to this customer and, where it has one, to this home.
async fn sees(ctx: &Context<'_>, customer: CustomerId, home: Option<PropertyId>) -> Result<bool> {
    let Some(own) = ctx.billing().homes.reads_as(ctx.actor())? else { return Ok(true) };
    Ok(own == customer || matches!(home, Some(home) if role_in(ctx.loaders(), own, home).await?.is_some()))
}

/// A bill, for who sees it now.
pub(crate) async fn bill(ctx: &Context<'_>, row: &bill::Model) -> Result<Option<Bill>> {
    let seen = sees(ctx, row.customer_id, row.property_id).await?;
    Ok(seen.then(|| Bill::from(row.clone())))
}

/// The bill of a part of a payment that the caller sees: as it is for who sees it now, else as it was when it was paid.
pub(crate) async fn bill_of(ctx: &Context<'_>, row: &bill::Model, part: &payment_allocation::Model) -> Result<Bill> {
    match bill(ctx, row).await? {
        Some(bill) => Ok(bill),
        None => Ok(Bill::as_paid(Box::pin(ctx.billing().bills.bill_as_paid(row, part)).await?)),
    }
}

/// An account.
pub(crate) async fn account(ctx: &Context<'_>, row: Arc<utility_account::Model>) -> Result<Option<UtilityAccount>> {
    Ok(sees(ctx, row.customer_id, row.property_id).await?.then(|| UtilityAccount::of(row)))
}

/// Whether the caller sees homes at all: not programs, which have no scope for them.
pub(crate) fn sees_homes(ctx: &Context<'_>) -> bool {
    ctx.actor().is_staff() || ctx.actor().customer().is_ok()
}

/// A home.
pub(crate) async fn home(ctx: &Context<'_>, row: Arc<property::Model>) -> Result<Option<Property>> {
    if ctx.actor().is_staff() {
        return Ok(Some(Property::of(row)));
    }
    let Ok(own) = ctx.actor().customer() else { return Ok(None) };
    Ok(role_in(ctx.loaders(), own, row.id).await?.map(|_| Property::of(row)))
}

/// Whether the caller sees the e-mail addresses of everybody in a home.
pub(crate) async fn manages_home(ctx: &Context<'_>, id: PropertyId) -> Result<bool> {
    if ctx.actor().is_staff() {
        return Ok(true);
    }
    let Ok(own) = ctx.actor().customer() else { return Ok(false) };
    Ok(role_in(ctx.loaders(), own, id).await? == Some(PropertyRole::Owner))
}

/// A payment.
pub(crate) fn payment(ctx: &Context<'_>, row: Arc<payment::Model>) -> Option<Payment> {
    owns(ctx, row.customer_id).then(|| Payment::of(row))
}

/// A saved method.
pub(crate) fn payment_method(ctx: &Context<'_>, row: Arc<payment_method::Model>) -> Option<PaymentMethod> {
    owns(ctx, row.customer_id).then(|| PaymentMethod::of(row))
}

/// A fetch run that something of one account leads to: the caller sees that account.
pub(crate) fn fetch_run(ctx: &Context<'_>, row: &fetch_run::Model) -> Option<FetchRun> {
    (row.account_id.is_some() || ctx.actor().is_staff()).then(|| FetchRun(row.clone()))
}
