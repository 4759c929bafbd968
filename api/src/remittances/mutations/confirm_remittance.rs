//! Noting that a provider was paid.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;
use crate::remittances::remittance::Remittance;

/// What a provider has received.
#[derive(InputObject)]
pub(crate) struct ConfirmRemittanceInput {
    /// The remittance: one that is `MANUAL`, `UNKNOWN`, or `SENT` for three days without an answer (`canDecide`).
    remittance_id: ID,
    /// The provider's word for it.
    provider_reference: String,
    /// How that is known. Required for one that is `SENT`.
    reason: Option<String>,
}

payload! {
    /// The remittance as confirmed.
    ConfirmRemittancePayload {
        /// The remittance.
        remittance: Option<Remittance>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ConfirmRemittanceInput) -> Result<ConfirmRemittancePayload> {
    let outcome = async {
        let id = id_of(&input.remittance_id, "remittance")?;
        ctx.billing().remittances.confirm_remittance(ctx.actor(), id, &input.provider_reference, input.reason.as_deref()).await
    };
    ConfirmRemittancePayload::of(outcome.await, |remittance| ConfirmRemittancePayload {
        remittance: Some(Remittance(remittance)),
        user_errors: Vec::new(),
    })
}
