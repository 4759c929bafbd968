//! Making a link by which anybody can pay a bill.

use async_graphql::{Context, ID, InputObject};
use billow_billing::identity::Budget;

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;
use crate::scalars::Instant;

/// Which bill others may pay.
#[derive(InputObject)]
pub(crate) struct CreatePayLinkInput {
    /// The bill.
    bill_id: ID,
}

payload! {
    /// The link.
    CreatePayLinkPayload {
        /// The link: whoever has it can see the bill's amount and pay it.
        url: Option<String>,
        /// Until when it leads there.
        expires_at: Option<Instant>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: CreatePayLinkInput) -> Result<CreatePayLinkPayload> {
    let outcome = async {
        let bill = id_of(&input.bill_id, "bill")?;
        ctx.spend(Budget::PayLinks).await?;
        ctx.billing().payments.create_pay_link(ctx.actor(), bill).await
    };
    CreatePayLinkPayload::of(outcome.await, |link| CreatePayLinkPayload {
        url: Some(link.url),
        expires_at: Some(Instant(link.expires_at)),
        user_errors: Vec::new(),
    })
}
