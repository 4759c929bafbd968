//! Bills as they come and change.

use async_graphql::Context;
use billow_billing::Scope;
use futures::StreamExt as _;
use futures::stream::BoxStream;

use super::follow::{Live, Told, follow};
use crate::bills::bill::Bill;
use crate::context::ContextExt as _;
use crate::refusal::Result;
use crate::subscriptions::events::BillEvent;

/// Bills to which something of `kinds` happens.
pub(super) async fn bills(
    ctx: &Context<'_>,
    kinds: &'static [&'static str],
    after: Option<&str>,
) -> Result<BoxStream<'static, std::result::Result<BillEvent, async_graphql::Error>>> {
    let scope = ctx.billing().kernel.events.follow_scope(ctx.actor(), Scope::BillsRead)?;
    let told = follow(Live::of(ctx), scope, kinds, after, |live, event| async move {
        let Ok(id) = event.subject.parse() else { return Ok(None) };
        let Some(bill) = live.bills.of(&event, id).await? else { return Ok(None) };
        let visible = live.billing.homes.sees(live.actor(), bill.customer_id, bill.property_id).await?;
        Ok(visible.then(|| Bill::from((*bill).clone())))
    });
    let told: BoxStream<'static, Told<Bill>> = told.await?;
    Ok(told.map(|told| told.map(BillEvent::from)).boxed())
}
