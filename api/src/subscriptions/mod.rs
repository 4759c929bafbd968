//! What can be followed. A subscription resumes after a cursor, and says so when it cannot.

mod bills;
pub(crate) mod events;
pub(crate) mod follow;
mod money;

use async_graphql::{Context, ID, MergedSubscription, Subscription as GraphqlSubscription};
use billow_billing::events::{Event as LogEvent, kind};
use billow_billing::{Actor, Scope};
use billow_entities::{FetchRunId, ImportRunId};
use futures::StreamExt as _;
use futures::stream::BoxStream;

use self::follow::{Live, beginning_with};
use crate::accounts::account::UtilityAccount;
use crate::context::ContextExt as _;
use crate::fetching::types::FetchRun;
use crate::ids::id_of;
use crate::imports::types::ImportRun;
use crate::messages::types::Notification;
use crate::operations::types::{Event, event_types};
use crate::providers::provider::Provider;
use crate::refusal::Result;
use crate::subscriptions::events::{
    BillEvent, EventEvent, FetchRunEvent, ImportRunEvent, NotificationEvent, ProviderEvent, UtilityAccountEvent,
};

/// What changes what is shown of an account.
const ACCOUNT_KINDS: &[&str] = &[kind::ACCOUNT_UPDATED, kind::RECHARGE_UPDATED];

type Stream<T> = BoxStream<'static, std::result::Result<T, async_graphql::Error>>;

/// What can be followed: over `graphql-transport-ws` at `/graphql/ws`. Each answer has a cursor; whoever subscribes again
/// after it misses nothing.
#[derive(MergedSubscription, Default)]
pub(crate) struct Subscription(HouseSubscriptions, money::MoneySubscriptions);

/// What can be followed besides money.
#[derive(Default)]
pub(crate) struct HouseSubscriptions;

