//! Challenges: single use, for a few minutes, for the browser or app that asked for them.

use billow_entities::{ChallengePurpose, SessionId, SessionKind, UserId, identity_challenge};
use billow_kernel::cipher::Place;
use billow_kernel::error::{Error, Result};
use billow_kernel::sha256_hex;
use billow_kernel::store::WriteTx;
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DeleteMany, EntityTrait, ExprTrait, QueryFilter, QuerySelect};
use secrecy::{ExposeSecret as _, SecretString};

use crate::identity::Identity;

/// How long a challenge can be answered.
const CHALLENGE_MINUTES: i64 = 10;
/// Wrong answers after which it is over.
const MAX_TRIES: i32 = 5;

/// A challenge to be made.
pub(super) struct NewChallenge<'a> {
    pub purpose: ChallengePurpose,
    pub user_id: Option<UserId>,
    pub session_id: Option<SessionId>,
    pub kind: Option<SessionKind>,
    pub user_agent: Option<&'a str>,
    pub state: Option<&'a [u8]>,
}

impl Identity {
    /// Makes a challenge; answers its token and its end.
    pub(super) async fn open_challenge(&self, tx: &WriteTx, new: NewChallenge<'_>) -> Result<(SecretString, DateTime<Utc>)> {
        let token = self.ids.token();
        let token_hash = sha256_hex(&token);
        let now = self.clock.now();
        let expires_at = now + Duration::minutes(CHALLENGE_MINUTES);
        let state_enc = new.state.map(|state| self.cipher.seal(place(&token_hash), state)).transpose()?;
        let row = identity_challenge::ActiveModel {
            token_hash: Set(token_hash),
            purpose: Set(new.purpose),
            user_id: Set(new.user_id),
            session_id: Set(new.session_id),
            kind: Set(new.kind),
            agent_hash: Set(self.agent_hash(new.user_agent)),
            state_enc: Set(state_enc),
            tries: Set(0),
            created_at: Set(now),
            expires_at: Set(expires_at),
        };
        row.insert(&**tx).await?;
        Ok((token.into(), expires_at))
    }

    /// The challenge with this token, locked, if it can be answered now by this browser or app.
    pub(super) async fn live_challenge(
        &self,
        tx: &WriteTx,
        token: &SecretString,
        user_agent: Option<&str>,
    ) -> Result<Option<identity_challenge::Model>> {
        let row = identity_challenge::Entity::find_by_id(sha256_hex(token.expose_secret())).lock_exclusive().one(&**tx).await?;
        Ok(row.filter(|row| self.is_live(row, user_agent)))
    }

    /// Whether a challenge can be answered now by this browser or app.
    pub(super) fn is_live(&self, row: &identity_challenge::Model, user_agent: Option<&str>) -> bool {
        row.expires_at > self.clock.now() && row.tries < MAX_TRIES && row.agent_hash == self.agent_hash(user_agent)
    }

    /// Notes a wrong answer; whether it was the last one that was allowed.
    pub(super) async fn note_wrong_answer(&self, tx: &WriteTx, row: &identity_challenge::Model) -> Result<bool> {
        identity_challenge::Entity::update_many()
            .col_expr(identity_challenge::Column::Tries, Expr::col(identity_challenge::Column::Tries).add(1))
            .filter(identity_challenge::Column::TokenHash.eq(row.token_hash.as_str()))
            .exec(&**tx)
            .await?;
        Ok(row.tries + 1 >= MAX_TRIES)
    }

    /// What the library needs to check a passkey's answer.
    pub(super) fn challenge_state<T: serde::de::DeserializeOwned>(&self, row: &identity_challenge::Model) -> Result<T> {
        let sealed = row.state_enc.as_deref().ok_or_else(challenge_over)?;
        self.cipher.open_json(place(&row.token_hash), sealed)
    }

    /// Uses a challenge up.
    pub(super) async fn end_challenge(&self, tx: &WriteTx, row: &identity_challenge::Model) -> Result<()> {
        identity_challenge::Entity::delete_by_id(row.token_hash.clone()).exec(&**tx).await?;
        Ok(())
    }

    /// Ends the challenges of a user that lead to a session.
    pub(in crate::identity) async fn end_challenges_of(&self, tx: &WriteTx, user: UserId) -> Result<()> {
        identity_challenge::Entity::delete_many().filter(identity_challenge::Column::UserId.eq(user)).exec(&**tx).await?;
        Ok(())
    }

    fn agent_hash(&self, user_agent: Option<&str>) -> String {
        self.cipher.blind_index("challenge_agent", user_agent.unwrap_or_default())
    }
}

fn place(row: &str) -> Place<'_> {
    Place { table: "identity_challenges", row, column: "state_enc" }
}

/// What removes challenges that can no longer be answered.
pub(in crate::identity) fn challenges_over(now: DateTime<Utc>) -> DeleteMany<identity_challenge::Entity> {
    identity_challenge::Entity::delete_many().filter(identity_challenge::Column::ExpiresAt.lt(now))
}

/// The answer where a challenge is unknown, over, used up or another's.
pub(super) fn challenge_over() -> Error {
    Error::invalid("CHALLENGE_INVALID", "challengeToken", "This sign-in took too long or was used already. Start again.")
}
