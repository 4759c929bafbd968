//! A new password for someone who forgot theirs.
//!
//! A request does the same work whether or not its address is known: it writes a link and an event. The consumer of the
//! event finds the sign-in and mails the link, so neither the answer nor its time tells anything.

use std::net::IpAddr;

use billow_entities::{CustomerId, LinkPurpose, UserId, customer, one_time_link, user};
use billow_kernel::contact;
use billow_kernel::error::{Problems, Result};
use billow_kernel::events::{Event, NoData, PasswordChangedData, PasswordSetBy};
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, Error};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use secrecy::SecretString;
use serde_json::json;

use super::Identity;
use super::links::{NewLink, link_invalid};
use super::{Budget, normal_email};

/// Whose password a member of staff lets be set anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetFor {
    /// A customer's.
    Customer(CustomerId),
    /// Somebody's who signs in.
    User(UserId),
}

impl Identity {
    /// Mails a link to set a new password to `email`, if somebody signs in with it.
    ///
    /// # Errors
    /// When it is no e-mail address; `TooMany` when the budget for mailed links of the address or of the caller is used up.
    #[tracing::instrument(name = "identity.request_password_reset", skip_all)]
    pub async fn request_password_reset(&self, email: &str, caller: Option<IpAddr>) -> Result<()> {
        let mut problems = Problems::default();
        let email = contact::email(&mut problems, "email", email);
        problems.finish()?;
        let _counted = self.spend(Budget::MailedLinks, Some(&format!("reset:{email}")), caller).await?;
        let mut tx = self.store.write_tx().await?;
        self.reset_link(
            &mut tx,
            NewLink { purpose: LinkPurpose::PasswordReset, email, user_id: None, customer_id: None, created_by: None },
        )
        .await?;
        tx.commit().await
    }

