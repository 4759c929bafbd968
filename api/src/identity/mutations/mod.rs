//! What the API changes about people who sign in: one mutation per file.
//!
//! A mutation translates its input, makes one call to the business, and translates the result. What the caller can correct is
//! data in `userErrors`; only faults, and a missing sign-in, are errors of the whole field.

pub(crate) mod change_password;
pub(crate) mod complete_sign_in;
pub(crate) mod confirm_email;
pub(crate) mod confirm_identity;
pub(crate) mod confirm_totp_setup;
pub(crate) mod create_api_client;
pub(crate) mod create_staff_user;
pub(crate) mod disable_user;
pub(crate) mod enable_user;
pub(crate) mod factor_input;
pub(crate) mod passkeys;
pub(crate) mod remove_totp;
pub(crate) mod renew_recovery_codes;
pub(crate) mod request_password_reset;
pub(crate) mod reset_password;
pub(crate) mod reset_second_factor;
pub(crate) mod revoke_api_client;
pub(crate) mod revoke_other_sessions;
pub(crate) mod revoke_session;
pub(crate) mod send_password_reset;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod sign_out_everywhere;
pub(crate) mod sign_up;
pub(crate) mod signed_in;
pub(crate) mod start_totp_setup;

use async_graphql::{Context, Object};

use crate::refusal::Result;

/// What the API changes about people who sign in.
#[derive(Default)]
pub(crate) struct IdentityMutations;

#[Object]
impl IdentityMutations {
    /// Signs up: makes a customer who can sign in, or claims one who was onboarded, and signs them in.
    async fn sign_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: sign_up::SignUpInput,
    ) -> Result<sign_up::SignUpPayload> {
        sign_up::run(ctx, input).await
    }

    /// Signs in with e-mail address and password.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: sign_in::SignInInput,
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
        #[graphql(desc = "The input.")] input: revoke_session::RevokeSessionInput,
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
        #[graphql(desc = "The input.")] input: change_password::ChangePasswordInput,
    ) -> Result<change_password::ChangePasswordPayload> {
        change_password::run(ctx, input).await
    }

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

    /// Finishes a sign-in that asked for a second factor.
    async fn complete_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The challenge and the second factor.")] input: complete_sign_in::CompleteSignInInput,
    ) -> Result<complete_sign_in::CompleteSignInPayload> {
        complete_sign_in::run(ctx, input).await
    }

    /// Starts adding an authenticator app. It counts after `confirmTotpSetup`; starting again makes a new secret. Needs a
    /// recent confirmation.
    async fn start_totp_setup(&self, ctx: &Context<'_>) -> Result<start_totp_setup::StartTotpSetupPayload> {
        start_totp_setup::run(ctx).await
    }

    /// Finishes adding an authenticator app with its first code. Needs a recent confirmation.
    async fn confirm_totp_setup(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: confirm_totp_setup::ConfirmTotpSetupInput,
    ) -> Result<confirm_totp_setup::ConfirmTotpSetupPayload> {
        confirm_totp_setup::run(ctx, input).await
    }

    /// Removes the authenticator app. Needs a recent confirmation.
    async fn remove_totp(&self, ctx: &Context<'_>) -> Result<remove_totp::RemoveTotpPayload> {
        remove_totp::run(ctx).await
    }

    /// Makes ten new recovery codes; the old ones no longer work. Needs a recent confirmation.
    async fn renew_recovery_codes(&self, ctx: &Context<'_>) -> Result<renew_recovery_codes::RenewRecoveryCodesPayload> {
        renew_recovery_codes::run(ctx).await
    }

    /// Confirms the current session, for operations that answered `CONFIRMATION_REQUIRED`. Where a second factor is set up,
    /// it must be used; otherwise the password.
    async fn confirm_identity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The proof.")] input: confirm_identity::ConfirmIdentityInput,
    ) -> Result<confirm_identity::ConfirmIdentityPayload> {
        confirm_identity::run(ctx, input).await
    }

    /// Ends every session of the caller, the current one included; their sockets close.
    async fn sign_out_everywhere(&self, ctx: &Context<'_>) -> Result<sign_out_everywhere::SignOutEverywherePayload> {
        sign_out_everywhere::run(ctx).await
    }

    /// For staff: takes away the second factors of somebody who lost them and ends their sessions. Administrators for
    /// everybody but themselves, operators for customers. Needs a recent confirmation.
    async fn reset_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person.")] input: reset_second_factor::ResetSecondFactorInput,
    ) -> Result<reset_second_factor::ResetSecondFactorPayload> {
        reset_second_factor::run(ctx, input).await
    }

    /// Gives a program a key. For administrators.
    async fn create_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: create_api_client::CreateApiClientInput,
    ) -> Result<create_api_client::CreateApiClientPayload> {
        create_api_client::run(ctx, input).await
    }

    /// Makes a program's key worthless at once; its sockets close. For administrators.
    async fn revoke_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: revoke_api_client::RevokeApiClientInput,
    ) -> Result<revoke_api_client::RevokeApiClientPayload> {
        revoke_api_client::run(ctx, input).await
    }

    /// Makes a member of staff. For administrators.
    async fn create_staff_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: create_staff_user::CreateStaffUserInput,
    ) -> Result<create_staff_user::CreateStaffUserPayload> {
        create_staff_user::run(ctx, input).await
    }

    /// Keeps somebody from signing in, and signs them out everywhere. For administrators.
    async fn disable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: disable_user::DisableUserInput,
    ) -> Result<disable_user::DisableUserPayload> {
        disable_user::run(ctx, input).await
    }

    /// Lets somebody who was disabled sign in again. For administrators.
    async fn enable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input.")] input: enable_user::EnableUserInput,
    ) -> Result<enable_user::EnableUserPayload> {
        enable_user::run(ctx, input).await
    }
}
