//! Sign-ins in force: one per device, each of which can be ended at once.

use billow_entities::{SessionId, SessionKind, SignInMethod, session, user};
use billow_kernel::error::Result;
use billow_kernel::events::{Event, SessionCreatedData, SessionRevokedData};
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, Error, sha256_hex};
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use secrecy::SecretString;

use super::Device;
use super::Identity;

/// Devices one person may be signed in on; the one that signed in first goes when there are more.
const MAX_SESSIONS: u64 = 50;
/// Characters kept of what a device calls itself.
const MAX_USER_AGENT: usize = 300;

impl Identity {
    /// Ends the sign-in by which `actor` asks.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn sign_out(&self, actor: &Actor) -> Result<()> {
        let session = actor.session_id().ok_or(Error::Unauthenticated)?;
        self.revoke_session(actor, session).await
    }

    /// Ends one of one's own sign-ins. One that is over already stays so.
    ///
    /// # Errors
    /// When it is not one's own.
    pub async fn revoke_session(&self, actor: &Actor, id: SessionId) -> Result<()> {
        let user_id = actor.account()?;
        let mut tx = self.store.write_tx().await?;
        let session = session::Entity::find_by_id(id)
            .filter(session::Column::UserId.eq(user_id))
            .one(&*tx)
            .await?
            .ok_or(Error::NotFound("session"))?;
        let user = user::Entity::find_by_id(user_id).one(&*tx).await?.ok_or(Error::NotFound("session"))?;
        if session.revoked_at.is_none() {
            self.end_sessions(&mut tx, &user, &[session.id]).await?;
        }
        tx.commit().await
    }

    /// Ends all of one's own sign-ins but the one by which `actor` asks; answers how many.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn revoke_other_sessions(&self, actor: &Actor) -> Result<usize> {
        let user_id = actor.user()?;
        let mut tx = self.store.write_tx().await?;
        let user = user::Entity::find_by_id(user_id).one(&*tx).await?.ok_or(Error::Unauthenticated)?;
        let ended = self.end_all_sessions(&mut tx, &user, actor.session_id()).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Ends all of one's own sign-ins, the one by which `actor` asks included; answers how many.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn sign_out_everywhere(&self, actor: &Actor) -> Result<usize> {
        let user_id = actor.account()?;
        let mut tx = self.store.write_tx().await?;
        let user = user::Entity::find_by_id(user_id).one(&*tx).await?.ok_or(Error::Unauthenticated)?;
        let ended = self.end_all_sessions(&mut tx, &user, None).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// One's own sign-ins in force, the newest first.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn sessions(&self, actor: &Actor) -> Result<Vec<session::Model>> {
        let user_id = actor.user()?;
        Ok(self.in_force(user_id).limit(MAX_SESSIONS).all(self.store.primary()).await?)
    }

    /// When a sign-in that was opened at `created_at` ends however much it is used.
    pub(super) fn session_end(&self, created_at: DateTime<Utc>) -> DateTime<Utc> {
        created_at + Duration::days(self.settings.session_max_days)
    }

    /// Ends the cookie sign-in by which `actor` asks, when the same browser gets a new cookie instead of it.
    pub(super) async fn replace_cookie(&self, tx: &mut WriteTx, actor: &Actor, device: &Device) -> Result<()> {
        let Some(id) = actor.session_id().filter(|_| device.kind == SessionKind::Cookie) else { return Ok(()) };
        let replaced = session::Entity::find_by_id(id)
            .filter(session::Column::Kind.eq(SessionKind::Cookie))
            .filter(session::Column::RevokedAt.is_null())
            .one(&**tx)
            .await?;
        let Some(replaced) = replaced else { return Ok(()) };
        let Some(user) = user::Entity::find_by_id(replaced.user_id).one(&**tx).await? else { return Ok(()) };
        self.end_sessions(tx, &user, &[id]).await
    }

    /// Opens a sign-in; answers it with its token.
    pub(super) async fn open_session(
        &self,
        tx: &mut WriteTx,
        user: &user::Model,
        device: &Device,
        method: SignInMethod,
    ) -> Result<(session::Model, SecretString)> {
        let surplus: Vec<SessionId> =
            self.in_force(user.id).offset(MAX_SESSIONS - 1).limit(MAX_SESSIONS).all(&**tx).await?.into_iter().map(|s| s.id).collect();
        if !surplus.is_empty() {
            self.end_sessions(tx, user, &surplus).await?;
        }
        let now = self.clock.now();
        let token = self.ids.token();
        let session = session::ActiveModel {
            id: Set(SessionId(self.ids.next())),
            user_id: Set(user.id),
            kind: Set(device.kind),
            token_hash: Set(sha256_hex(&token)),
            user_agent: Set(device.user_agent.as_deref().and_then(tidy)),
            created_at: Set(now),
            expires_at: Set(self.session_end(now).min(now + Duration::days(self.settings.session_days))),
            last_seen_at: Set(now),
            revoked_at: Set(None),
            confirmed_at: Set(Some(now)),
            signed_in_with: Set(method),
            address: Set(device.address.map(|address| address.to_canonical().to_string())),
        };
        let session = session.insert(&**tx).await?;
        let data = SessionCreatedData { user_id: user.id, user_agent: session.user_agent.clone(), address: session.address.clone() };
        tx.emit(self.events.user(user, session.id, &Event::SessionCreated(data))?);
        Ok((session, token.into()))
    }

    /// Ends every sign-in of `user` but `except`; answers how many.
    pub(super) async fn end_all_sessions(&self, tx: &mut WriteTx, user: &user::Model, except: Option<SessionId>) -> Result<usize> {
        let ids: Vec<SessionId> =
            self.in_force(user.id).all(&**tx).await?.into_iter().map(|s| s.id).filter(|id| Some(*id) != except).collect();
        self.end_sessions(tx, user, &ids).await?;
        // Nor does a second step that is still open lead to a new one.
        self.end_challenges_of(tx, user.id).await?;
        Ok(ids.len())
    }

    /// Ends sign-ins and tells the processes that hold their sockets.
    async fn end_sessions(&self, tx: &mut WriteTx, user: &user::Model, ids: &[SessionId]) -> Result<()> {
        session::Entity::update_many()
            .col_expr(session::Column::RevokedAt, Expr::value(self.clock.now()))
            .filter(session::Column::Id.is_in(ids.iter().copied()))
            .exec(&**tx)
            .await?;
        for id in ids {
            let data = SessionRevokedData { session_id: *id, user_id: user.id };
            tx.emit(self.events.user(user, id, &Event::SessionRevoked(data))?);
        }
        Ok(())
    }

    fn in_force(&self, user: billow_entities::UserId) -> Select<session::Entity> {
        session::Entity::find()
            .filter(session::Column::UserId.eq(user))
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(self.clock.now()))
            .order_by_desc(session::Column::Id)
    }
}

fn tidy(user_agent: &str) -> Option<String> {
    let text: String = user_agent.trim().chars().filter(|c| !c.is_control()).take(MAX_USER_AGENT).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_calls_itself_is_kept_short_and_on_one_line() {
        assert_eq!(tidy(" Firefox\r\nX: 1 "), Some("FirefoxX: 1".into()));
        assert_eq!(tidy(" \n "), None);
        assert_eq!(tidy(&"ä".repeat(1_000)).map(|t| t.chars().count()), Some(MAX_USER_AGENT));
    }
}