#[GraphqlSubscription]
impl HouseSubscriptions {
    /// Bills as they come: one's own and those of one's homes; for staff and programs with `bills:read` all.
    async fn bill_received(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<BillEvent>> {
        bills::bills(ctx, &[kind::BILL_RECEIVED], after.as_deref()).await
    }

    /// Bills as they are corrected, paid, withdrawn or replaced.
    async fn bill_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<BillEvent>> {
        bills::bills(ctx, &[kind::BILL_UPDATED], after.as_deref()).await
    }

    /// Utility accounts as they are added, mended, paused, closed or recharged, or need attention.
    async fn utility_account_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<UtilityAccountEvent>> {
        let scope = ctx.billing().kernel.events.follow_scope(ctx.actor(), Scope::BillsRead)?;
        let told = follow::follow(Live::of(ctx), scope, ACCOUNT_KINDS, after.as_deref(), |live, event| async move {
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

    /// Messages as they come into one's inbox.
    async fn notification_received(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<NotificationEvent>> {
        ctx.actor().user()?;
        let scope = ctx.billing().kernel.events.follow_scope(ctx.actor(), Scope::BillsRead)?;
        let told = follow::follow(Live::of(ctx), scope, &[kind::NOTIFICATION_CREATED], after.as_deref(), |live, event| async move {
            let Some(LogEvent::NotificationCreated(data)) = LogEvent::read(&event)? else { return Ok(None) };
            let (own, to) = (live.actor().user()?, data.user_id);
            // Nobody reads messages from the database to find that they are somebody else's.
            if to.is_some_and(|to| to != own) || (to.is_none() && event.customer_id != live.actor().customer().ok()) {
                return Ok(None);
            }
            visible(live.billing.messages.notification(live.actor(), data.notification_id).await, Notification)
        });
        Ok(told.await?.map(|told| told.map(NotificationEvent::from)).boxed())
    }

    /// Fetch runs as they come further, the one asked for as it is now first; without an id all that one may watch.
    async fn fetch_run_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which run.")] id: Option<ID>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<FetchRunEvent>> {
        let (billing, actor) = (ctx.billing(), ctx.actor());
        let scope = billing.kernel.events.follow_scope(actor, Scope::BillsRead)?;
        let wanted: Option<FetchRunId> = id.as_ref().map(|id| id_of(id, "fetch run")).transpose()?;
        let subject = wanted.map(|id| id.to_string());
        let position = billing.kernel.events.hub.position();
        let told = follow::follow(Live::of(ctx), scope, &[kind::FETCH_RUN_PROGRESS], after.as_deref(), move |live, event| {
            let other = subject.as_ref().is_some_and(|subject| *subject != event.subject);
            async move {
                let Some(id) = event.subject.parse().ok().filter(|_| !other) else { return Ok(None) };
                visible(live.billing.fetching.fetch_run(live.actor(), id).await, FetchRun)
            }
        });
        let told = told.await?;
        let told = match wanted.filter(|_| after.is_none()) {
            Some(id) => beginning_with(Some(FetchRun(billing.fetching.fetch_run(actor, id).await?)), position, told),
            None => told,
        };
        Ok(told.map(|told| told.map(FetchRunEvent::from)).boxed())
    }

    /// An import as it comes further, as it is now first. For staff.
    async fn import_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which import.")] id: ID,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<ImportRunEvent>> {
        let (billing, actor) = (ctx.billing(), ctx.actor());
        let wanted: ImportRunId = id_of(&id, "import")?;
        let scope = billing.kernel.events.follow_scope(actor, Scope::EventsRead)?;
        let subject = wanted.to_string();
        let position = billing.kernel.events.hub.position();
        let told = follow::follow(Live::of(ctx), scope, &[kind::IMPORT_PROGRESS], after.as_deref(), move |live, event| {
            let other = subject != event.subject;
            async move {
                if other {
                    return Ok(None);
                }
                visible(live.billing.imports.import_run(live.actor(), wanted).await, ImportRun)
            }
        });
        // Only after listening has begun, so that nothing falls between.
        let told = told.await?;
        let now = billing.imports.import_run(actor, wanted).await?;
        let told = if after.is_none() { beginning_with(Some(ImportRun(now)), position, told) } else { told };
        Ok(told.map(|told| told.map(ImportRunEvent::from)).boxed())
    }

    /// Providers as they are registered, edited or paused, or their circuits open and close. For staff.
    async fn provider_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
    ) -> Result<Stream<ProviderEvent>> {
        let scope = ctx.billing().kernel.events.follow_everything(ctx.actor())?;
        let told = follow::follow(Live::of(ctx), scope, &[kind::PROVIDER_UPDATED], after.as_deref(), |live, event| async move {
            let Ok(id) = event.subject.parse() else { return Ok(None) };
            Ok(live.billing.providers.told_provider(&Actor::System, id).await?.map(Provider::from))
        });
        Ok(told.await?.map(|told| told.map(ProviderEvent::from)).boxed())
    }

    /// The event log itself, and without `after` first, with no event, where listening began: what was read before that
    /// answer is to be read again. For staff and programs with `events:read`.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor after which to begin; what comes from now on where absent.")] after: Option<String>,
        #[graphql(desc = "Kinds, such as bill.updated; all where absent.")] kinds: Option<Vec<String>>,
        #[graphql(desc = "What happened, such as bill.paid: names of eventTypes; whatever it was where absent.")] types: Option<
            Vec<String>,
        >,
    ) -> Result<Stream<EventEvent>> {
        let scope = ctx.billing().kernel.events.follow_everything(ctx.actor())?;
        let (kinds, types) = (kinds.unwrap_or_default(), event_types(types.unwrap_or_default())?);
        let position = ctx.billing().kernel.events.hub.position();
        let told = follow::follow(Live::of(ctx), scope, &[], after.as_deref(), move |_, event| {
            let is = || LogEvent::read(&event).ok().flatten().and_then(|event| event.external());
            let wanted =
                (kinds.is_empty() || kinds.contains(&event.kind)) && (types.is_empty() || is().is_some_and(|is| types.contains(&is)));
            async move { Ok(wanted.then_some(Event(event))) }
        });
        let told = told.await?;
        let told = if after.is_none() { beginning_with(None, position, told) } else { told };
        Ok(told.map(|told| told.map(EventEvent::from)).boxed())
    }
}

/// The node, unless it is not, or no longer, there for whoever follows.
fn visible<M, N>(found: billow_billing::Result<M>, node: impl FnOnce(M) -> N) -> billow_billing::Result<Option<N>> {
    use billow_billing::Error;
    match found {
        Ok(model) => Ok(Some(node(model))),
        Err(Error::NotFound(_) | Error::Forbidden) => Ok(None),
        Err(error) => Err(error),
    }
}
