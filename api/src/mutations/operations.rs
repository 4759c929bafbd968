//! What the API changes about events that were not digested, about programs and staff.

use async_graphql::{Context, Object};

use super::{create_api_client, create_staff_user, disable_user, discard_dead_letter, enable_user, replay_dead_letter, revoke_api_client};
use crate::refusal::Result;

/// What the API changes about events that were not digested, about programs and staff.
#[derive(Default)]
pub(crate) struct OperationMutations;

#[Object]
impl OperationMutations {
    /// Digests an event once more that could not be digested. For staff.
    async fn replay_dead_letter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: replay_dead_letter::ReplayDeadLetterInput,
    ) -> Result<replay_dead_letter::ReplayDeadLetterPayload> {
        replay_dead_letter::run(ctx, input).await
    }

    /// Gives up an event that cannot be digested. For staff.
    async fn discard_dead_letter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: discard_dead_letter::DiscardDeadLetterInput,
    ) -> Result<discard_dead_letter::DiscardDeadLetterPayload> {
        discard_dead_letter::run(ctx, input).await
    }

    /// Gives a program a key. For administrators.
    async fn create_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: create_api_client::CreateApiClientInput,
    ) -> Result<create_api_client::CreateApiClientPayload> {
        create_api_client::run(ctx, input).await
    }

    /// Makes a program's key worthless at once; its sockets close. For administrators.
    async fn revoke_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: revoke_api_client::RevokeApiClientInput,
    ) -> Result<revoke_api_client::RevokeApiClientPayload> {
        revoke_api_client::run(ctx, input).await
    }

    /// Makes a member of staff. For administrators.
    async fn create_staff_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: create_staff_user::CreateStaffUserInput,
    ) -> Result<create_staff_user::CreateStaffUserPayload> {
        create_staff_user::run(ctx, input).await
    }

    /// Keeps somebody from signing in, and signs them out everywhere. For administrators.
    async fn disable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: disable_user::DisableUserInput,
    ) -> Result<disable_user::DisableUserPayload> {
        disable_user::run(ctx, input).await
    }

    /// Lets somebody who was disabled sign in again. For administrators.
    async fn enable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: enable_user::EnableUserInput,
    ) -> Result<enable_user::EnableUserPayload> {
        enable_user::run(ctx, input).await
    }
}
