//! Recovery codes: ten on paper, each of which replaces a lost second factor once.

use billow_entities::{UserId, recovery_code, user};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_kernel::events::{SecondFactorChange, SecondFactorEventData};
use billow_kernel::store::WriteTx;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::{SecondFactors, unused_codes};
use crate::identity::Identity;

/// Codes made at a time.
const CODES: usize = 10;
/// Characters of a code: 50 bits.
const LENGTH: usize = 10;
/// Crockford's base 32 in lower case: no letter looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl Identity {
    /// Makes ten new recovery codes; the old ones stop working. They are shown only now.
    ///
    /// # Errors
    /// `NO_SECOND_FACTOR` where there is none to recover; `ConfirmationRequired`.
    pub async fn renew_recovery_codes(&self, actor: &Actor) -> Result<(SecondFactors, Vec<String>)> {
        actor.user()?;
        self.confirmed(actor).await?;
        let user = self.own_user(actor).await?;
        let mut tx = self.store.write_tx().await?;
        user::Entity::find_by_id(user.id).lock_exclusive().one(&*tx).await?;
        if !self.second_factors_of(&*tx, &user).await?.any() {
            return Err(Error::invalid("NO_SECOND_FACTOR", "", "Set up an authenticator app or a passkey first."));
        }
        let codes = self.renew_codes(&tx, user.id).await?;
        self.audit.record(&tx, actor, "user.renew_recovery_codes", user.id, user.customer_id, None, json!({})).await?;
        self.tell_factors(&mut tx, &user, SecondFactorEventData::of(user.id, SecondFactorChange::RecoveryCodesRenewed))?;
        let after = self.second_factors_of(&*tx, &user).await?;
        tx.commit().await?;
        Ok((after, codes))
    }

    pub(super) async fn renew_codes(&self, tx: &WriteTx, user: UserId) -> Result<Vec<String>> {
        recovery_code::Entity::delete_many().filter(recovery_code::Column::UserId.eq(user)).exec(&**tx).await?;
        let now = self.clock.now();
        let codes: Vec<String> = (0..CODES).map(|_| self.new_code()).collect();
        let rows = codes.iter().map(|code| recovery_code::ActiveModel {
            code_hash: Set(self.code_hash(user, code)),
            user_id: Set(user),
            created_at: Set(now),
            used_at: Set(None),
        });
        recovery_code::Entity::insert_many(rows).exec_without_returning(&**tx).await?;
        Ok(codes)
    }

    /// Whether `code` is an unused recovery code of the user. It is used up, and the user is told.
    pub(super) async fn use_recovery_code(&self, tx: &mut WriteTx, user: &user::Model, code: &str) -> Result<bool> {
        let used = recovery_code::Entity::update_many()
            .col_expr(recovery_code::Column::UsedAt, Expr::value(self.clock.now()))
            .filter(recovery_code::Column::CodeHash.eq(self.code_hash(user.id, code)))
            .filter(recovery_code::Column::UserId.eq(user.id))
            .filter(recovery_code::Column::UsedAt.is_null())
            .exec(&**tx)
            .await?;
        if used.rows_affected != 1 {
            return Ok(false);
        }
        let left = unused_codes(user.id).count(&**tx).await?;
        let news = SecondFactorEventData::of(user.id, SecondFactorChange::RecoveryCodeUsed);
        self.tell_factors(tx, user, SecondFactorEventData { left: Some(left), ..news })?;
        Ok(true)
    }

    fn new_code(&self) -> String {
        let mut bytes = [0u8; LENGTH];
        self.entropy.fill(&mut bytes);
        let mut code: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
        code.insert(LENGTH / 2, '-');
        code
    }

    fn code_hash(&self, user: UserId, code: &str) -> String {
        self.cipher.blind_index("recovery_code", &format!("{user}:{}", normal(code)))
    }
}

/// A code as it is compared: people leave out the dash, and read letters that are not in it.
fn normal(code: &str) -> String {
    let plain = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase());
    plain
        .map(|c| match c {
            'o' => '0',
            'i' | 'l' => '1',
            c => c,
        })
        .take(LENGTH * 4)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn codes_are_compared_as_people_type_them() {
        assert_eq!(normal("0abc1-defgh"), normal(" OABCL DEFGH "));
        assert_ne!(normal("0abc1-defgh"), normal("0abc1-defgg"));
    }
}
