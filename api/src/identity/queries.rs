//! Who asks, and who else there is.

use async_graphql::{Context, ID, Object};

use crate::connection::page;
use crate::context::ContextExt as _;
use crate::identity::types::{ApiClient, User};
use crate::identity::viewer::Viewer;
use crate::node::{self, Node};
use crate::refusal::Result;

#[derive(Default)]
pub(crate) struct IdentityQueries;

#[Object]
impl IdentityQueries {
    /// Whoever asks; null when nobody is signed in.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Viewer> {
        Viewer::of(ctx.actor())
    }

    /// Whether people can sign up without an invitation.
    async fn sign_up_open(&self, ctx: &Context<'_>) -> bool {
        ctx.billing().kernel.settings.sign_up_open
    }

    /// Anything by its id; null when there is no such thing for whoever asks.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The id.")] id: ID) -> Result<Option<Node>> {
        node::find(ctx, &id).await
    }

    /// The programs with API keys, the newest first; at most a hundred. For administrators.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn api_clients(&self, ctx: &Context<'_>) -> Result<Vec<ApiClient>> {
        let clients = ctx.billing().identity.api_clients(ctx.actor(), page(Some(100), None)).await?;
        Ok(clients.items.into_iter().map(|(_, row)| ApiClient(row)).collect())
    }

    /// Operators and administrators, the newest first; at most a hundred. For administrators.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn staff(&self, ctx: &Context<'_>) -> Result<Vec<User>> {
        let staff = ctx.billing().identity.staff(ctx.actor(), page(Some(100), None)).await?;
        Ok(staff.items.into_iter().map(|(_, row)| User(row)).collect())
    }
}
