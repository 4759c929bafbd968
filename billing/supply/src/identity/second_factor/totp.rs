//! Authenticator apps: six digits every thirty seconds by HMAC-SHA-1, as RFC 6238 describes and every app does.

use billow_entities::{UserId, totp_factor, user};
use billow_kernel::Actor;
use billow_kernel::cipher::Place;
use billow_kernel::error::{Error, Fault, Result};
use billow_kernel::events::{SecondFactorChange, SecondFactorEventData};
use billow_kernel::store::WriteTx;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect};
use serde_json::json;
use totp_rs::{Builder, Secret, Totp};

use super::SecondFactors;
use crate::identity::Budget;
use crate::identity::Identity;

/// Bytes of a shared secret: as many as HMAC-SHA-1 puts out (RFC 4226, section 4).
const SECRET_BYTES: usize = 20;
/// Seconds of a time step.
const STEP_S: u64 = 30;
/// Who the app shows the code for.
const ISSUER: &str = "Billow";

/// An authenticator app that is being added.
#[derive(Clone, Debug)]
pub struct TotpSetup {
    /// The shared secret in base 32, to type in.
    pub secret: String,
    /// The same as an address that apps read from a QR code.
    pub uri: String,
}

impl Identity {
    /// Makes a shared secret for an authenticator app. It counts once a code of it was given to `confirm_totp`; starting
    /// again replaces a secret that was not confirmed.
    ///
    /// # Errors
    /// `TOTP_EXISTS` where an app is active; `ConfirmationRequired`.
    pub async fn start_totp(&self, actor: &Actor) -> Result<TotpSetup> {
        actor.account()?;
        self.confirmed(actor).await?;
        let user = self.own_user(actor).await?;
        let mut bytes = [0u8; SECRET_BYTES];
        self.entropy.fill(&mut bytes);
        let sealed = self.cipher.seal(place(&user.id.to_string()), &bytes)?;
        let tx = self.store.write_tx().await?;
        let row = totp_factor::ActiveModel {
            user_id: Set(user.id),
            secret_enc: Set(sealed),
            created_at: Set(self.clock.now()),
            confirmed_at: Set(None),
            last_step: Set(None),
            last_used_at: Set(None),
        };
        totp_factor::Entity::delete_many()
            .filter(totp_factor::Column::UserId.eq(user.id))
            .filter(totp_factor::Column::ConfirmedAt.is_null())
            .exec(&*tx)
            .await?;
        let inserted = totp_factor::Entity::insert(row)
            .on_conflict(OnConflict::column(totp_factor::Column::UserId).do_nothing().to_owned())
            .exec_without_returning(&*tx)
            .await?;
        if inserted == 0 {
            return Err(Error::invalid("TOTP_EXISTS", "", "You already use an authenticator app. Remove it first to add another."));
        }
        tx.commit().await?;
        let secret = Secret::new_stack(bytes).to_base32();
        let uri = uri(&user.email, &secret);
        Ok(TotpSetup { secret, uri })
    }

    /// Makes the authenticator app count, by its first code. Answers recovery codes where the user had no second factor
    /// before; they are shown only now.
    ///
    /// # Errors
    /// `WRONG_CODE`, limited as guesses are; `TOTP_NOT_STARTED`; `ConfirmationRequired`.
    #[tracing::instrument(name = "identity.confirm_totp", skip_all)]
    pub async fn confirm_totp(&self, actor: &Actor, code: &str) -> Result<(SecondFactors, Vec<String>)> {
        actor.account()?;
        self.confirmed(actor).await?;
        let user = self.own_user(actor).await?;
        let attempt = self.spend(Budget::SecondFactors, Some(&user.id.to_string()), None).await?;
        let mut tx = self.store.write_tx().await?;
        let row = totp_factor::Entity::find_by_id(user.id).lock_exclusive().one(&*tx).await?;
        let row = row.filter(|row| row.confirmed_at.is_none()).ok_or_else(not_started)?;
        let step = self.step_of(&row, code)?.ok_or_else(|| wrong_code("code"))?;
        let before = self.second_factors_of(&*tx, &user).await?;
        let now = self.clock.now();
        totp_factor::Entity::update_many()
            .col_expr(totp_factor::Column::ConfirmedAt, Expr::value(now))
            .col_expr(totp_factor::Column::LastStep, Expr::value(step))
            .col_expr(totp_factor::Column::LastUsedAt, Expr::value(now))
            .filter(totp_factor::Column::UserId.eq(user.id))
            .exec(&*tx)
            .await?;
        self.unspend(&tx, attempt).await?;
        let codes = if before.any() { Vec::new() } else { self.renew_codes(&tx, user.id).await? };
        self.audit.record(&tx, actor, "user.add_totp", user.id, user.customer_id, None, json!({})).await?;
        self.tell_factors(&mut tx, &user, SecondFactorEventData::of(user.id, SecondFactorChange::TotpAdded))?;
        let after = self.second_factors_of(&*tx, &user).await?;
        tx.commit().await?;
        Ok((after, codes))
    }

