//! Budgets for everything that costs or reveals something: so much per caller and per address in a window of time.
//!
//! The counts are rows, so that all processes share them. [`Budget`] names what has a budget and [`Budget::limits`] is the
//! table of all of them; docs/api.md has the same table, and a test compares the two.
//!
//! A try is counted before the work starts, so that tries at the same time count too. Where the outcome reveals nothing (a
//! right password), it is given back, which neither uses up the budget nor wipes out the wrong tries before it.

use std::net::IpAddr;

use billow_entities::sign_in_guard;
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::Identity;

/// What has a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Budget {
    /// Passwords tried: per account that is tried, whether or not it exists.
    Passwords,
    /// New customers, and tries to become one.
    SignUps,
    /// Changes of an e-mail address: each answers whether the address is taken.
    EmailChanges,
    /// Invitations into a home.
    Shares,
    /// Mails that confirm an address or reset a password: each reaches a person who may not have asked for it.
    MailedLinks,
    /// Account numbers at providers: each try calls the provider and may answer with bills.
    AccountNumbers,
    /// Pay links made.
    PayLinks,
    /// Tokens of links that we did not make: pay links, confirmations, invitations.
    ForgedLinks,
    /// Payments started by a pay link: each asks a gateway for a page.
    GuestPayments,
    /// Codes of a second factor: per user who is to give one, and per address that answers challenges.
    SecondFactors,
    /// Challenges for signing in with a passkey alone: each is a row.
    PasskeySignIns,
}

/// How many tries there are in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Tries.
    pub tries: i32,
    /// Whether each try starts the window anew: then there are never more tries than the limit in any window. An address is
    /// shared by many people, who would never come out of such a window.
    pub renewed: bool,
}

/// The limits of one budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The name in metrics and documents.
    pub name: &'static str,
    /// How long tries count.
    pub window: Duration,
    /// Per caller: who is signed in, or for passwords the account that is tried.
    pub per_caller: Option<Limit>,
    /// Per address: an IPv4 address or an IPv6 network of 64 bits.
    pub per_address: Option<Limit>,
}

const fn per_window(tries: i32) -> Option<Limit> {
    Some(Limit { tries, renewed: false })
}

/// The longest window: older rows no longer count for any budget.
pub(crate) const LONGEST_WINDOW: Duration = Duration::hours(1);

impl Budget {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Passwords,
        Self::SignUps,
        Self::EmailChanges,
        Self::Shares,
        Self::MailedLinks,
        Self::AccountNumbers,
        Self::PayLinks,
        Self::ForgedLinks,
        Self::GuestPayments,
        Self::SecondFactors,
        Self::PasskeySignIns,
    ];

    /// Its limits.
    #[must_use]
    pub const fn limits(self) -> Limits {
        let (quarter, hour) = (Duration::minutes(15), Duration::hours(1));
        let (name, window, per_caller, per_address) = match self {
            Self::Passwords => ("passwords", quarter, Some(Limit { tries: 10, renewed: true }), per_window(50)),
            Self::SignUps => ("sign_ups", hour, None, per_window(60)),
            Self::EmailChanges => ("email_changes", hour, per_window(10), per_window(60)),
            Self::Shares => ("shares", hour, per_window(20), per_window(60)),
            Self::MailedLinks => ("mailed_links", hour, per_window(5), per_window(30)),
            Self::AccountNumbers => ("account_numbers", hour, per_window(30), per_window(120)),
            Self::PayLinks => ("pay_links", hour, per_window(60), per_window(300)),
            Self::ForgedLinks => ("forged_links", quarter, None, per_window(50)),
            Self::SecondFactors => ("second_factors", quarter, Some(Limit { tries: 10, renewed: true }), per_window(50)),
            Self::PasskeySignIns => ("passkey_sign_ins", hour, None, per_window(300)),
            Self::GuestPayments => ("guest_payments", hour, per_window(20), per_window(60)),
        };
        Limits { name, window, per_caller, per_address }
    }
}

/// Tries that were counted.
#[derive(Debug)]
#[must_use]
pub struct Spent {
    keys: Vec<String>,
}

impl Identity {
    /// Counts one try of a signed-in caller. Staff, programs and Billow itself have none.
    ///
    /// # Errors
    /// `Unauthenticated` for nobody, before anything is written; `TooMany` when the budget is used up.
    pub async fn spend_as(&self, actor: &Actor, budget: Budget, address: Option<IpAddr>) -> Result<()> {
        match actor {
            Actor::Anonymous => Err(Error::Unauthenticated),
            Actor::User { user_id, .. } if !actor.is_staff() => self.spend(budget, Some(&user_id.to_string()), address).await.map(drop),
            _ => Ok(()),
        }
    }

