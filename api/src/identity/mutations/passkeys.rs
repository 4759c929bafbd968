//! Passkeys: adding, naming and removing them, and the challenges they answer.

use async_graphql::{Context, ID, InputObject, Object};

use crate::context::ContextExt as _;
use crate::identity::mutations::signed_in::device;
use crate::identity::second_factor::{Passkey, PasskeyChallenge, SecondFactor};
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;
use crate::scalars::Json;
use crate::types::SessionKind;

/// A new passkey.
#[derive(InputObject)]
pub(crate) struct FinishPasskeyRegistrationInput {
    /// From `startPasskeyRegistration`.
    #[graphql(secret)]
    challenge_token: String,
    /// What the browser's `navigator.credentials.create` answered, as JSON (`toJSON()`).
    credential: Json,
    /// The owner's name for it, such as "Work laptop".
    name: String,
}

/// A new name.
#[derive(InputObject)]
pub(crate) struct RenamePasskeyInput {
    /// One of one's own.
    passkey_id: ID,
    /// The new name.
    name: String,
}

/// Which passkey is removed.
#[derive(InputObject)]
pub(crate) struct RemovePasskeyInput {
    /// One of one's own.
    passkey_id: ID,
}

/// Signing in with a passkey alone.
#[derive(InputObject)]
pub(crate) struct StartPasskeySignInInput {
    /// How the session will present itself; a cookie if omitted.
    device_kind: Option<SessionKind>,
}

payload! {
    /// What the browser needs to make a passkey.
    StartPasskeyRegistrationPayload {
        /// The challenge.
        challenge: Option<PasskeyChallenge>,
    }
}

payload! {
    /// The passkey that was added.
    FinishPasskeyRegistrationPayload {
        /// The passkey.
        passkey: Option<Passkey>,
        /// The second factors as they are now.
        second_factor: Option<SecondFactor>,
        /// Where this is the first second factor: ten recovery codes, shown only now.
        recovery_codes: Option<Vec<String>>,
    }
}

payload! {
    /// The passkey with its new name.
    RenamePasskeyPayload {
        /// The passkey.
        passkey: Option<Passkey>,
    }
}

payload! {
    /// The second factors as they are now.
    RemovePasskeyPayload {
        /// The second factors as they are now.
        second_factor: Option<SecondFactor>,
        /// The passkey that is gone.
        removed_passkey_id: Option<ID>,
    }
}

payload! {
    /// What the browser needs to sign in with a passkey.
    StartPasskeySignInPayload {
        /// The challenge; `completeSignIn` takes its token and the answer.
        challenge: Option<PasskeyChallenge>,
    }
}

payload! {
    /// What the browser needs to confirm with a passkey.
    StartPasskeyConfirmationPayload {
        /// The challenge; `confirmIdentity` takes its token and the answer.
        challenge: Option<PasskeyChallenge>,
    }
}

/// What the API changes about passkeys.
#[derive(Default)]
pub(crate) struct PasskeyMutations;

#[Object]
impl PasskeyMutations {
    /// Starts adding a passkey. Needs a recent confirmation.
    async fn start_passkey_registration(&self, ctx: &Context<'_>) -> Result<StartPasskeyRegistrationPayload> {
        let outcome = ctx.billing().identity.start_passkey_registration(ctx.actor(), ctx.caller().user_agent.as_deref()).await;
        StartPasskeyRegistrationPayload::of(outcome, |challenge| StartPasskeyRegistrationPayload {
            challenge: Some(challenge.into()),
            user_errors: Vec::new(),
        })
    }

    /// Adds a passkey with the browser's answer. Needs a recent confirmation.
    async fn finish_passkey_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The challenge, the answer and a name.")] input: FinishPasskeyRegistrationInput,
    ) -> Result<FinishPasskeyRegistrationPayload> {
        let (token, agent) = (input.challenge_token.into(), ctx.caller().user_agent.as_deref());
        let outcome = ctx.billing().identity.finish_passkey_registration(ctx.actor(), &token, input.credential.0, &input.name, agent).await;
        FinishPasskeyRegistrationPayload::of(outcome, |(passkey, factors, codes)| {
            ctx.identities().forget();
            FinishPasskeyRegistrationPayload {
                passkey: Some(Passkey(passkey)),
                second_factor: Some(SecondFactor(factors)),
                recovery_codes: (!codes.is_empty()).then_some(codes),
                user_errors: Vec::new(),
            }
        })
    }

    /// Renames one of one's own passkeys.
    async fn rename_passkey(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The passkey and its new name.")] input: RenamePasskeyInput,
    ) -> Result<RenamePasskeyPayload> {
        let outcome = async { ctx.billing().identity.rename_passkey(ctx.actor(), id_of(&input.passkey_id, "passkey")?, &input.name).await };
        RenamePasskeyPayload::of(outcome.await, |row| RenamePasskeyPayload { passkey: Some(Passkey(row)), user_errors: Vec::new() })
    }

    /// Removes one of one's own passkeys. Needs a recent confirmation.
    async fn remove_passkey(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The passkey.")] input: RemovePasskeyInput,
    ) -> Result<RemovePasskeyPayload> {
        let outcome = async { ctx.billing().identity.remove_passkey(ctx.actor(), id_of(&input.passkey_id, "passkey")?).await };
        RemovePasskeyPayload::of(outcome.await, |factors| RemovePasskeyPayload {
            second_factor: Some(SecondFactor(factors)),
            removed_passkey_id: Some(input.passkey_id),
            user_errors: Vec::new(),
        })
    }

    /// Starts signing in with a passkey alone, without e-mail address and password.
    async fn start_passkey_sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How the session will present itself.")] input: StartPasskeySignInInput,
    ) -> Result<StartPasskeySignInPayload> {
        let outcome = async { ctx.billing().identity.start_passkey_sign_in(ctx.actor(), &device(ctx, input.device_kind)?).await };
        StartPasskeySignInPayload::of(outcome.await, |challenge| StartPasskeySignInPayload {
            challenge: Some(challenge.into()),
            user_errors: Vec::new(),
        })
    }

    /// Starts confirming the current session with a passkey.
    async fn start_passkey_confirmation(&self, ctx: &Context<'_>) -> Result<StartPasskeyConfirmationPayload> {
        let outcome = ctx.billing().identity.start_passkey_confirmation(ctx.actor(), ctx.caller().user_agent.as_deref()).await;
        StartPasskeyConfirmationPayload::of(outcome, |challenge| StartPasskeyConfirmationPayload {
            challenge: Some(challenge.into()),
            user_errors: Vec::new(),
        })
    }
}
