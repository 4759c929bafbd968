//! The second step of signing in.

use billow_entities::{ChallengePurpose, SignInMethod, UserId, customer, identity_challenge, user};
use billow_kernel::error::{Error, Result};
use billow_kernel::events::{SecondFactorChange, SecondFactorEventData};
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, sha256_hex};
use chrono::{DateTime, Utc};
use sea_orm::EntityTrait;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::challenge::{NewChallenge, challenge_over};
use super::passkeys::wrong_passkey;
use super::totp::wrong_code;
use super::{FactorProof, SecondFactors};
use crate::identity::Identity;
use crate::identity::{Budget, ConfirmationMethod, Device, SignedIn};

/// What is answered to a right password where a second factor is set up.
#[derive(Clone, Debug)]
pub struct SignInChallenge {
    /// What the second step is proved against; given only to this caller.
    pub token: SecretString,
    /// How the second step can be done, the easiest first.
    pub methods: Vec<ConfirmationMethod>,
    /// For passkeys: what the browser's `navigator.credentials.get` takes.
    pub passkey_options: Option<Value>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// The second step.
#[derive(Clone, Debug)]
pub struct CompleteSignIn {
    /// From the first step.
    pub challenge_token: SecretString,
    /// The second factor.
    pub proof: FactorProof,
    /// The browser or app that did the first step.
    pub device: Device,
}

impl Identity {
    /// Makes the challenge of the second step, for a user whose password was right.
    pub(in crate::identity) async fn open_second_step(
        &self,
        tx: &WriteTx,
        user: &user::Model,
        factors: &SecondFactors,
        device: &Device,
    ) -> Result<SignInChallenge> {
        let passkey = self.second_step_options(factors)?;
        let new = NewChallenge {
            purpose: ChallengePurpose::SignIn,
            user_id: Some(user.id),
            session_id: None,
            kind: Some(device.kind),
            user_agent: device.user_agent.as_deref(),
            state: passkey.as_ref().map(|(_, state)| state.as_slice()),
        };
        let (token, expires_at) = self.open_challenge(tx, new).await?;
        Ok(SignInChallenge { token, methods: factors.methods(), passkey_options: passkey.map(|(options, _)| options), expires_at })
    }

    /// Does the second step of signing in.
    ///
    /// # Errors
    /// `CHALLENGE_INVALID` where it is unknown, over, used, or of another browser or app; `WRONG_CODE`, five times at most per
    /// challenge and ten per user within a quarter of an hour.
    #[tracing::instrument(name = "identity.complete_sign_in", skip_all)]
    pub async fn complete_sign_in(&self, actor: &Actor, input: CompleteSignIn) -> Result<SignedIn> {
        // Unknown challenges count as guesses of their address.
        let address = self.spend(Budget::SecondFactors, None, input.device.address).await?;
        let user_id = self.challenged_user(&input).await?;
        // A passkey cannot be guessed, and whom it names anybody can claim: only what a password came before is counted.
        let attempt = match &input.proof {
            FactorProof::Passkey(_) => None,
            FactorProof::Code(_) | FactorProof::RecoveryCode(_) => {
                Some(self.spend(Budget::SecondFactors, Some(&user_id.to_string()), None).await?)
            }
        };
        let mut tx = self.store.write_tx().await?;
        let challenge = self.live_challenge(&tx, &input.challenge_token, input.device.user_agent.as_deref()).await?;
        let challenge = challenge.filter(leads_to_a_session).ok_or_else(challenge_over)?;
        let user = user::Entity::find_by_id(user_id)
            .one(&*tx)
            .await?
            .filter(|u| u.disabled_at.is_none())
            .ok_or_else(|| wrong_proof(&input.proof))?;
        let Some(method) = self.prove_factor(&mut tx, &user, Some(&challenge), &input.proof).await? else {
            let over = self.note_wrong_answer(&tx, &challenge).await?;
            if over && challenge.purpose == ChallengePurpose::SignIn {
                let from = SecondFactorEventData {
                    user_agent: input.device.user_agent.clone(),
                    address: input.device.address.map(|address| address.to_string()),
                    ..SecondFactorEventData::of(user.id, SecondFactorChange::Guessed)
                };
                self.tell_factors(&mut tx, &user, from)?;
            }
            tx.commit().await?;
            metrics::counter!("billow_sign_ins_total", "outcome" => "refused").increment(1);
            return Err(wrong_proof(&input.proof));
        };
        self.end_challenge(&tx, &challenge).await?;
        for counted in attempt.into_iter().chain([address]) {
            self.unspend(&tx, counted).await?;
        }
        let device = Device { kind: challenge.kind.unwrap_or(input.device.kind), ..input.device };
        self.replace_cookie(&mut tx, actor, &device).await?;
        let (session, token) = self.open_session(&mut tx, &user, &device, method).await?;
        let customer = match user.customer_id {
            Some(id) => customer::Entity::find_by_id(id).one(&*tx).await?,
            None => None,
        };
        tx.commit().await?;
        metrics::counter!("billow_sign_ins_total", "outcome" => "signed_in").increment(1);
        Ok(SignedIn { token, session, user, customer, must_enrol: false })
    }

    async fn challenged_user(&self, input: &CompleteSignIn) -> Result<UserId> {
        let hash = sha256_hex(input.challenge_token.expose_secret());
        let row = identity_challenge::Entity::find_by_id(hash).one(self.store.primary()).await?;
        let row = row.filter(|row| leads_to_a_session(row) && self.is_live(row, input.device.user_agent.as_deref()));
        // The user of the first step, or without one whom the passkey names.
        match (row.ok_or_else(challenge_over)?, &input.proof) {
            (identity_challenge::Model { user_id: Some(user_id), .. }, _) => Ok(user_id),
            (_, FactorProof::Passkey(answer)) => self.passkey_owner(answer)?.ok_or_else(|| wrong_proof(&input.proof)),
            _ => Err(challenge_over()),
        }
    }

    /// How the proof shows the second factor of `user`, if it does; what is single use is used up.
    pub(in crate::identity) async fn prove_factor(
        &self,
        tx: &mut WriteTx,
        user: &user::Model,
        challenge: Option<&identity_challenge::Model>,
        proof: &FactorProof,
    ) -> Result<Option<SignInMethod>> {
        // A challenge without a first step is for passkeys only: a code alone signs nobody in.
        let alone = challenge.is_some_and(|c| c.purpose == ChallengePurpose::PasskeySignIn);
        Ok(match proof {
            FactorProof::Code(_) | FactorProof::RecoveryCode(_) if alone => None,
            FactorProof::Code(code) => self.use_totp(tx, user.id, code).await?.then_some(SignInMethod::PasswordTotp),
            FactorProof::RecoveryCode(code) => self.use_recovery_code(tx, user, code).await?.then_some(SignInMethod::PasswordRecoveryCode),
            FactorProof::Passkey(answer) => match challenge.filter(|c| c.state_enc.is_some()) {
                Some(challenge) => self.use_passkey(tx, user.id, challenge, answer).await?,
                None => None,
            },
        })
    }
}

fn leads_to_a_session(challenge: &identity_challenge::Model) -> bool {
    matches!(challenge.purpose, ChallengePurpose::SignIn | ChallengePurpose::PasskeySignIn)
}

/// What a wrong second factor is answered with.
pub(in crate::identity) fn wrong_proof(proof: &FactorProof) -> Error {
    match proof {
        FactorProof::Passkey(_) => wrong_passkey("proof"),
        FactorProof::Code(_) | FactorProof::RecoveryCode(_) => wrong_code("proof"),
    }
}