    /// Counts one try of `caller` from `address`.
    ///
    /// # Errors
    /// `TooMany` when the budget of either is used up.
    pub async fn spend(&self, budget: Budget, caller: Option<&str>, address: Option<IpAddr>) -> Result<Spent> {
        let mut limits = budget.limits();
        if budget == Budget::SignUps {
            limits.per_address = per_window(self.settings.sign_ups_per_hour);
        }
        let key = |of: &str, who: &str| self.cipher.blind_index("guard", &format!("{}:{of}:{who}", limits.name));
        let mut wanted = Vec::with_capacity(2);
        if let Some((caller, limit)) = caller.zip(limits.per_caller) {
            wanted.push((key("caller", caller), limit));
        }
        if let Some((address, limit)) = address.zip(limits.per_address) {
            wanted.push((key("addr", &network(address)), limit));
        }
        let counted = self.count_tries(&wanted, limits.window).await;
        if matches!(counted, Err(Error::TooMany { .. })) {
            metrics::counter!("billow_budgets_used_up_total", "budget" => limits.name).increment(1);
        }
        counted?;
        Ok(Spent { keys: wanted.into_iter().map(|(key, _)| key).collect() })
    }

    async fn count_tries(&self, wanted: &[(String, Limit)], window: Duration) -> Result<()> {
        // One order for all, so that two tries never wait for each other.
        let mut wanted: Vec<_> = wanted.iter().collect();
        wanted.sort_by(|a, b| a.0.cmp(&b.0));
        let now = self.clock.now();
        let tx = self.store.write_tx().await?;
        for (key, limit) in wanted {
            let fresh = sign_in_guard::ActiveModel { key: Set(key.clone()), failures: Set(0), window_started_at: Set(now) };
            sign_in_guard::Entity::insert(fresh)
                .on_conflict(OnConflict::column(sign_in_guard::Column::Key).do_nothing().to_owned())
                .exec_without_returning(&*tx)
                .await?;
            let row = sign_in_guard::Entity::find_by_id(key.clone()).lock_exclusive().one(&*tx).await?;
            let Some(row) = row else { continue };
            let (failures, window_started_at) = next(*limit, window, row.failures, row.window_started_at, now)?;
            let mut row = row.into_active_model();
            row.failures = Set(failures);
            row.window_started_at = Set(window_started_at);
            row.update(&*tx).await?;
        }
        tx.commit().await
    }

    /// Gives back a try that revealed nothing.
    pub(crate) async fn unspend(&self, tx: &billow_kernel::store::WriteTx, spent: Spent) -> Result<()> {
        sign_in_guard::Entity::update_many()
            .col_expr(sign_in_guard::Column::Failures, Expr::col(sign_in_guard::Column::Failures).sub(1))
            .filter(sign_in_guard::Column::Key.is_in(spent.keys))
            .filter(sign_in_guard::Column::Failures.gt(0))
            .exec(&**tx)
            .await?;
        Ok(())
    }
}

/// The count after one more try.
fn next(limit: Limit, window: Duration, tries: i32, started_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(i32, DateTime<Utc>)> {
    let ends_at = started_at + window;
    if tries == 0 || now >= ends_at {
        Ok((1, now))
    } else if tries < limit.tries {
        Ok((tries + 1, if limit.renewed { now } else { started_at }))
    } else {
        let retry_after_s = u64::try_from((ends_at - now).num_seconds()).unwrap_or(0) + 1;
        Err(Error::TooMany { retry_after_s })
    }
}

/// Who has one IPv6 address has the other 2^64 of its network as well.
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

    const QUARTER: Duration = Duration::minutes(15);

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::minutes(minutes)
    }

    #[test]
    fn an_account_never_has_more_than_its_attempts_in_any_window() {
        let limit = Budget::Passwords.limits().per_caller.expect("a limit");
        let (mut failures, mut started) = (0, at(0));
        let mut evaluated = Vec::new();
        for minute in 0..120 {
            for _ in 0..3 {
                if let Ok(counted) = next(limit, QUARTER, failures, started, at(minute)) {
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
        let limit = Budget::Passwords.limits().per_address.expect("a limit");
        let (failures, started) = next(limit, QUARTER, 49, at(0), at(14)).expect("the last one");
        assert_eq!((failures, started), (50, at(0)));
        assert!(matches!(next(limit, QUARTER, 50, at(0), at(14)), Err(Error::TooMany { retry_after_s: 61 })));
        assert_eq!(next(limit, QUARTER, 50, at(0), at(15)).expect("a new window"), (1, at(15)));
    }

    #[test]
    fn each_budget_has_limits_a_name_of_its_own_and_a_row_in_the_documents() {
        let documents = include_str!("../../../../docs/api.md");
        let mut names = std::collections::HashSet::new();
        for budget in Budget::ALL {
            let Limits { name, window, per_caller, per_address } = budget.limits();
            assert!(names.insert(name), "{name} is there twice");
            assert!(window <= LONGEST_WINDOW, "{name}: rows are swept before its window is over");
            let shown = |limit: Option<Limit>| limit.map_or("–".into(), |l| l.tries.to_string());
            let row = format!("| `{name}` | {} | {} | {} min |", shown(per_caller), shown(per_address), window.num_minutes());
            assert!(documents.contains(&row), "docs/api.md has no row beginning with: {row}");
        }
    }

    #[test]
    fn neighbours_in_one_network_count_together() {
        let net = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(net("2001:db8::1"), net("2001:db8::ffff:1"));
        assert_ne!(net("2001:db8::1"), net("2001:db8:0:1::1"));
        assert_eq!(net("::ffff:192.0.2.1"), net("192.0.2.1"));
    }
}
