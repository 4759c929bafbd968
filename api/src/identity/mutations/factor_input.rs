//! How a second factor is given.

use async_graphql::{InputObject, OneofObject};
use billow_billing::identity::{ConfirmationProof, FactorProof};

use crate::scalars::Json;

/// A second factor; exactly one field.
#[derive(OneofObject)]
pub(crate) enum SecondFactorProofInput {
    /// The six digits that the authenticator app shows now. A code works once.
    #[graphql(secret)]
    Code(String),
    /// One of the recovery codes. A code works once.
    #[graphql(secret)]
    RecoveryCode(String),
    /// What the browser's `navigator.credentials.get` answered to the challenge's `passkeyOptions`, as JSON (`toJSON()`).
    Passkey(Json),
}

impl From<SecondFactorProofInput> for FactorProof {
    fn from(input: SecondFactorProofInput) -> Self {
        match input {
            SecondFactorProofInput::Code(code) => Self::Code(code),
            SecondFactorProofInput::RecoveryCode(code) => Self::RecoveryCode(code),
            SecondFactorProofInput::Passkey(answer) => Self::Passkey(answer.0),
        }
    }
}

/// A passkey's answer to `startPasskeyConfirmation`.
#[derive(InputObject)]
pub(crate) struct PasskeyProofInput {
    /// From `startPasskeyConfirmation`.
    #[graphql(secret)]
    challenge_token: String,
    /// What the browser's `navigator.credentials.get` answered, as JSON (`toJSON()`).
    assertion: Json,
}

/// Proof of who is asking; exactly one field.
#[derive(OneofObject)]
pub(crate) enum IdentityProofInput {
    /// The password. Only where no second factor is set up.
    #[graphql(secret)]
    Password(String),
    /// The six digits that the authenticator app shows now. A code works once.
    #[graphql(secret)]
    Code(String),
    /// One of the recovery codes. A code works once.
    #[graphql(secret)]
    RecoveryCode(String),
    /// A passkey.
    Passkey(PasskeyProofInput),
}

impl From<IdentityProofInput> for ConfirmationProof {
    fn from(input: IdentityProofInput) -> Self {
        match input {
            IdentityProofInput::Password(password) => Self::Password(password.into()),
            IdentityProofInput::Code(code) => Self::Factor(FactorProof::Code(code)),
            IdentityProofInput::RecoveryCode(code) => Self::Factor(FactorProof::RecoveryCode(code)),
            IdentityProofInput::Passkey(proof) => {
                Self::Passkey { challenge_token: proof.challenge_token.into(), answer: proof.assertion.0 }
            }
        }
    }
}
