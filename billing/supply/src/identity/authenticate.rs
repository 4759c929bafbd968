//! Telling from a token who asks: one read by an index, on every request.

use billow_entities::{ApiClientId, CustomerId, ProviderId, Role, SessionId, SessionKind, UserId, api_client, session, user};
use billow_kernel::error::Result;
use billow_kernel::{Actor, Error, sha256_hex};
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, RelationDef};
use secrecy::{ExposeSecret as _, SecretString};

use super::Identity;
use super::api_clients::{KEY_LENGTH, KEY_PREFIX, scopes_in};

/// Characters of a session's token.
const TOKEN_LENGTH: usize = 43;
/// That somebody was here is noted no more often than this.
const NOTED_EVERY: Duration = Duration::minutes(5);

/// What is read about a token.
#[derive(FromQueryResult)]
struct Seen {
    id: SessionId,
    user_id: UserId,
    kind: SessionKind,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    role: Role,
    customer_id: Option<CustomerId>,
    disabled_at: Option<DateTime<Utc>>,
}

/// What is read about a key.
#[derive(FromQueryResult)]
struct Known {
    id: ApiClientId,
    scopes: serde_json::Value,
    provider_id: Option<ProviderId>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl Identity {
    /// Who holds this token, presented as a bearer: of a session that was made as one, or an API key. A cookie's token is
    /// none, so that what a browser keeps out of reach of scripts is worth nothing to a program.
    ///
    /// Sockets ask again from time to time; `session.revoked` and `client.revoked` tell them at once.
    ///
    /// # Errors
    /// `Unauthenticated` when it is unknown, over, revoked, or its user is disabled.
    pub async fn authenticate(&self, token: &SecretString) -> Result<Actor> {
        match token.expose_secret().len() {
            TOKEN_LENGTH => self.authenticate_session(token, SessionKind::Bearer).await,
            KEY_LENGTH => self.authenticate_key(token).await,
            _ => Err(Error::Unauthenticated),
        }
    }

    /// Who holds this token, presented as a browser's cookie. Bearer tokens and API keys are none.
    ///
    /// # Errors
    /// `Unauthenticated` when it is unknown, over, revoked, or its user is disabled.
    pub async fn authenticate_cookie(&self, token: &SecretString) -> Result<Actor> {
        self.authenticate_session(token, SessionKind::Cookie).await
    }

    async fn authenticate_session(&self, token: &SecretString, presented_as: SessionKind) -> Result<Actor> {
        let seen = session::Entity::find()
            .select_only()
            .columns([
                session::Column::Id,
                session::Column::UserId,
                session::Column::Kind,
                session::Column::CreatedAt,
                session::Column::ExpiresAt,
                session::Column::LastSeenAt,
                session::Column::RevokedAt,
            ])
            .columns([user::Column::Role, user::Column::CustomerId, user::Column::DisabledAt])
            .join(sea_orm::JoinType::InnerJoin, of_user())
            .filter(session::Column::TokenHash.eq(sha256_hex(token.expose_secret())))
            .into_model::<Seen>()
            .one(self.store.primary())
            .await?
            .ok_or(Error::Unauthenticated)?;
        let now = self.clock.now();
        let ends_at = self.session_end(seen.created_at);
        if seen.revoked_at.is_some() || seen.disabled_at.is_some() || seen.expires_at.min(ends_at) <= now || seen.kind != presented_as {
            return Err(Error::Unauthenticated);
        }
        if now - seen.last_seen_at >= NOTED_EVERY {
            let noted = session::Entity::update_many()
                .col_expr(session::Column::LastSeenAt, Expr::value(now))
                .col_expr(session::Column::ExpiresAt, Expr::value(ends_at.min(now + Duration::days(self.settings.session_days))))
                .filter(session::Column::Id.eq(seen.id))
                .filter(session::Column::LastSeenAt.eq(seen.last_seen_at))
                .exec(self.store.writer())
                .await;
            // Whoever is signed in does not care whether it could be noted.
            if let Err(error) = noted {
                tracing::warn!(session.id = %seen.id, error = %error, "the use of a session was not noted");
            }
        }
        if self.must_enrol(seen.user_id, seen.role).await? {
            return Ok(Actor::Enrolling { user_id: seen.user_id, role: seen.role, session_id: seen.id });
        }
        Ok(Actor::User { user_id: seen.user_id, role: seen.role, customer_id: seen.customer_id, session_id: seen.id })
    }

    /// Which program holds this key.
    ///
    /// # Errors
    /// `Unauthenticated` when it is unknown or revoked.
    pub async fn authenticate_key(&self, key: &SecretString) -> Result<Actor> {
        let key = key.expose_secret();
        if key.len() != KEY_LENGTH || !key.starts_with(KEY_PREFIX) {
            return Err(Error::Unauthenticated);
        }
        let known = api_client::Entity::find()
            .select_only()
            .columns([
                api_client::Column::Id,
                api_client::Column::Scopes,
                api_client::Column::ProviderId,
                api_client::Column::LastUsedAt,
                api_client::Column::RevokedAt,
            ])
            .filter(api_client::Column::KeyHash.eq(sha256_hex(key)))
            .into_model::<Known>()
            .one(self.store.primary())
            .await?
            .filter(|k| k.revoked_at.is_none())
            .ok_or(Error::Unauthenticated)?;
        let now = self.clock.now();
        if known.last_used_at.is_none_or(|at| now - at >= NOTED_EVERY) {
            let noted = api_client::Entity::update_many()
                .col_expr(api_client::Column::LastUsedAt, Expr::value(now))
                .filter(api_client::Column::Id.eq(known.id))
                .exec(self.store.writer())
                .await;
            if let Err(error) = noted {
                tracing::warn!(client.id = %known.id, error = %error, "the use of a key was not noted");
            }
        }
        Ok(Actor::Client { client_id: known.id, scopes: scopes_in(&known.scopes), provider_id: known.provider_id })
    }
}

fn of_user() -> RelationDef {
    session::Entity::belongs_to(user::Entity).from(session::Column::UserId).to(user::Column::Id).into()
}
