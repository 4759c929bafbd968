//! Operators and administrators.

use billow_entities::{Role, UserId, user};
use billow_kernel::contact;
use billow_kernel::error::{Problems, Result};
use billow_kernel::page::{Page, PageRequest, cursor};
use billow_kernel::{Actor, Error};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use secrecy::SecretString;
use serde_json::json;

use super::Identity;
use super::sign_up;

/// A member of staff who is to sign in.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The e-mail address.
    pub email: String,
    /// The first password.
    pub password: SecretString,
    /// `OPERATOR` or `ADMIN`.
    pub role: Role,
}

impl Identity {
    /// Makes a member of staff.
    ///
    /// # Errors
    /// When somebody other than an administrator asks; what is wrong with the fields; `EMAIL_TAKEN`.
    #[tracing::instrument(name = "identity.create_user", skip_all)]
    pub async fn create_user(&self, actor: &Actor, input: NewUser) -> Result<user::Model> {
        actor.admin()?;
        self.confirmed(actor).await?;
        let mut problems = Problems::default();
        let email = contact::email(&mut problems, "email", &input.email);
        self.check_password(&mut problems, "password", &input.password, &email, "");
        if input.role == Role::Customer {
            problems.add("INVALID", "role", "Customers sign up themselves or are onboarded.");
        }
        problems.finish()?;
        let mut salt = [0u8; 16];
        self.entropy.fill(&mut salt);
        let password_hash = self.passwords.hash(input.password, salt).await?;
        let tx = self.store.write_tx().await?;
        self.email_is_free(&tx, Some(&email), None).await?;
        let now = self.clock.now();
        let row = user::ActiveModel {
            id: Set(UserId(self.ids.next())),
            email: Set(email),
            // An administrator vouches for it.
            email_verified_at: Set(Some(now)),
            password_hash: Set(password_hash),
            role: Set(input.role),
            customer_id: Set(None),
            disabled_at: Set(None),
            created_at: Set(now),
        };
        let user = row.insert(&*tx).await.map_err(sign_up::email_taken)?;
        self.audit.record(&tx, actor, "user.create", user.id, None, None, json!({"role": user.role})).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Keeps somebody from signing in, and signs them out everywhere.
    ///
    /// # Errors
    /// When somebody other than an administrator asks; `OWN_USER` for oneself.
    pub async fn disable_user(&self, actor: &Actor, id: UserId, reason: Option<&str>) -> Result<user::Model> {
        actor.admin()?;
        self.confirmed(actor).await?;
        if actor.user().is_ok_and(|own| own == id) {
            return Err(Error::invalid("OWN_USER", "id", "Let another administrator do this to you."));
        }
        let reason = checked_reason(reason)?;
        let mut tx = self.store.write_tx().await?;
        let user = user::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?.ok_or(Error::NotFound("user"))?;
        if user.disabled_at.is_some() {
            return Ok(tx.leave(user).await);
        }
        let mut row = user.into_active_model();
        row.disabled_at = Set(Some(self.clock.now()));
        let user = row.update(&*tx).await?;
        let ended = self.end_all_sessions(&mut tx, &user, None).await?;
        self.audit.record(&tx, actor, "user.disable", id, user.customer_id, reason.as_deref(), json!({"sessions_ended": ended})).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Lets somebody who was disabled sign in again.
    ///
    /// # Errors
    /// When somebody other than an administrator asks.
    pub async fn enable_user(&self, actor: &Actor, id: UserId, reason: Option<&str>) -> Result<user::Model> {
        actor.admin()?;
        self.confirmed(actor).await?;
        let reason = checked_reason(reason)?;
        let tx = self.store.write_tx().await?;
        let user = user::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?.ok_or(Error::NotFound("user"))?;
        if user.disabled_at.is_none() {
            return Ok(tx.leave(user).await);
        }
        let mut row = user.into_active_model();
        row.disabled_at = Set(None);
        let user = row.update(&*tx).await?;
        self.audit.record(&tx, actor, "user.enable", id, user.customer_id, reason.as_deref(), json!({})).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// The staff, the newest first, disabled ones included.
    ///
    /// # Errors
    /// When somebody other than an administrator asks, or the page is not a page.
    pub async fn staff(&self, actor: &Actor, page: PageRequest) -> Result<Page<user::Model>> {
        actor.admin()?;
        let limit = page.limit()?;
        let mut query = user::Entity::find().filter(user::Column::CustomerId.is_null()).order_by_desc(user::Column::Id).limit(limit + 1);
        if let Some(id) = page.after_id::<UserId>()? {
            query = query.filter(user::Column::Id.lt(id));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// The user who is signed in.
    ///
    /// # Errors
    /// When nobody is.
    pub async fn own_user(&self, actor: &Actor) -> Result<user::Model> {
        user::Entity::find_by_id(actor.account()?).one(self.store.primary()).await?.ok_or(Error::Unauthenticated)
    }
}

fn checked_reason(reason: Option<&str>) -> Result<Option<String>> {
    let mut problems = Problems::default();
    let reason = problems.optional_text("reason", reason, 500);
    problems.finish()?;
    Ok(reason)
}

billow_kernel::by_id! {
    /// Users by their ids.
    Identity.users_by_id: UserId => user;
}
