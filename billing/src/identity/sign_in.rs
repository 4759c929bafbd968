//! Signing in with e-mail and password.

use billow_entities::{customer, user};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Budget, Device, MAX_PASSWORD, SignedIn, normal_email};
use crate::error::Result;
use crate::{Actor, Billing, Error};

/// Who wants to sign in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: SecretString,
    /// On which device.
    pub device: Device,
}

impl Billing {
    /// Signs somebody in.
    ///
    /// An unknown address, a wrong password and a disabled user are the same error and take the same time.
    ///
    /// # Errors
    /// `WRONG_CREDENTIALS`, or `TooMany` after ten attempts at one account or fifty from one address within a quarter of an hour.
    #[tracing::instrument(name = "identity.sign_in", skip_all)]
    pub async fn sign_in(&self, actor: &Actor, input: SignIn) -> Result<SignedIn> {
        let email = normal_email(&input.email);
        if email.len() > 254 || email.chars().any(char::is_control) || input.password.expose_secret().chars().count() > MAX_PASSWORD {
            return Err(wrong());
        }
        let attempt = self.spend(Budget::Passwords, Some(&email), input.device.address).await?;
        // An address may have been claimed by somebody who has not confirmed it. Both places are always tried, so that the
        // time does not tell which of them there is.
        let users = self.users_by_email(self.store.log(), &email).await?;
        let hashes = users.iter().map(|user| user.as_ref().map(|u| u.password_hash.clone())).collect();
        let opened = self.passwords.open(input.password.clone(), hashes).await?;
        let user = opened.and_then(|opened| users.into_iter().nth(opened.at)).flatten().filter(|u| u.disabled_at.is_none());
        let (Some(user), Some(opened)) = (user, opened) else {
            metrics::counter!("billow_sign_ins_total", "outcome" => "refused").increment(1);
            return Err(wrong());
        };
        let new_hash = if opened.outdated { Some(self.hash_again(input.password).await?) } else { None };
        let mut tx = self.store.write_tx().await?;
        // The password may have been changed, or the user disabled, while it was verified.
        let user = user::Entity::find_by_id(user.id)
            .one(&*tx)
            .await?
            .filter(|u| u.disabled_at.is_none() && u.password_hash == user.password_hash)
            .ok_or_else(wrong)?;
        self.unspend(&tx, attempt).await?;
        self.replace_cookie(&mut tx, actor, &input.device).await?;
        let user = match new_hash {
            Some(hash) => {
                let mut row = user.into_active_model();
                row.password_hash = Set(hash);
                row.update(&*tx).await?
            }
            None => user,
        };
        let (session, token) = self.open_session(&mut tx, &user, &input.device).await?;
        let customer = match user.customer_id {
            Some(id) => customer::Entity::find_by_id(id).one(&*tx).await?,
            None => None,
        };
        tx.commit().await?;
        metrics::counter!("billow_sign_ins_total", "outcome" => "signed_in").increment(1);
        Ok(SignedIn { token, session, user, customer })
    }

    /// Hashes a password in the form used today.
    async fn hash_again(&self, password: SecretString) -> Result<String> {
        let mut salt = [0u8; 16];
        self.entropy.fill(&mut salt);
        self.passwords.hash(password, salt).await
    }
}

fn wrong() -> Error {
    Error::invalid("WRONG_CREDENTIALS", "", "The e-mail address or the password is wrong.")
}
