//! Utility accounts as they change.

use async_graphql::{Context, Subscription};
use billow_billing::events::{Event as LogEvent, kind};
use billow_billing::{Actor, Scope};
use futures::StreamExt as _;

use crate::accounts::account::UtilityAccount;
use crate::context::ContextExt as _;
use crate::follow::{Live, Stream, follow, telling};
use crate::refusal::Result;

telling! {
    /// Something happened to a utility account.
    UtilityAccountEvent {
        /// The account as it is now; null with a resync.
        utility_account: UtilityAccount
    }
}

/// What can be followed here.
#[derive(Default)]
pub(crate) struct AccountSubscriptions;

#[Subscription]
impl AccountSubscriptions {
    /// Utility accounts as they are added, changed, paused, closed or recharged, or need attention.
    async fn utility_account_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<UtilityAccountEvent>> {
        let scope = ctx.billing().kernel.events.follow_scope(ctx.actor(), Scope::BillsRead)?;
        let told = follow(Live::of(ctx), scope, ACCOUNT_KINDS, after.as_deref(), |live, event| async move {
            let id = match LogEvent::read(&event)? {
                Some(LogEvent::AccountUpdated(account)) => account.account_id,
                Some(LogEvent::RechargeUpdated(recharge)) => recharge.account_id,
                _ => return Ok(None),
            };
            let Some(account) = live.billing.accounts.told_account(&Actor::System, id).await? else { return Ok(None) };
            let visible = live.billing.homes.sees(live.actor(), account.customer_id, account.property_id).await?;
            Ok(visible.then(|| UtilityAccount::from(account)))
        });
        Ok(told.await?.map(|told| told.map(UtilityAccountEvent::from)).boxed())
    }
}

/// What changes what is shown of an account.
const ACCOUNT_KINDS: &[&str] = &[kind::ACCOUNT_UPDATED, kind::RECHARGE_UPDATED];
