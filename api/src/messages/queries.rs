//! The inbox.

use async_graphql::{Context, Object};

use crate::connection::{Connection, page};
use crate::context::ContextExt as _;
use crate::messages::types::Notification;
use crate::refusal::Result;

#[derive(Default)]
pub(crate) struct MessageQueries;

#[Object]
impl MessageQueries {
    /// One's own messages, the newest first.
    #[graphql(complexity = "crate::connection::page_cost(first, child_complexity)")]
    async fn notifications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that are unread.")] unread_only: Option<bool>,
        #[graphql(desc = "How many, 1 to 100; 20 where absent.")] first: Option<i32>,
        #[graphql(desc = "The cursor after which to begin.")] after: Option<String>,
    ) -> Result<Connection<Notification>> {
        let messages = ctx.billing().messages.notifications(ctx.actor(), unread_only.unwrap_or(false), page(first, after)).await?;
        Ok(Connection::of(messages, Notification))
    }
}
