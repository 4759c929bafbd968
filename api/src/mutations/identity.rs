//! What the API changes about who signs in.

use async_graphql::{Context, Object};

use super::{change_password, revoke_other_sessions, revoke_session, sign_in, sign_out, sign_up};
use crate::refusal::Result;

/// What the API changes about who signs in.
#[derive(Default)]
pub(crate) struct IdentityMutations;

#[Object]
impl IdentityMutations {
    /// Signs up: makes a customer who can sign in, or claims one who was onboarded, and signs them in.
    async fn sign_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: sign_up::SignUpInput,
    ) -> Result<sign_up::SignUpPayload> {
        sign_up::run(ctx, input).await
    }

    /// Signs in with e-mail address and password.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: sign_in::SignInInput,
    ) -> Result<sign_in::SignInPayload> {
        sign_in::run(ctx, input).await
    }

    /// Ends the sign-in by which this is asked; its sockets close.
    async fn sign_out(&self, ctx: &Context<'_>) -> Result<sign_out::SignOutPayload> {
        sign_out::run(ctx).await
    }

    /// Ends one of one's own sign-ins; its sockets close.
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: revoke_session::RevokeSessionInput,
    ) -> Result<revoke_session::RevokeSessionPayload> {
        revoke_session::run(ctx, input).await
    }

    /// Ends all of one's own sign-ins but the one by which this is asked; their sockets close.
    async fn revoke_other_sessions(&self, ctx: &Context<'_>) -> Result<revoke_other_sessions::RevokeOtherSessionsPayload> {
        revoke_other_sessions::run(ctx).await
    }

    /// Changes one's own password and ends one's other sign-ins.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: change_password::ChangePasswordInput,
    ) -> Result<change_password::ChangePasswordPayload> {
        change_password::run(ctx, input).await
    }
}
