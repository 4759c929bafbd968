//! Taking away second factors: the last one of a user, and all of somebody who lost them.

use billow_entities::{CustomerId, UserId, passkey, recovery_code, totp_factor, user};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Problems, Result};
use billow_kernel::events::{SecondFactorChange, SecondFactorEventData};
use billow_kernel::store::WriteTx;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::SecondFactors;
use crate::identity::Identity;

/// Whose second factors are taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResetTarget {
    /// A user.
    User(UserId),
    /// The user of a customer.
    Customer(CustomerId),
    /// The user with this address; for the command line.
    Email(String),
}

impl Identity {
    /// Takes away every second factor of somebody who lost them, and ends their sessions: administrators for everybody but
    /// themselves, operators for customers. The person is told by mail.
    ///
    /// # Errors
    /// `NotFound`; `OWN_USER`; `NO_SECOND_FACTOR`; `ConfirmationRequired`.
    #[tracing::instrument(name = "identity.reset_second_factor", skip_all)]
    pub async fn reset_second_factor(&self, actor: &Actor, target: ResetTarget, reason: Option<&str>) -> Result<user::Model> {
        actor.staff()?;
        self.confirmed(actor).await?;
        let mut problems = Problems::default();
        let reason = problems.optional_text("reason", reason, 500);
        problems.finish()?;
        let mut tx = self.store.write_tx().await?;
        let wanted = match target {
            ResetTarget::User(id) => user::Column::Id.eq(id),
            ResetTarget::Customer(id) => user::Column::CustomerId.eq(id),
            ResetTarget::Email(email) => user::Column::Email.eq(crate::identity::normal_email(&email)),
        };
        let found = user::Entity::find().filter(wanted).lock_exclusive().one(&*tx).await?;
        // Staff are known to administrators only.
        let user = found.filter(|u| u.customer_id.is_some() || actor.is_admin()).ok_or(Error::NotFound("user"))?;
        if actor.user().is_ok_and(|own| own == user.id) {
            return Err(Error::invalid("OWN_USER", "userId", "You cannot do this to your own account; ask another administrator."));
        }
        if !self.second_factors_of(&*tx, &user).await?.any() {
            return Err(Error::invalid("NO_SECOND_FACTOR", "", "This person has no second factor."));
        }
        totp_factor::Entity::delete_many().filter(totp_factor::Column::UserId.eq(user.id)).exec(&*tx).await?;
        passkey::Entity::delete_many().filter(passkey::Column::UserId.eq(user.id)).exec(&*tx).await?;
        recovery_code::Entity::delete_many().filter(recovery_code::Column::UserId.eq(user.id)).exec(&*tx).await?;
        let ended = self.end_all_sessions(&mut tx, &user, None).await?;
        let data = json!({"sessions_ended": ended});
        self.audit.record(&tx, actor, "user.reset_second_factor", user.id, user.customer_id, reason.as_deref(), data).await?;
        self.tell_factors(&mut tx, &user, SecondFactorEventData::of(user.id, SecondFactorChange::Reset))?;
        tx.commit().await?;
        Ok(user)
    }

    /// What is left after a factor was removed; without any, recovery codes have nothing to recover and go too.
    pub(super) async fn after_removal(&self, tx: &WriteTx, user: &user::Model) -> Result<SecondFactors> {
        let left = self.second_factors_of(&**tx, user).await?;
        if left.any() {
            return Ok(left);
        }
        if left.required {
            let message = "Your role needs a second factor. Add another one before you remove this one.";
            return Err(Error::invalid("SECOND_FACTOR_NEEDED", "", message));
        }
        recovery_code::Entity::delete_many().filter(recovery_code::Column::UserId.eq(user.id)).exec(&**tx).await?;
        self.second_factors_of(&**tx, user).await
    }
}
