//! Wallets as they move.

use async_graphql::{Context, Subscription};
use billow_billing::events::{Event, kind};
use billow_billing::{Actor, Scope};
use billow_entities::Currency;
use futures::StreamExt as _;

use crate::context::ContextExt as _;
use crate::follow::{Live, Stream, follow, telling};
use crate::refusal::Result;
use crate::wallets::wallet::Wallet;

telling! {
    /// A wallet moved.
    WalletEvent {
        /// The wallet as it is now; null with a resync.
        wallet: Wallet
    }
}

/// What can be followed here.
#[derive(Default)]
pub(crate) struct WalletSubscriptions;

#[Subscription]
impl WalletSubscriptions {
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
}
