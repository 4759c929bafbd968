//! Changing a gateway.

use async_graphql::{Context, ID, InputObject};
use billow_billing::gateways::UpdateGateway;

use crate::context::ContextExt as _;
use crate::gateways::gateway::Gateway;
use crate::gateways::mutations::gateway_input::{currencies, edited_credentials, milliseconds};
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;
use crate::scalars::{CurrencyCode, Json};
use crate::types::MethodKind;

/// What is to change; what is absent stays.
#[derive(InputObject)]
pub(crate) struct UpdateGatewayInput {
    /// The gateway.
    id: ID,
    /// What people call it.
    name: Option<String>,
    /// The lowest is tried first.
    rank: Option<i32>,
    /// What it takes; all where empty.
    currencies: Option<Vec<CurrencyCode>>,
    /// Which methods it takes.
    kinds: Option<Vec<MethodKind>>,
    /// Where its API begins.
    base_url: Option<String>,
    /// How long an answer may take, in milliseconds, 1,000 to 60,000.
    timeout_ms: Option<i32>,
    /// Whether its charges can be found by searching their metadata.
    searches: Option<bool>,
    /// Secrets to add or replace, and with null to remove; others stay.
    #[graphql(secret)]
    credentials: Option<Json>,
}

payload! {
    /// The gateway as changed.
    UpdateGatewayPayload {
        /// The gateway.
        gateway: Option<Gateway>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: UpdateGatewayInput) -> Result<UpdateGatewayPayload> {
    let outcome = async {
        let edit = UpdateGateway {
            id: id_of(&input.id, "gateway")?,
            name: input.name,
            rank: input.rank,
            currencies: input.currencies.as_deref().map(currencies).transpose()?,
            kinds: input.kinds.map(|kinds| kinds.into_iter().map(Into::into).collect()),
            base_url: input.base_url,
            timeout_ms: input.timeout_ms.map(milliseconds).transpose()?,
            searches: input.searches,
            credentials: edited_credentials(input.credentials)?,
        };
        ctx.billing().gateways.update_gateway(ctx.actor(), edit).await
    };
    UpdateGatewayPayload::of(outcome.await, |gateway| UpdateGatewayPayload { gateway: Some(gateway.into()), user_errors: Vec::new() })
}
