//! Signing in with e-mail and password.

use billow_entities::{SignInMethod, customer, user};
use billow_kernel::error::Result;
use billow_kernel::{Actor, Error};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use secrecy::{ExposeSecret as _, SecretString};

use super::Identity;
use super::{Budget, Device, MAX_PASSWORD, SignInChallenge, SignedIn, normal_email};

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

/// What a right password leads to.
#[derive(Clone, Debug)]
pub enum SignInOutcome {
    /// A session.
    SignedIn(Box<SignedIn>),
    /// The second step.
    SecondFactor(SignInChallenge),
}

impl SignInOutcome {
    /// The session, if the password was enough.
    #[must_use]
    pub fn signed_in(self) -> Option<SignedIn> {
        match self {
            Self::SignedIn(signed_in) => Some(*signed_in),
            Self::SecondFactor(_) => None,
        }
    }
}

impl Identity {
    /// Signs somebody in, or asks for the second factor where one is set up.
    ///
    /// An unknown address, a wrong password and a disabled user are the same error and take the same time.
    ///
    /// # Errors
    /// `WRONG_CREDENTIALS`, or `TooMany` after ten attempts at one account or fifty from one address within a quarter of an hour.
    #[tracing::instrument(name = "identity.sign_in", skip_all)]
    pub async fn sign_in(&self, actor: &Actor, input: SignIn) -> Result<SignInOutcome> {
        let email = normal_email(&input.email);
        if email.len() > 254 || email.chars().any(char::is_control) || input.password.expose_secret().chars().count() > MAX_PASSWORD {
            return Err(wrong());
        }
        let attempt = self.spend(Budget::Passwords, Some(&email), input.device.address).await?;
        // An address may have been claimed by somebody who has not confirmed it. Both places are always tried, so that the
        // time does not tell which of them there is.
        let users = self.users_by_email(self.store.primary(), &email).await?;
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
        let user = match new_hash {
            Some(hash) => {
                let mut row = user.into_active_model();
                row.password_hash = Set(hash);
                row.update(&*tx).await?
            }
            None => user,
        };
        let factors = self.second_factors_of(&*tx, &user).await?;
        if factors.any() {
            let challenge = self.open_second_step(&tx, &user, &factors, &input.device).await?;
            tx.commit().await?;
            return Ok(SignInOutcome::SecondFactor(challenge));
        }
        self.replace_cookie(&mut tx, actor, &input.device).await?;
        let (session, token) = self.open_session(&mut tx, &user, &input.device, SignInMethod::Password).await?;
        let customer = match user.customer_id {
            Some(id) => customer::Entity::find_by_id(id).one(&*tx).await?,
            None => None,
        };
        tx.commit().await?;
        metrics::counter!("billow_sign_ins_total", "outcome" => "signed_in").increment(1);
        Ok(SignInOutcome::SignedIn(Box::new(SignedIn { token, session, user, customer, must_enrol: factors.required })))
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
