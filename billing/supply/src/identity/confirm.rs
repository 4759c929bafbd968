//! Asking again: sensitive actions need a proof of who is asking that is a few minutes old at most.
//!
//! A session is confirmed when it starts. Later its user confirms it with the second factor, or with the password where no
//! second factor is set up: a stolen session together with a stolen password must not be enough where there is one. API
//! clients cannot confirm; every action that asks for this is closed to them by their role.

use billow_entities::{ChallengePurpose, SessionId, identity_challenge, session, user};
use billow_kernel::Actor;
use billow_kernel::error::{ConfirmationMethod, Error, Result};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::Identity;
use super::second_factor::FactorProof;
use super::{Budget, MAX_PASSWORD, SecondFactors};

/// What confirms a session.
#[derive(Clone, Debug)]
pub enum ConfirmationProof {
    /// The password.
    Password(SecretString),
    /// A second factor.
    Factor(FactorProof),
    /// A passkey, and the challenge it answers.
    Passkey {
        /// The token of the challenge.
        challenge_token: SecretString,
        /// The browser's answer.
        answer: Value,
    },
}

impl Identity {
    /// Lets pass whose session was confirmed lately, and Billow itself.
    ///
    /// # Errors
    /// `ConfirmationRequired` for a session that was not; when nobody is signed in or an API client asks.
    pub async fn confirmed(&self, actor: &Actor) -> Result<()> {
        self.confirmed_in(self.store.primary(), actor).await
    }

    /// The same within a transaction: one that waited for a second connection could wait for itself.
    pub async fn confirmed_in(&self, db: &impl ConnectionTrait, actor: &Actor) -> Result<()> {
        // An import was confirmed by the person who started it; one from the command line has none.
        if matches!(actor, Actor::System | Actor::Import { .. }) {
            return Ok(());
        }
        actor.account()?;
        let session_id = actor.session_id().ok_or(Error::Unauthenticated)?;
        let Some(counts_for) = self.settings.security.confirmation else { return Ok(()) };
        let row = session::Entity::find_by_id(session_id).one(db).await?.ok_or(Error::Unauthenticated)?;
        let fresh = row.confirmed_at.is_some_and(|at| self.clock.now() - at < counts_for);
        if fresh {
            return Ok(());
        }
        let user = user::Entity::find_by_id(actor.account()?).one(db).await?.ok_or(Error::Unauthenticated)?;
        let methods = methods(&self.second_factors_of(db, &user).await?);
        Err(Error::ConfirmationRequired { methods })
    }

    /// How one's own session can be confirmed.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn confirmation_methods(&self, actor: &Actor) -> Result<Vec<ConfirmationMethod>> {
        Ok(methods(&self.second_factors(actor).await?))
    }

    /// Confirms one's own session; answers until when it counts.
    ///
    /// # Errors
    /// `WRONG_PASSWORD`, `WRONG_CODE`, limited as signing in is; `NOT_ALLOWED` for a password where a second factor is set up.
    #[tracing::instrument(name = "identity.confirm", skip_all)]
    pub async fn confirm_identity(&self, actor: &Actor, proof: ConfirmationProof, user_agent: Option<&str>) -> Result<DateTime<Utc>> {
        let session_id = actor.session_id().ok_or(Error::Unauthenticated)?;
        let user = self.own_user(actor).await?;
        match proof {
            ConfirmationProof::Password(password) => self.confirm_by_password(&user, password, session_id).await?,
            ConfirmationProof::Factor(proof) => self.confirm_by_factor(&user, None, proof, session_id).await?,
            ConfirmationProof::Passkey { challenge_token, answer } => {
                let challenge = self.take_challenge(actor, &challenge_token, user_agent, ChallengePurpose::Confirmation).await?;
                self.confirm_by_factor(&user, Some(challenge), FactorProof::Passkey(answer), session_id).await?;
            }
        }
        Ok(self.clock.now() + self.settings.security.confirmation.unwrap_or_default())
    }

    async fn confirm_by_password(&self, user: &user::Model, password: SecretString, session: SessionId) -> Result<()> {
        if self.second_factors_of(self.store.primary(), user).await?.any() {
            let message = "Use your second factor: a passkey, a code of your authenticator app, or a recovery code.";
            return Err(Error::invalid("NOT_ALLOWED", "proof", message));
        }
        if password.expose_secret().chars().count() > MAX_PASSWORD {
            return Err(wrong_password());
        }
        let attempt = self.spend(Budget::Passwords, Some(&user.email), None).await?;
        if !self.passwords.verify(password, Some(user.password_hash.clone())).await? {
            return Err(wrong_password());
        }
        let tx = self.store.write_tx().await?;
        self.unspend(&tx, attempt).await?;
        self.note_confirmed(&tx, session).await?;
        tx.commit().await
    }

    async fn confirm_by_factor(
        &self,
        user: &user::Model,
        challenge: Option<identity_challenge::Model>,
        proof: FactorProof,
        session: SessionId,
    ) -> Result<()> {
        let attempt = self.spend(Budget::SecondFactors, Some(&user.id.to_string()), None).await?;
        let mut tx = self.store.write_tx().await?;
        if self.prove_factor(&mut tx, user, challenge.as_ref(), &proof).await?.is_none() {
            return Err(super::second_factor::wrong_proof(&proof));
        }
        self.unspend(&tx, attempt).await?;
        self.note_confirmed(&tx, session).await?;
        tx.commit().await
    }

    async fn note_confirmed(&self, tx: &billow_kernel::store::WriteTx, session: SessionId) -> Result<()> {
        let noted = session::Entity::update_many()
            .col_expr(session::Column::ConfirmedAt, Expr::value(self.clock.now()))
            .filter(session::Column::Id.eq(session))
            .filter(session::Column::RevokedAt.is_null())
            .exec(&**tx)
            .await?;
        if noted.rows_affected == 1 { Ok(()) } else { Err(Error::Unauthenticated) }
    }
}

fn methods(factors: &SecondFactors) -> Vec<ConfirmationMethod> {
    if factors.any() { factors.methods() } else { vec![ConfirmationMethod::Password] }
}

fn wrong_password() -> Error {
    Error::invalid("WRONG_PASSWORD", "proof", "This is not your current password.")
}
