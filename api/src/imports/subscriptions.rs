//! Imports as they come further.

use async_graphql::{Context, ID, Subscription};
use billow_billing::Scope;
use billow_billing::events::kind;
use billow_entities::ImportRunId;
use futures::StreamExt as _;

use crate::context::ContextExt as _;
use crate::follow::{Live, Stream, beginning_with, follow, telling, visible};
use crate::ids::id_of;
use crate::imports::types::ImportRun;
use crate::refusal::Result;

telling! {
    /// An import came further.
    ImportRunEvent {
        /// The import as it is now; null with a resync.
        import_run: ImportRun
    }
}

/// What can be followed here.
#[derive(Default)]
pub(crate) struct ImportSubscriptions;

#[Subscription]
impl ImportSubscriptions {
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
        let told = follow(Live::of(ctx), scope, &[kind::IMPORT_PROGRESS], after.as_deref(), move |live, event| {
            let other = subject != event.subject;
            async move {
                if other {
                    return Ok(None);
                }
                visible(live.billing.imports.import_run(live.actor(), wanted).await, ImportRun)
            }
        });
        // Read only after listening has started, so that no event is missed in between.
        let told = told.await?;
        let now = billing.imports.import_run(actor, wanted).await?;
        let told = if after.is_none() { beginning_with(Some(ImportRun(now)), position, told) } else { told };
        Ok(told.map(|told| told.map(ImportRunEvent::from)).boxed())
    }
}
