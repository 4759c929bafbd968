//! Mailed links that work once.
//!
//! A token is derived from its link's id with the index key, as that of an invitation: the job that mails it makes it
//! again, and the secret is neither in the event log nor, but for its hash, in the database.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use billow_entities::{CustomerId, LinkPurpose, OneTimeLinkId, UserId, one_time_link};
use billow_kernel::error::Result;
use billow_kernel::store::WriteTx;
use billow_kernel::{Error, sha256_hex};
use chrono::Duration;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret as _, SecretString};

use super::Identity;

/// A link to be mailed.
#[derive(Debug)]
pub(crate) struct NewLink {
    pub(crate) purpose: LinkPurpose,
    /// Where it is mailed to.
    pub(crate) email: String,
    pub(crate) user_id: Option<UserId>,
    pub(crate) customer_id: Option<CustomerId>,
    pub(crate) created_by: Option<UserId>,
}

/// How long a link works.
const fn valid(purpose: LinkPurpose) -> Duration {
    match purpose {
        LinkPurpose::PasswordReset => Duration::minutes(30),
        LinkPurpose::ConfirmEmail => Duration::hours(24),
        LinkPurpose::UndoEmailChange => Duration::days(7),
    }
}

/// The page of the web app that a link opens.
const fn page(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::PasswordReset => "/reset-password",
        LinkPurpose::ConfirmEmail => "/confirm-email",
        LinkPurpose::UndoEmailChange => "/undo-email-change",
    }
}

impl Identity {
    /// The token of a link, made again from its id.
    #[must_use]
    pub fn one_time_token(&self, id: OneTimeLinkId) -> SecretString {
        URL_SAFE_NO_PAD.encode(self.cipher.derive("one-time-link", &id.to_string())).into()
    }

    /// The address of a link, with its token.
    pub fn one_time_url(&self, link: &one_time_link::Model) -> String {
        format!("{}{}?token={}", self.settings.base_url, page(link.purpose), self.one_time_token(link.id).expose_secret())
    }

    /// Makes a link. Those made before for the same purpose and address stop working.
    pub(crate) async fn make_link(&self, tx: &WriteTx, new: NewLink) -> Result<one_time_link::Model> {
        self.void_links(tx, new.purpose, Condition::all().add(one_time_link::Column::Email.eq(new.email.as_str())), new.customer_id)
            .await?;
        let (id, now) = (OneTimeLinkId(self.ids.next()), self.clock.now());
        let row = one_time_link::ActiveModel {
            id: Set(id),
            purpose: Set(new.purpose),
            email: Set(new.email),
            user_id: Set(new.user_id),
            customer_id: Set(new.customer_id),
            token_hash: Set(sha256_hex(self.one_time_token(id).expose_secret())),
            created_by: Set(new.created_by),
            created_at: Set(now),
            expires_at: Set(now + valid(new.purpose)),
            used_at: Set(None),
        };
        Ok(row.insert(&**tx).await?)
    }

    /// Ends the links of this purpose that still work and meet the condition. Links of a customer are ended by that customer
    /// only: somebody else's claim to the same address does not end them.
    pub(crate) async fn void_links(
        &self,
        tx: &WriteTx,
        purpose: LinkPurpose,
        which: Condition,
        customer: Option<CustomerId>,
    ) -> Result<()> {
        let now = self.clock.now();
        let mut end = one_time_link::Entity::update_many()
            .col_expr(one_time_link::Column::ExpiresAt, Expr::value(now))
            .filter(one_time_link::Column::Purpose.eq(purpose))
            .filter(one_time_link::Column::UsedAt.is_null())
            .filter(one_time_link::Column::ExpiresAt.gt(now))
            .filter(which);
        if let Some(customer) = customer {
            end = end.filter(one_time_link::Column::CustomerId.eq(customer));
        }
        end.exec(&**tx).await?;
        Ok(())
    }

    /// The link with this token, if it still works.
    pub(crate) async fn link_of(
        &self,
        db: &impl ConnectionTrait,
        purpose: LinkPurpose,
        token: &SecretString,
    ) -> Result<one_time_link::Model> {
        one_time_link::Entity::find()
            .filter(one_time_link::Column::TokenHash.eq(sha256_hex(token.expose_secret())))
            .filter(one_time_link::Column::Purpose.eq(purpose))
            .one(db)
            .await?
            .filter(|link| self.works(link))
            .ok_or_else(link_invalid)
    }

    /// Whether a link was not used and is not over.
    pub fn works(&self, link: &one_time_link::Model) -> bool {
        link.used_at.is_none() && link.expires_at > self.clock.now()
    }

    /// Uses up a link; one that another request used meanwhile is refused.
    pub(crate) async fn spend_link(&self, tx: &WriteTx, id: OneTimeLinkId) -> Result<()> {
        let now = self.clock.now();
        let spent = one_time_link::Entity::update_many()
            .col_expr(one_time_link::Column::UsedAt, Expr::value(now))
            .filter(one_time_link::Column::Id.eq(id))
            .filter(one_time_link::Column::UsedAt.is_null())
            .filter(one_time_link::Column::ExpiresAt.gt(now))
            .exec(&**tx)
            .await?;
        if spent.rows_affected == 1 { Ok(()) } else { Err(link_invalid()) }
    }
}

/// That a link does not work, whatever the reason.
pub(crate) fn link_invalid() -> Error {
    Error::invalid("LINK_INVALID", "token", "This link was used already or is too old. Request a new one.")
}
