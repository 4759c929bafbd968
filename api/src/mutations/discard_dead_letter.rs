//! Giving a dead letter up.

use async_graphql::{Context, ID, InputObject};

use super::payload::payload;
use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::refusal::Result;
use crate::types::operations::DeadLetter;

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

pub(super) async fn run(ctx: &Context<'_>, input: DiscardDeadLetterInput) -> Result<DiscardDeadLetterPayload> {
    let outcome = async {
        let id = id_of(&input.dead_letter_id, "dead letter")?;
        ctx.billing().operations.discard_dead_letter(ctx.actor(), id, input.reason.as_deref()).await
    };
    DiscardDeadLetterPayload::of(outcome.await, |row| DiscardDeadLetterPayload {
        dead_letter: Some(DeadLetter(row)),
        user_errors: Vec::new(),
    })
}
