//! Registering a provider.

use async_graphql::{Context, InputObject};
use billow_billing::Error;
use billow_billing::providers::Credentials;

use crate::context::ContextExt as _;
use crate::payload::payload;
use crate::providers::provider::Provider;
use crate::refusal::Result;
use crate::scalars::Json;

/// A provider to be: data only, no code.
#[derive(InputObject)]
pub(crate) struct RegisterProviderInput {
    /// The definition, whole.
    definition: Json,
    /// The secrets it names: an object of names and texts.
    #[graphql(secret)]
    credentials: Option<Json>,
}

payload! {
    /// The provider that was registered.
    RegisterProviderPayload {
        /// The provider.
        provider: Option<Provider>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RegisterProviderInput) -> Result<RegisterProviderPayload> {
    let outcome = async {
        let secrets = credentials(input.credentials)?;
        ctx.billing().providers.register_provider(ctx.actor(), input.definition.0, secrets).await
    };
    RegisterProviderPayload::of(outcome.await, |provider| RegisterProviderPayload {
        provider: Some(provider.into()),
        user_errors: Vec::new(),
    })
}

/// Secrets by name.
pub(crate) fn credentials(json: Option<Json>) -> billow_billing::Result<Credentials> {
    let map = match json.map(|json| json.0) {
        None | Some(serde_json::Value::Null) => return Ok(Credentials::new()),
        Some(serde_json::Value::Object(map)) => map,
        Some(_) => return Err(Error::invalid("INVALID", "credentials", "This must be an object of names and texts.")),
    };
    let mut secrets = Credentials::new();
    for (name, value) in map {
        let serde_json::Value::String(secret) = value else {
            return Err(Error::invalid("INVALID", &format!("credentials.{name}"), "A secret is a text."));
        };
        secrets.insert(name, secret.into());
    }
    Ok(secrets)
}
