//! Making an API key.

use async_graphql::{Context, ID, InputObject};
use billow_billing::identity::{ExposeSecret as _, NewApiClient};

use crate::context::ContextExt as _;
use crate::identity::types::ApiClient;
use crate::ids::optional_id;
use crate::payload::payload;
use crate::refusal::Result;
use crate::types::ApiScope;

/// A program that is to have a key.
#[derive(InputObject)]
pub(crate) struct CreateApiClientInput {
    /// What it is called.
    name: String,
    /// What it may do.
    scopes: Vec<ApiScope>,
    /// For posting bills: the one provider whose bills they are.
    provider_id: Option<ID>,
}

payload! {
    /// The program with its key.
    CreateApiClientPayload {
        /// The program.
        api_client: Option<ApiClient>,
        /// Its key, told this once. Send it as `Authorization: Bearer …`.
        key: Option<String>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: CreateApiClientInput) -> Result<CreateApiClientPayload> {
    let outcome = async {
        let new = NewApiClient {
            name: input.name,
            scopes: input.scopes.into_iter().map(Into::into).collect(),
            provider_id: optional_id(input.provider_id.as_ref(), "providerId")?,
        };
        ctx.billing().identity.create_api_client(ctx.actor(), new).await
    };
    CreateApiClientPayload::of(outcome.await, |(row, key)| CreateApiClientPayload {
        api_client: Some(ApiClient(row)),
        key: Some(key.expose_secret().to_owned()),
        user_errors: Vec::new(),
    })
}
