//! Second factors, and what signing in and confirming ask for.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use billow_billing::identity::{self, ExposeSecret as _, SecondFactors};
use billow_entities::{passkey, totp_factor};

use crate::context::ContextExt as _;
use crate::ids;
use crate::refusal::Result;
use crate::scalars::{Instant, Json, count};
use crate::types::enums::same_as;

same_as! {
    /// How somebody can prove who they are: in the second step of signing in, or when asked again.
    ConfirmationMethod = "identity::ConfirmationMethod" {
        /// The password. Only where no second factor is set up.
        Password,
        /// A code of an authenticator app.
        Totp,
        /// A passkey.
        Passkey,
        /// A recovery code.
        RecoveryCode,
    }
    /// How a session started.
    SignInMethod = "billow_entities::SignInMethod" {
        /// With a password alone.
        Password,
        /// With a password and a code of an authenticator app.
        PasswordTotp,
        /// With a password and a passkey.
        PasswordPasskey,
        /// With a password and a recovery code.
        PasswordRecoveryCode,
        /// With a passkey alone.
        Passkey,
    }
}

/// An authenticator app that is set up.
pub(crate) struct TotpFactor(totp_factor::Model);

/// An authenticator app that is set up.
#[Object]
impl TotpFactor {
    /// When it was added.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When a code of it was used last.
    async fn last_used_at(&self) -> Option<Instant> {
        self.0.last_used_at.map(Instant)
    }
}

/// A passkey.
#[derive(Clone, Debug)]
pub(crate) struct Passkey(pub passkey::Model);

/// A passkey: a phone, computer or security key that signs its owner in.
#[Object]
impl Passkey {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// The owner's name for it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// When it was added.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When it was used last.
    async fn last_used_at(&self) -> Option<Instant> {
        self.0.last_used_at.map(Instant)
    }
}

/// What a browser needs to answer with a passkey.
#[derive(SimpleObject)]
pub(crate) struct PasskeyChallenge {
    /// Send it back with the answer. Valid once, until `expiresAt`, from the same browser or app.
    challenge_token: String,
    /// The `publicKey` options for `navigator.credentials`, with bytes as base64url (`parseCreationOptionsFromJSON`,
    /// `parseRequestOptionsFromJSON`).
    options: Json,
    /// When it ends.
    expires_at: Instant,
}

impl From<identity::PasskeyChallenge> for PasskeyChallenge {
    fn from(challenge: identity::PasskeyChallenge) -> Self {
        Self {
            challenge_token: challenge.token.expose_secret().to_owned(),
            options: Json(challenge.options),
            expires_at: Instant(challenge.expires_at),
        }
    }
}

/// A user's second factors.
pub(crate) struct SecondFactor(pub SecondFactors);

/// A user's second factors. Signing in asks for one of them after the password.
#[Object]
impl SecondFactor {
    /// Whether one is set up.
    async fn enabled(&self) -> bool {
        self.0.any()
    }

    /// Whether this user must have one (`security.second_factor`). Until one is set up, every other operation answers
    /// `SECOND_FACTOR_SETUP_REQUIRED`.
    async fn required(&self) -> bool {
        self.0.required
    }

    /// The authenticator app, if one is set up.
    async fn totp(&self) -> Option<TotpFactor> {
        self.0.totp.clone().map(TotpFactor)
    }

    /// Whether passkeys can be used: Billow's address must have a host name.
    async fn passkeys_available(&self, ctx: &Context<'_>) -> bool {
        ctx.billing().identity.passkeys_available()
    }

    /// The passkeys, the oldest first.
    #[graphql(complexity = "crate::connection::list_cost(child_complexity)")]
    async fn passkeys(&self) -> Vec<Passkey> {
        self.0.passkeys.iter().cloned().map(Passkey).collect()
    }

    /// How many recovery codes are unused.
    async fn recovery_codes_left(&self) -> i32 {
        count(self.0.recovery_codes_left)
    }

    /// How the current session can be confirmed when a mutation answers `CONFIRMATION_REQUIRED`.
    async fn confirmation_methods(&self, ctx: &Context<'_>) -> Result<Vec<ConfirmationMethod>> {
        let methods = Box::pin(ctx.billing().identity.confirmation_methods(ctx.actor())).await?;
        Ok(methods.into_iter().map(ConfirmationMethod::from).collect())
    }
}

/// What `signIn` answers to a right password where a second factor is set up.
#[derive(SimpleObject)]
pub(crate) struct SecondFactorChallenge {
    /// Send it to `completeSignIn`. Valid once, until `expiresAt`, from the same browser or app.
    challenge_token: String,
    /// What `completeSignIn` accepts, the easiest first.
    methods: Vec<ConfirmationMethod>,
    /// For `PASSKEY`: the `publicKey` options for `navigator.credentials.get`, with bytes as base64url; null without passkeys.
    passkey_options: Option<Json>,
    /// When it ends.
    expires_at: Instant,
}

impl From<identity::SignInChallenge> for SecondFactorChallenge {
    fn from(challenge: identity::SignInChallenge) -> Self {
        Self {
            challenge_token: challenge.token.expose_secret().to_owned(),
            methods: challenge.methods.into_iter().map(ConfirmationMethod::from).collect(),
            passkey_options: challenge.passkey_options.map(Json),
            expires_at: Instant(challenge.expires_at),
        }
    }
}
