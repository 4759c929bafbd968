//! Bills as they come and change.

use async_graphql::{Context, Subscription};
use billow_billing::Scope;
use billow_billing::events::kind;
use futures::StreamExt as _;
use futures::stream::BoxStream;

use crate::bills::bill::Bill;
use crate::context::ContextExt as _;
use crate::follow::{Live, Stream, Told, follow, telling};
use crate::refusal::Result;

telling! {
    /// Something happened to a bill.
    BillEvent {
        /// The bill as it is now; null with a resync.
        bill: Bill
    }
}

/// What can be followed here.
#[derive(Default)]
pub(crate) struct BillSubscriptions;

#[Subscription]
impl BillSubscriptions {
    /// Bills as they come: one's own and those of one's homes; for staff and programs with `bills:read` all.
    async fn bill_received(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<BillEvent>> {
        bills(ctx, &[kind::BILL_RECEIVED], after.as_deref()).await
    }

    /// Bills as they are corrected, paid, withdrawn or replaced.
    async fn bill_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<BillEvent>> {
        bills(ctx, &[kind::BILL_UPDATED], after.as_deref()).await
    }
}

/// Bills to which something of `kinds` happens.
async fn bills(ctx: &Context<'_>, kinds: &'static [&'static str], after: Option<&str>) -> Result<Stream<BillEvent>> {
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
