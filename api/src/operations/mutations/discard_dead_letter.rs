//! Giving a dead letter up.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::operations::types::DeadLetter;
use crate::payload::payload;
use crate::refusal::Result;

/// Which dead letter is given up.
#[derive(InputObject)]
pub(crate) struct DiscardDeadLetterInput {
    /// The letter.
    dead_letter_id: ID,
    /// Why.
    reason: Option<String>,
}

payload! {
    /// The letter as settled.
    DiscardDeadLetterPayload {
        /// The letter.
        dead_letter: Option<DeadLetter>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: DiscardDeadLetterInput) -> Result<DiscardDeadLetterPayload> {
    let outcome = async {
        let id = id_of(&input.dead_letter_id, "dead letter")?;
        ctx.billing().operations.discard_dead_letter(ctx.actor(), id, input.reason.as_deref()).await
    };
    DiscardDeadLetterPayload::of(outcome.await, |row| DiscardDeadLetterPayload {
        dead_letter: Some(DeadLetter(row)),
        user_errors: Vec::new(),
    })
}
