//! Second factors: authenticator apps (TOTP, RFC 6238), passkeys (WebAuthn) and recovery codes.
//!
//! A second factor belongs to a user. A new password, a reset by mail or a new e-mail address leaves it as it is: whoever has
//! the mailbox still lacks the factor. Secrets are encrypted, recovery codes are keyed hashes, and nothing is accepted twice.

mod challenge;
mod complete;
mod passkeys;
mod recovery;
mod reset;
mod totp;

use std::collections::HashSet;

use billow_entities::{Role, UserId, passkey, recovery_code, totp_factor, user};
use billow_kernel::Actor;
use billow_kernel::error::Result;
use billow_kernel::events::{Event, SecondFactorEventData};
use billow_kernel::store::WriteTx;
pub(super) use challenge::challenges_over;
pub(super) use complete::wrong_proof;
pub use complete::{CompleteSignIn, SignInChallenge};
pub use passkeys::PasskeyChallenge;
pub(crate) use passkeys::{RelyingParty, relying_party};
pub use reset::ResetTarget;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
pub use totp::TotpSetup;

use super::ConfirmationMethod;
use crate::identity::Identity;

/// Passkeys one user may have.
const MAX_PASSKEYS: usize = 20;

/// What proves a second factor.
#[derive(Clone, Debug)]
pub enum FactorProof {
    /// A code of an authenticator app.
    Code(String),
    /// A recovery code.
    RecoveryCode(String),
    /// A browser's answer to the challenge's passkey options.
    Passkey(Value),
}

/// A user's second factors as they are now.
#[derive(Clone, Debug)]
pub struct SecondFactors {
    /// Whether this user must have one.
    pub required: bool,
    /// The authenticator app, where one is active.
    pub totp: Option<totp_factor::Model>,
    /// Passkeys, the oldest first.
    pub passkeys: Vec<passkey::Model>,
    /// Recovery codes that were not used yet.
    pub recovery_codes_left: u64,
}

impl SecondFactors {
    /// Whether signing in asks for one.
    #[must_use]
    pub fn any(&self) -> bool {
        self.totp.is_some() || !self.passkeys.is_empty()
    }

    /// How this user can prove a second factor, the easiest first.
    #[must_use]
    pub fn methods(&self) -> Vec<ConfirmationMethod> {
        let mut methods = Vec::new();
        if !self.passkeys.is_empty() {
            methods.push(ConfirmationMethod::Passkey);
        }
        if self.totp.is_some() {
            methods.push(ConfirmationMethod::Totp);
        }
        if self.any() && self.recovery_codes_left > 0 {
            methods.push(ConfirmationMethod::RecoveryCode);
        }
        methods
    }
}

impl Identity {
    /// One's own second factors.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn second_factors(&self, actor: &Actor) -> Result<SecondFactors> {
        let user = self.own_user(actor).await?;
        self.second_factors_of(self.store.primary(), &user).await
    }

    pub(super) async fn second_factors_of(&self, db: &impl ConnectionTrait, user: &user::Model) -> Result<SecondFactors> {
        let totp = totp_factor::Entity::find_by_id(user.id).filter(totp_factor::Column::ConfirmedAt.is_not_null()).one(db).await?;
        let passkeys =
            passkey::Entity::find().filter(passkey::Column::UserId.eq(user.id)).order_by_asc(passkey::Column::Id).all(db).await?;
        let recovery_codes_left = unused_codes(user.id).count(db).await?;
        Ok(SecondFactors { required: self.settings.security.second_factor.requires(user.role), totp, passkeys, recovery_codes_left })
    }

    /// Whether a user must set up a second factor before anything else.
    pub(super) async fn must_enrol(&self, user: UserId, role: Role) -> Result<bool> {
        if !self.settings.security.second_factor.requires(role) {
            return Ok(false);
        }
        let db = self.store.primary();
        let apps = totp_factor::Entity::find_by_id(user).filter(totp_factor::Column::ConfirmedAt.is_not_null()).count(db).await?;
        Ok(apps == 0 && passkey::Entity::find().filter(passkey::Column::UserId.eq(user)).count(db).await? == 0)
    }

    /// Who of these users has a second factor.
    ///
    /// # Errors
    /// When the caller is not an administrator, or the database does not answer.
    pub async fn with_second_factor(&self, actor: &Actor, users: &[UserId]) -> Result<HashSet<UserId>> {
        actor.admin()?;
        let db = self.store.primary();
        let apps = totp_factor::Entity::find()
            .select_only()
            .column(totp_factor::Column::UserId)
            .filter(totp_factor::Column::UserId.is_in(users.iter().copied()))
            .filter(totp_factor::Column::ConfirmedAt.is_not_null());
        let passkeys = passkey::Entity::find()
            .select_only()
            .column(passkey::Column::UserId)
            .filter(passkey::Column::UserId.is_in(users.iter().copied()));
        let mut found: HashSet<UserId> = apps.into_tuple::<UserId>().all(db).await?.into_iter().collect();
        found.extend(passkeys.into_tuple::<UserId>().all(db).await?);
        Ok(found)
    }

    /// Tells the user what happened, and everybody who follows the log.
    pub(super) fn tell_factors(&self, tx: &mut WriteTx, user: &user::Model, data: SecondFactorEventData) -> Result<()> {
        tx.emit(self.events.user(user, user.id, &Event::SecondFactorChanged(data))?);
        Ok(())
    }
}

fn unused_codes(user: UserId) -> sea_orm::Select<recovery_code::Entity> {
    recovery_code::Entity::find().filter(recovery_code::Column::UserId.eq(user)).filter(recovery_code::Column::UsedAt.is_null())
}
