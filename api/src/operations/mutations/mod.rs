//! What the API changes about looking after the instance: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod discard_dead_letter;
pub(crate) mod replay_dead_letter;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about looking after the instance.
#[derive(Default)]
pub(crate) struct OperationsMutations;

#[Object]
impl OperationsMutations {
    /// Digests an event once more that could not be digested. For staff.
    async fn replay_dead_letter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: replay_dead_letter::ReplayDeadLetterInput,
    ) -> Result<replay_dead_letter::ReplayDeadLetterPayload> {
        replay_dead_letter::run(ctx, input).await
    }

    /// Gives up an event that cannot be digested. For staff.
    async fn discard_dead_letter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: discard_dead_letter::DiscardDeadLetterInput,
    ) -> Result<discard_dead_letter::DiscardDeadLetterPayload> {
        discard_dead_letter::run(ctx, input).await
    }
}
