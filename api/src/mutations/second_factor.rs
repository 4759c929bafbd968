//! What the API changes about second factors, and asking again.

use async_graphql::{Context, Object};

use super::{
    complete_sign_in, confirm_identity, confirm_totp_setup, remove_totp, renew_recovery_codes, reset_second_factor, sign_out_everywhere,
    start_totp_setup,
};
use crate::refusal::Result;

/// What the API changes about second factors, and asking again.
#[derive(Default)]
pub(crate) struct SecondFactorMutations;

#[Object]
impl SecondFactorMutations {
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
}
