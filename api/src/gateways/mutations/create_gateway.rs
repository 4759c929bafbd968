//! Setting a gateway up.

use async_graphql::{Context, InputObject};
use billow_billing::gateways::NewGateway;
use billow_billing::ports::GatewaySettings;

use crate::context::ContextExt as _;
use crate::gateways::gateway::Gateway;
use crate::gateways::mutations::gateway_input::{ALL_KINDS, RANK, TIMEOUT_MS, currencies, milliseconds};
use crate::payload::payload;
use crate::providers::mutations::register_provider::credentials;
use crate::refusal::Result;
use crate::scalars::{CurrencyCode, Json};
use crate::types::{GatewayAdapter, MethodKind};

/// A gateway to be.
#[derive(InputObject)]
pub(crate) struct CreateGatewayInput {
    /// Its short unique name, which is a part of its webhook address: `a` to `z`, digits and dashes.
    code: String,
    /// What people call it.
    name: String,
    /// How Billow talks to it.
    adapter: GatewayAdapter,
    /// The lowest is tried first; 100 where absent.
    rank: Option<i32>,
    /// What it takes; all where absent or empty.
    currencies: Option<Vec<CurrencyCode>>,
    /// Which methods it takes; all where absent.
    kinds: Option<Vec<MethodKind>>,
    /// Where its API begins: `https://api.stripe.com`.
    base_url: String,
    /// How long an answer may take, in milliseconds, 1,000 to 60,000; 20,000 where absent.
    timeout_ms: Option<i32>,
    /// Whether its charges can be found by searching their metadata; yes where absent.
    searches: Option<bool>,
    /// Its secrets: an object with `secret_key` and `webhook_secret`.
    #[graphql(secret)]
    credentials: Option<Json>,
}

payload! {
    /// The gateway that was added; it is paused.
    CreateGatewayPayload {
        /// The gateway.
        gateway: Option<Gateway>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: CreateGatewayInput) -> Result<CreateGatewayPayload> {
    let outcome = async {
        let new = NewGateway {
            code: input.code,
            name: input.name,
            adapter: input.adapter.into(),
            rank: input.rank.unwrap_or(RANK),
            currencies: currencies(input.currencies.as_deref().unwrap_or_default())?,
            kinds: input.kinds.map_or_else(|| ALL_KINDS.to_vec(), |kinds| kinds.into_iter().map(Into::into).collect()),
            settings: GatewaySettings {
                base_url: input.base_url,
                timeout_ms: input.timeout_ms.map_or(Ok(TIMEOUT_MS), milliseconds)?,
                searches: input.searches.unwrap_or(true),
            },
            credentials: credentials(input.credentials)?.into_iter().collect(),
        };
        ctx.billing().gateways.create_gateway(ctx.actor(), new).await
    };
    CreateGatewayPayload::of(outcome.await, |gateway| CreateGatewayPayload { gateway: Some(gateway.into()), user_errors: Vec::new() })
}
