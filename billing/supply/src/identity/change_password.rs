//! Changing one's password, which signs out every other device.

use billow_entities::user;
use billow_kernel::error::{Problems, Result};
use billow_kernel::events::{Event, PasswordChangedData};
use billow_kernel::{Actor, Error};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QuerySelect};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::Identity;
use super::{Budget, MAX_PASSWORD};

impl Identity {
    /// Changes one's own password and ends one's other sign-ins.
    ///
    /// # Errors
    /// `WRONG_PASSWORD` for the present one, under the same limits as signing in; what is wrong with the new one.
    #[tracing::instrument(name = "identity.change_password", skip_all)]
    pub async fn change_password(&self, actor: &Actor, current: SecretString, new: SecretString) -> Result<()> {
        actor.user()?;
        let user = self.own_user(actor).await?;
        // The current password is proof enough only where there is no second factor.
        if self.second_factors_of(self.store.primary(), &user).await?.any() {
            self.confirmed(actor).await?;
        }
        let mut problems = Problems::default();
        self.check_password(&mut problems, "newPassword", &new, &user.email, &self.name_of(&user).await?);
        if current.expose_secret() == new.expose_secret() {
            problems.add("PASSWORD_UNCHANGED", "newPassword", "This is the password you have now.");
        }
        problems.finish()?;
        if current.expose_secret().chars().count() > MAX_PASSWORD {
            return Err(wrong());
        }
        let attempt = self.spend(Budget::Passwords, Some(&user.email), None).await?;
        if !self.passwords.verify(current, Some(user.password_hash.clone())).await? {
            return Err(wrong());
        }
        let mut salt = [0u8; 16];
        self.entropy.fill(&mut salt);
        let hash = self.passwords.hash(new, salt).await?;

        let mut tx = self.store.write_tx().await?;
        // Changed elsewhere meanwhile: then the present password is no longer the present one.
        let user = user::Entity::find_by_id(user.id)
            .lock_exclusive()
            .one(&*tx)
            .await?
            .filter(|now| now.password_hash == user.password_hash)
            .ok_or_else(wrong)?;
        self.unspend(&tx, attempt).await?;
        let mut row = user.into_active_model();
        row.password_hash = Set(hash);
        let user = row.update(&*tx).await?;
        let ended = self.end_all_sessions(&mut tx, &user, actor.session_id()).await?;
        self.audit.record(&tx, actor, "user.change_password", user.id, user.customer_id, None, json!({"sessions_ended": ended})).await?;
        let data = PasswordChangedData { user_id: user.id, by: None };
        tx.emit(self.events.user(&user, user.id, &Event::PasswordChanged(data))?);
        tx.commit().await
    }
}

fn wrong() -> Error {
    Error::invalid("WRONG_PASSWORD", "currentPassword", "This is not your present password.")
}
