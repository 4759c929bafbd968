//! Editing a provider.

use async_graphql::{Context, ID, InputObject};
use billow_billing::providers::UpdateProvider;

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::providers::mutations::register_provider::credentials;
use crate::providers::provider::Provider;
use crate::refusal::Result;
use crate::scalars::Json;

/// An edit; the definition that was in force is kept as a version.
#[derive(InputObject)]
pub(crate) struct UpdateProviderInput {
    /// Which provider.
    provider_id: ID,
    /// The version that was looked at; if it is no longer the newest, nothing is changed.
    expected_version: i32,
    /// The definition as it shall be, whole.
    definition: Json,
    /// Secrets to add or replace; others stay.
    #[graphql(secret)]
    credentials: Option<Json>,
    /// Names of secrets to remove.
    remove_credentials: Option<Vec<String>>,
    /// Why, in words for the next one.
    note: Option<String>,
}

payload! {
    /// The provider as edited.
    UpdateProviderPayload {
        /// The provider.
        provider: Option<Provider>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: UpdateProviderInput) -> Result<UpdateProviderPayload> {
    let outcome = async {
        let edit = UpdateProvider {
            id: id_of(&input.provider_id, "provider")?,
            expected_version: input.expected_version,
            definition: input.definition.0,
            credentials: credentials(input.credentials)?,
            remove_credentials: input.remove_credentials.unwrap_or_default(),
            note: input.note,
        };
        ctx.billing().providers.update_provider(ctx.actor(), edit).await
    };
    UpdateProviderPayload::of(outcome.await, |provider| UpdateProviderPayload { provider: Some(provider.into()), user_errors: Vec::new() })
}