    /// Removes the authenticator app.
    ///
    /// # Errors
    /// `NotFound` where there is none; `SECOND_FACTOR_NEEDED` for the last factor of somebody who must have one;
    /// `ConfirmationRequired`.
    pub async fn remove_totp(&self, actor: &Actor) -> Result<SecondFactors> {
        actor.user()?;
        self.confirmed(actor).await?;
        let user = self.own_user(actor).await?;
        let mut tx = self.store.write_tx().await?;
        // One at a time, so that two removals at once do not leave nothing behind.
        user::Entity::find_by_id(user.id).lock_exclusive().one(&*tx).await?;
        let removed = totp_factor::Entity::delete_many().filter(totp_factor::Column::UserId.eq(user.id)).exec(&*tx).await?;
        if removed.rows_affected == 0 {
            return Err(Error::NotFound("authenticator app"));
        }
        let after = self.after_removal(&tx, &user).await?;
        self.audit.record(&tx, actor, "user.remove_totp", user.id, user.customer_id, None, json!({})).await?;
        self.tell_factors(&mut tx, &user, SecondFactorEventData::of(user.id, SecondFactorChange::TotpRemoved))?;
        tx.commit().await?;
        Ok(after)
    }

    /// Whether `code` is one of the user's app now. It is used up: the same code, and older ones, are refused from now on.
    pub(super) async fn use_totp(&self, tx: &WriteTx, user: UserId, code: &str) -> Result<bool> {
        let row = totp_factor::Entity::find_by_id(user).filter(totp_factor::Column::ConfirmedAt.is_not_null()).one(&**tx).await?;
        let Some(row) = row else { return Ok(false) };
        let Some(step) = self.step_of(&row, code)? else { return Ok(false) };
        // The condition decides between two uses at the same time.
        let used = totp_factor::Entity::update_many()
            .col_expr(totp_factor::Column::LastStep, Expr::value(step))
            .col_expr(totp_factor::Column::LastUsedAt, Expr::value(self.clock.now()))
            .filter(totp_factor::Column::UserId.eq(user))
            .filter(Condition::any().add(totp_factor::Column::LastStep.is_null()).add(Expr::col(totp_factor::Column::LastStep).lt(step)))
            .exec(&**tx)
            .await?;
        Ok(used.rows_affected == 1)
    }

    /// The time step of which `code` is, from the one before to the one after now.
    fn step_of(&self, row: &totp_factor::Model, code: &str) -> Result<Option<i64>> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(None);
        }
        let secret = self.cipher.open(place(&row.user_id.to_string()), &row.secret_enc)?;
        let now = u64::try_from(self.clock.now().timestamp()).unwrap_or(0);
        Ok(app(secret)?.check(&code, now).and_then(|step| i64::try_from(step).ok()))
    }
}

fn app(secret: Vec<u8>) -> Result<Totp> {
    let built = Builder::new().with_digits(6).with_skew(1).with_step_duration(STEP_S).with_secret(secret).build();
    built.map_err(|error| Error::Fault(Fault::new("an authenticator app's secret", error.to_string())))
}

fn place(row: &str) -> Place<'_> {
    Place { table: "totp_factors", row, column: "secret_enc" }
}

/// The address that authenticator apps read: the de facto "Key Uri Format" of Google Authenticator.
fn uri(email: &str, secret: &str) -> String {
    let mut account = String::new();
    for byte in email.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            account.push(char::from(byte));
        } else {
            account.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("otpauth://totp/{ISSUER}:{account}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits=6&period={STEP_S}")
}

pub(in crate::identity) fn wrong_code(path: &str) -> Error {
    Error::invalid("WRONG_CODE", path, "This code is wrong, too old or was used already.")
}

fn not_started() -> Error {
    Error::invalid("TOTP_NOT_STARTED", "", "Start adding an authenticator app first.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: eight digits there, of which an app shows the last six.
        for (at, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            let app = app(b"12345678901234567890".to_vec()).expect("an app");
            assert_eq!(app.check(code, at), Some(at / STEP_S), "{at}");
            assert_eq!(app.check(code, at + STEP_S), Some(at / STEP_S), "a step late");
            assert_eq!(app.check(code, at - STEP_S), Some(at / STEP_S), "a step early");
            assert_eq!(app.check(code, at + 2 * STEP_S), None, "two steps late");
        }
    }

    #[test]
    fn the_address_carries_the_account_and_the_secret() {
        assert_eq!(
            uri("ada+bills@example.com", "JBSWY3DPEHPK3PXP"),
            "otpauth://totp/Billow:ada%2Bbills@example.com?secret=JBSWY3DPEHPK3PXP&issuer=Billow&algorithm=SHA1&digits=6&period=30"
        );
    }
}