    /// Mails such a link for a customer, as a member of staff; for a member of staff, as an administrator.
    ///
    /// # Errors
    /// `NO_SIGN_IN` for a customer who has none yet, `USER_DISABLED`.
    #[tracing::instrument(name = "identity.send_password_reset", skip_all)]
    pub async fn send_password_reset(&self, actor: &Actor, whose: ResetFor) -> Result<user::Model> {
        actor.staff()?;
        let mut tx = self.store.write_tx().await?;
        let (query, path) = match whose {
            ResetFor::Customer(id) => (user::Entity::find().filter(user::Column::CustomerId.eq(id)), "customerId"),
            ResetFor::User(id) => (user::Entity::find_by_id(id), "userId"),
        };
        let found = query.one(&*tx).await?;
        let user = match (found, whose) {
            (Some(user), _) => user,
            (None, ResetFor::Customer(id)) => {
                customer::Entity::find_by_id(id).one(&*tx).await?.ok_or(Error::NotFound("customer"))?;
                return Err(Error::invalid("NO_SIGN_IN", path, "This customer has not signed in yet. Send the invitation again."));
            }
            (None, ResetFor::User(_)) => return Err(Error::NotFound("user")),
        };
        if user.customer_id.is_none() {
            actor.admin()?;
        }
        if user.disabled_at.is_some() {
            return Err(Error::invalid("USER_DISABLED", path, "This sign-in is disabled. Enable it first."));
        }
        let (email, user_id, created_by) = (user.email.clone(), Some(user.id), actor.user().ok());
        let new = NewLink { purpose: LinkPurpose::PasswordReset, email, user_id, customer_id: None, created_by };
        let link = self.reset_link(&mut tx, new).await?;
        self.audit.record(&tx, actor, "user.send_password_reset", user.id, user.customer_id, None, json!({"link_id": link.id})).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Sets a new password with the token of a mailed link, and signs out every device.
    ///
    /// # Errors
    /// `LINK_INVALID`; what is wrong with the password; `TooMany` when the budget for forged links is used up.
    #[tracing::instrument(name = "identity.reset_password", skip_all)]
    pub async fn reset_password(&self, token: &SecretString, new: SecretString, caller: Option<IpAddr>) -> Result<user::Model> {
        let attempt = self.spend(Budget::ForgedLinks, None, caller).await?;
        let link = self.link_of(self.store.primary(), LinkPurpose::PasswordReset, token).await?;
        let user = self.user_of_link(self.store.primary(), &link).await?;
        let hash = self.new_hash("newPassword", &user, new).await?;
        let mut tx = self.store.write_tx().await?;
        self.spend_link(&tx, link.id).await?;
        let user = self.user_of_link(&*tx, &link).await?;
        self.unspend(&tx, attempt).await?;
        let user = self.store_password(&mut tx, user, hash, PasswordSetBy::Reset).await?;
        // The link arrived there.
        self.prove_address(&tx, &user).await?;
        self.audit
            .record(&tx, &Actor::Anonymous, "user.reset_password", user.id, user.customer_id, None, json!({"link_id": link.id}))
            .await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Sets a password by hand, on the command line, and signs out every device.
    ///
    /// # Errors
    /// When somebody other than an administrator asks; `NotFound` when nobody signs in with this address; what is wrong with
    /// the password.
    #[tracing::instrument(name = "identity.set_password", skip_all)]
    pub async fn set_password(&self, actor: &Actor, email: &str, new: SecretString) -> Result<user::Model> {
        actor.admin()?;
        let user = self.user_by_email(self.store.primary(), &normal_email(email)).await?.ok_or(Error::NotFound("user"))?;
        let hash = self.new_hash("password", &user, new).await?;
        let mut tx = self.store.write_tx().await?;
        let user = user::Entity::find_by_id(user.id).lock_exclusive().one(&*tx).await?.ok_or(Error::NotFound("user"))?;
        let user = self.store_password(&mut tx, user, hash, PasswordSetBy::Administrator).await?;
        self.audit.record(&tx, actor, "user.set_password", user.id, user.customer_id, None, json!({})).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Who signs in with this address: the person who confirmed it, else the one who claimed it last.
    pub(crate) async fn user_by_email(&self, db: &impl ConnectionTrait, email: &str) -> Result<Option<user::Model>> {
        let [confirmed, claimed] = self.users_by_email(db, email).await?;
        Ok(confirmed.or(claimed))
    }

    /// The person who confirmed an address, and the one who claimed it last without confirming it.
    pub(super) async fn users_by_email(&self, db: &impl ConnectionTrait, email: &str) -> Result<[Option<user::Model>; 2]> {
        let with = user::Entity::find().filter(user::Column::Email.eq(email));
        let confirmed = with.clone().filter(user::Column::EmailVerifiedAt.is_not_null()).one(db).await?;
        let claimed = with.filter(user::Column::EmailVerifiedAt.is_null()).order_by_desc(user::Column::Id).limit(1).one(db).await?;
        Ok([confirmed, claimed])
    }

    /// The name of whoever signs in; staff have none.
    pub(super) async fn name_of(&self, user: &user::Model) -> Result<String> {
        let Some(id) = user.customer_id else { return Ok(String::new()) };
        let customer = customer::Entity::find_by_id(id).one(self.store.primary()).await?;
        Ok(customer.map(|c| c.name).unwrap_or_default())
    }

    /// Finds whose link a requested one is, and notes it there; for the consumer that mails it.
    pub async fn resolve_reset(&self, tx: &WriteTx, link: &one_time_link::Model) -> Result<Option<user::Model>> {
        let user = match link.user_id {
            Some(id) => user::Entity::find_by_id(id).one(&**tx).await?,
            None => self.user_by_email(&**tx, &link.email).await?,
        };
        let Some(user) = user.filter(|u| u.disabled_at.is_none() && u.email == link.email) else { return Ok(None) };
        one_time_link::Entity::update_many()
            .col_expr(one_time_link::Column::UserId, Expr::value(user.id))
            .filter(one_time_link::Column::Id.eq(link.id))
            .exec(&**tx)
            .await?;
        Ok(Some(user))
    }

    async fn reset_link(&self, tx: &mut WriteTx, new: NewLink) -> Result<one_time_link::Model> {
        let link = self.make_link(tx, new).await?;
        tx.emit(self.events.about(link.id, &Event::PasswordResetRequested(NoData {}))?);
        Ok(link)
    }

    async fn user_of_link(&self, db: &impl ConnectionTrait, link: &one_time_link::Model) -> Result<user::Model> {
        let Some(id) = link.user_id else { return Err(link_invalid()) };
        let user = user::Entity::find_by_id(id).lock_exclusive().one(db).await?;
        // The address may have changed since.
        user.filter(|u| u.disabled_at.is_none() && u.email == link.email).ok_or_else(link_invalid)
    }

    async fn new_hash(&self, path: &str, user: &user::Model, new: SecretString) -> Result<String> {
        let mut problems = Problems::default();
        self.check_password(&mut problems, path, &new, &user.email, &self.name_of(user).await?);
        problems.finish()?;
        let mut salt = [0u8; 16];
        self.entropy.fill(&mut salt);
        self.passwords.hash(new, salt).await
    }

    /// Stores a password that was set without the one before it: every sign-in and every link to set another one ends.
    async fn store_password(&self, tx: &mut WriteTx, user: user::Model, hash: String, by: PasswordSetBy) -> Result<user::Model> {
        let mut row = user.into_active_model();
        row.password_hash = Set(hash);
        let user = row.update(&**tx).await?;
        self.end_all_sessions(tx, &user, None).await?;
        self.void_links(tx, LinkPurpose::PasswordReset, Condition::all().add(one_time_link::Column::UserId.eq(user.id)), None).await?;
        let data = PasswordChangedData { user_id: user.id, by: Some(by) };
        tx.emit(self.events.user(&user, user.id, &Event::PasswordChanged(data))?);
        Ok(user)
    }
}
