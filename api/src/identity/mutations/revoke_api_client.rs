//! Revoking an API key.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::identity::types::ApiClient;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

/// Whose key is worth nothing from now on.
#[derive(InputObject)]
pub(crate) struct RevokeApiClientInput {
    /// The program.
    api_client_id: ID,
}

payload! {
    /// The program without its key.
    RevokeApiClientPayload {
        /// The program.
        api_client: Option<ApiClient>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RevokeApiClientInput) -> Result<RevokeApiClientPayload> {
    let outcome = async { ctx.billing().identity.revoke_api_client(ctx.actor(), id_of(&input.api_client_id, "API client")?).await };
    RevokeApiClientPayload::of(outcome.await, |row| {
        ctx.identities().forget();
        RevokeApiClientPayload { api_client: Some(ApiClient(row)), user_errors: Vec::new() }
    })
}
