//! Money as it moves.

use async_graphql::{Context, ID, Subscription as GraphqlSubscription};
use billow_billing::events::{Event, kind};
use billow_billing::{Actor, Scope};
use billow_entities::{Currency, PaymentId};
use futures::StreamExt as _;

use super::follow::{Live, beginning_with, follow};
use super::{Stream, visible};
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::methods::method::PaymentMethod;
use crate::payments::payment::Payment;
use crate::refusal::Result;
use crate::subscriptions::events::{PaymentEvent, PaymentMethodEvent, WalletEvent};
use crate::wallets::wallet::Wallet;

/// What can be followed of money.
#[derive(Default)]
pub(crate) struct MoneySubscriptions;

#[GraphqlSubscription]
impl MoneySubscriptions {
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
        // Only after listening has begun, so that nothing falls between.
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

    /// One's own wallets as they move.
    async fn wallet_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<WalletEvent>> {
        let customer = ctx.actor().customer()?;
        let scope = ctx.billing().kernel.events.follow_scope(ctx.actor(), Scope::BillsRead)?;
        let told = follow(Live::of(ctx), scope, &[kind::WALLET_UPDATED], after.as_deref(), move |live, event| async move {
            let Some(Event::WalletUpdated(data)) = Event::read(&event)? else { return Ok(None) };
            let currency = data.currency.parse::<Currency>().ok();
            let Some(currency) = currency.filter(|_| event.customer_id == Some(customer)) else { return Ok(None) };
            let balance = live.billing.ledger.told_wallet(&Actor::System, customer, currency).await?;
            Ok(Some(Wallet { customer, balance }))
        });
        Ok(told.await?.map(|told| told.map(WalletEvent::from)).boxed())
    }

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
