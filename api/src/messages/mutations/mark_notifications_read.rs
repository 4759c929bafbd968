//! Reading one's messages.

use async_graphql::{Context, ID, OneofObject};
use billow_billing::Error;
use billow_billing::messages::Marked;

use crate::context::ContextExt as _;
use crate::ids::field_id;
use crate::payload::payload;
use crate::refusal::Result;
use crate::scalars::count;

/// Which messages become read.
#[derive(OneofObject)]
pub(crate) enum MarkNotificationsReadInput {
    /// These; others' are left alone.
    Ids(Vec<ID>),
    /// All, where true.
    All(bool),
}

payload! {
    /// The inbox as it is now.
    MarkNotificationsReadPayload {
        /// How many messages are unread now.
        unread_notifications: i32,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: MarkNotificationsReadInput) -> Result<MarkNotificationsReadPayload> {
    let outcome = async {
        let marked = match &input {
            MarkNotificationsReadInput::Ids(ids) => {
                Marked::These(ids.iter().map(|id| field_id(id, "ids")).collect::<billow_billing::Result<_>>()?)
            }
            MarkNotificationsReadInput::All(true) => Marked::All,
            MarkNotificationsReadInput::All(false) => return Err(Error::invalid("INVALID", "all", "Say true, or name the messages.")),
        };
        ctx.billing().messages.mark_read(ctx.actor(), marked).await?;
        ctx.billing().messages.unread_count(ctx.actor()).await
    };
    MarkNotificationsReadPayload::of(outcome.await, |unread| MarkNotificationsReadPayload {
        unread_notifications: count(unread),
        user_errors: Vec::new(),
    })
}
