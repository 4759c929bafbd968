//! Sending the code of a recharge once more.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::field_id;
use crate::payload::payload;
use crate::refusal::Result;
use crate::remittances::remittance::Remittance;

/// Which code.
#[derive(InputObject)]
pub(crate) struct RedeliverVoucherInput {
    /// The remittance that holds it.
    remittance_id: ID,
}

payload! {
    /// The code was sent once more.
    RedeliverVoucherPayload {
        /// The remittance that holds it.
        remittance: Option<Remittance>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: RedeliverVoucherInput) -> Result<RedeliverVoucherPayload> {
    let outcome = async {
        let id = field_id(&input.remittance_id, "remittanceId")?;
        ctx.billing().messages.redeliver_voucher(ctx.actor(), id).await
    };
    RedeliverVoucherPayload::of(outcome.await, |row| RedeliverVoucherPayload { remittance: Some(Remittance(row)), user_errors: Vec::new() })
}
