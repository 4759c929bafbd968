//! Payment methods as they change.

use async_graphql::{Context, Subscription};
use billow_billing::events::kind;
use billow_billing::{Actor, Scope};
use futures::StreamExt as _;

use crate::context::ContextExt as _;
use crate::follow::{Live, Stream, follow, telling};
use crate::methods::method::PaymentMethod;
use crate::refusal::Result;

telling! {
    /// Something happened to a payment method.
    PaymentMethodEvent {
        /// The method as it is now; null with a resync.
        payment_method: PaymentMethod
    }
}

/// What can be followed here.
#[derive(Default)]
pub(crate) struct MethodSubscriptions;

#[Subscription]
impl MethodSubscriptions {
    /// One's own payment methods as they are checked, made the default, renamed or removed.
    async fn payment_method_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<PaymentMethodEvent>> {
        let customer = ctx.actor().customer()?;
        let scope = ctx.billing().kernel.events.follow_scope(ctx.actor(), Scope::BillsRead)?;
        let told = follow(Live::of(ctx), scope, &[kind::METHOD_UPDATED], after.as_deref(), move |live, event| async move {
            let Ok(id) = event.subject.parse() else { return Ok(None) };
            let method = live.billing.methods.told_payment_method(&Actor::System, id).await?;
            Ok(method.filter(|method| method.customer_id == customer).map(PaymentMethod::from))
        });
        Ok(told.await?.map(|told| told.map(PaymentMethodEvent::from)).boxed())
    }
}
