//! Guessing is limited per account and per address, for accounts that do not exist as well.
//!
//! An attempt is counted before the password is looked at and given back when it was right, so that attempts at the same
//! time count too, and a right password neither uses up the limit nor wipes out the wrong ones before it.

use std::net::IpAddr;

use billow_entities::sign_in_guard;
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QuerySelect};

use crate::Billing;
use crate::error::{Error, Result};

/// How long attempts count.
pub(crate) const WINDOW: Duration = Duration::minutes(15);

/// How many attempts one key has.
#[derive(Clone, Copy, Debug)]
struct Limit {
    attempts: i32,
    /// Whether each attempt makes the window begin anew: then there are never more attempts than the limit in any window.
    /// An address is shared by many people, who would never come out of such a window.
    renewed: bool,
}

const PER_ACCOUNT: Limit = Limit { attempts: 10, renewed: true };
const PER_ADDRESS: Limit = Limit { attempts: 50, renewed: false };

/// Attempts that were counted.
#[derive(Debug)]
#[must_use]
pub(crate) struct Attempt {
    keys: Vec<String>,
}

impl Billing {
    /// Counts an attempt at `account` from `address`.
    pub(crate) async fn count_attempt(&self, account: Option<&str>, address: Option<IpAddr>) -> Result<Attempt> {
        let mut wanted = Vec::with_capacity(2);
        if let Some(account) = account {
            wanted.push((self.cipher.blind_index("guard", &format!("account:{account}")), PER_ACCOUNT));
        }
        if let Some(address) = address {
            wanted.push((self.cipher.blind_index("guard", &format!("addr:{}", network(address))), PER_ADDRESS));
        }
        // One order for all, so that two attempts never wait for each other.
        wanted.sort_by(|a, b| a.0.cmp(&b.0));
        let now = self.now();
        let tx = self.store.write_tx().await?;
        for (key, limit) in &wanted {
            let fresh = sign_in_guard::ActiveModel { key: Set(key.clone()), failures: Set(0), window_started_at: Set(now) };
            sign_in_guard::Entity::insert(fresh)
                .on_conflict(OnConflict::column(sign_in_guard::Column::Key).do_nothing().to_owned())
                .exec_without_returning(&*tx)
                .await?;
            let row = sign_in_guard::Entity::find_by_id(key.clone()).lock_exclusive().one(&*tx).await?;
            let Some(row) = row else { continue };
            let (failures, window_started_at) = next(*limit, row.failures, row.window_started_at, now)?;
            let mut row = row.into_active_model();
            row.failures = Set(failures);
            row.window_started_at = Set(window_started_at);
            row.update(&*tx).await?;
        }
        tx.commit().await?;
        Ok(Attempt { keys: wanted.into_iter().map(|(key, _)| key).collect() })
    }

    /// Gives back an attempt that was no guess.
    pub(crate) async fn forget_attempt(&self, tx: &crate::store::WriteTx, attempt: Attempt) -> Result<()> {
        sign_in_guard::Entity::update_many()
            .col_expr(sign_in_guard::Column::Failures, Expr::col(sign_in_guard::Column::Failures).sub(1))
            .filter(sign_in_guard::Column::Key.is_in(attempt.keys))
            .filter(sign_in_guard::Column::Failures.gt(0))
            .exec(&**tx)
            .await?;
        Ok(())
    }
}

/// The count after one more attempt.
fn next(limit: Limit, failures: i32, started_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(i32, DateTime<Utc>)> {
    let ends_at = started_at + WINDOW;
    if failures == 0 || now >= ends_at {
        Ok((1, now))
    } else if failures < limit.attempts {
        Ok((failures + 1, if limit.renewed { now } else { started_at }))
    } else {
        let retry_after_s = u64::try_from((ends_at - now).num_seconds()).unwrap_or(0) + 1;
        Err(Error::TooMany { retry_after_s })
    }
}

/// Whoever has one IPv6 address has the 2^64 beside it as well.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let s = v6.segments();
            format!("{:x}:{:x}:{:x}:{:x}::/64", s[0], s[1], s[2], s[3])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::minutes(minutes)
    }

    #[test]
    fn an_account_never_has_more_than_its_attempts_in_any_window() {
        let (mut failures, mut started) = (0, at(0));
        let mut evaluated = Vec::new();
        for minute in 0..120 {
            for _ in 0..3 {
                if let Ok(counted) = next(PER_ACCOUNT, failures, started, at(minute)) {
                    (failures, started) = counted;
                    evaluated.push(minute);
                }
            }
        }
        for from in 0..120 {
            let within = evaluated.iter().filter(|m| (from..from + 15).contains(*m)).count();
            assert!(within <= 10, "{within} attempts from minute {from} on");
        }
        assert!(evaluated.len() > 10, "after a while one may try again");
    }

    #[test]
    fn an_address_gets_its_attempts_back_when_the_window_of_the_first_is_over() {
        let (failures, started) = next(PER_ADDRESS, 49, at(0), at(14)).expect("the last one");
        assert_eq!((failures, started), (50, at(0)));
        assert!(matches!(next(PER_ADDRESS, 50, at(0), at(14)), Err(Error::TooMany { retry_after_s: 61 })));
        assert_eq!(next(PER_ADDRESS, 50, at(0), at(15)).expect("a new window"), (1, at(15)));
    }

    #[test]
    fn neighbours_in_one_network_count_together() {
        let net = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(net("2001:db8::1"), net("2001:db8::ffff:1"));
        assert_ne!(net("2001:db8::1"), net("2001:db8:0:1::1"));
        assert_eq!(net("::ffff:192.0.2.1"), net("192.0.2.1"));
    }
}
