//! Digesting a dead letter once more.

use async_graphql::{Context, ID, InputObject};

use crate::context::ContextExt as _;
use crate::ids::id_of;
use crate::operations::types::DeadLetter;
use crate::payload::payload;
use crate::refusal::Result;

/// Which dead letter is digested again.
#[derive(InputObject)]
pub(crate) struct ReplayDeadLetterInput {
    /// The letter.
    dead_letter_id: ID,
}

payload! {
    /// The letter as settled.
    ReplayDeadLetterPayload {
        /// The letter.
        dead_letter: Option<DeadLetter>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ReplayDeadLetterInput) -> Result<ReplayDeadLetterPayload> {
    let outcome = async { ctx.billing().operations.replay_dead_letter(ctx.actor(), id_of(&input.dead_letter_id, "dead letter")?).await };
    ReplayDeadLetterPayload::of(outcome.await, |row| ReplayDeadLetterPayload {
        dead_letter: Some(DeadLetter(row)),
        user_errors: Vec::new(),
    })
}
