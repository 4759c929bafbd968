//! What the API changes about passwords and addresses by mailed links.

use async_graphql::{Context, Object};

use super::{confirm_email, request_password_reset, reset_password, send_password_reset};
use crate::refusal::Result;

/// What the API changes about passwords and addresses by mailed links.
#[derive(Default)]
pub(crate) struct WayInMutations;

#[Object]
impl WayInMutations {
    /// Mails a link to set a new password, if somebody signs in with the address. The answer is the same if nobody does.
    /// A person who was onboarded and has no password yet gets their invitation again.
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address.")] input: request_password_reset::RequestPasswordResetInput,
    ) -> Result<request_password_reset::RequestPasswordResetPayload> {
        request_password_reset::run(ctx, input).await
    }

    /// Sets a new password with the token of a mailed link, and ends every sign-in. A second factor stays.
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token and the password.")] input: reset_password::ResetPasswordInput,
    ) -> Result<reset_password::ResetPasswordPayload> {
        reset_password::run(ctx, input).await
    }

    /// Mails somebody a link to set a new password. For operators; for members of staff by administrators.
    async fn send_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person.")] input: send_password_reset::SendPasswordResetInput,
    ) -> Result<send_password_reset::SendPasswordResetPayload> {
        send_password_reset::run(ctx, input).await
    }

    /// Confirms an e-mail address with the token of a mailed link. No sign-in is needed.
    async fn confirm_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token.")] input: confirm_email::ConfirmEmailInput,
    ) -> Result<confirm_email::ConfirmEmailPayload> {
        confirm_email::confirm(ctx, input).await
    }

    /// Mails the link to confirm the caller's address again. The link before it stops working.
    async fn resend_email_confirmation(&self, ctx: &Context<'_>) -> Result<confirm_email::ResendEmailConfirmationPayload> {
        confirm_email::resend(ctx).await
    }

    /// Restores the former address with the token of the link that was mailed there, ends every sign-in, and mails a link to
    /// set a new password.
    async fn undo_email_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token.")] input: confirm_email::UndoEmailChangeInput,
    ) -> Result<confirm_email::UndoEmailChangePayload> {
        confirm_email::undo(ctx, input).await
    }
}
