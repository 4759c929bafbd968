//! Payments as they come further.

use async_graphql::{Context, ID, Subscription};
use billow_billing::Scope;
use billow_billing::events::kind;
use billow_entities::PaymentId;
use futures::StreamExt as _;

use crate::context::ContextExt as _;
use crate::follow::{Live, Stream, beginning_with, follow, telling, visible};
use crate::ids::id_of;
use crate::payments::payment::Payment;
use crate::refusal::Result;

telling! {
    /// Something happened to a payment.
    PaymentEvent {
        /// The payment as it is now; null with a resync.
        payment: Payment
    }
}

/// What can be followed here.
#[derive(Default)]
pub(crate) struct PaymentSubscriptions;

#[Subscription]
impl PaymentSubscriptions {
    /// Payments as they come further, the one asked for as it is now first: one's own, for staff all.
    async fn payment_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payment.")] id: Option<ID>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<PaymentEvent>> {
        let (billing, actor) = (ctx.billing(), ctx.actor());
        actor.user()?;
        let scope = billing.kernel.events.follow_scope(actor, Scope::BillsRead)?;
        let wanted: Option<PaymentId> = id.as_ref().map(|id| id_of(id, "payment")).transpose()?;
        let subject = wanted.map(|id| id.to_string());
        let position = billing.kernel.events.hub.position();
        let told = follow(Live::of(ctx), scope, &[kind::PAYMENT_UPDATED], after.as_deref(), move |live, event| {
            let other = subject.as_ref().is_some_and(|subject| *subject != event.subject);
            async move {
                let Some(id) = event.subject.parse().ok().filter(|_| !other) else { return Ok(None) };
                visible(live.billing.payments.payment(live.actor(), id).await, Payment::from)
            }
        });
        // Read only after listening has started, so that no event is missed in between.
        let told = told.await?;
        let told = match wanted {
            Some(id) => {
                let now = billing.payments.payment(actor, id).await?;
                if after.is_none() { beginning_with(Some(Payment::from(now)), position, told) } else { told }
            }
            None => told,
        };
        Ok(told.map(|told| told.map(PaymentEvent::from)).boxed())
    }
}
