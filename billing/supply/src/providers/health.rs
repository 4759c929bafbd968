//! How a provider is doing, for operators.

use billow_entities::{
    AccountStatus, CircuitState, FetchAttemptId, FetchOutcomeKind, ProviderId, fetch_attempt, provider, utility_account,
};
use billow_kernel::clock::first_uuid_at;
use billow_kernel::page::counted;
use billow_kernel::{Actor, Error, Result};
use chrono::{DateTime, Duration, Utc};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Providers;

/// Calls whose duration is looked at.
const TIMED: u64 = 1_000;

/// How a provider is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderHealth {
    /// Whether calls go through.
    pub circuit: CircuitState,
    /// Why they do not.
    pub circuit_reason: Option<String>,
    /// When one may go through to try.
    pub circuit_probe_at: Option<DateTime<Utc>>,
    /// When a call last succeeded.
    pub last_success_at: Option<DateTime<Utc>>,
    /// What the fetches of the last 24 hours came to.
    pub outcomes: Vec<(FetchOutcomeKind, u64)>,
    /// Half of the newest calls within 24 hours took no longer, in milliseconds.
    pub p50_ms: Option<i64>,
    /// 95 of 100 of them took no longer, in milliseconds.
    pub p95_ms: Option<i64>,
    /// Accounts by status; closed ones included.
    pub accounts: Vec<(AccountStatus, u64)>,
    /// Accounts that should be fetched now.
    pub due_now: u64,
}

impl ProviderHealth {
    /// Accounts with this status.
    #[must_use]
    pub fn accounts_with(&self, status: AccountStatus) -> u64 {
        self.accounts.iter().filter(|(s, _)| *s == status).map(|(_, n)| n).sum()
    }

    /// Accounts that are not closed.
    #[must_use]
    pub fn accounts_open(&self) -> u64 {
        self.accounts.iter().filter(|(s, _)| *s != AccountStatus::Closed).map(|(_, n)| n).sum()
    }
}

impl Providers {
    /// How a provider is doing.
    ///
    /// # Errors
    /// For everybody but staff, and when there is no such provider.
    #[tracing::instrument(name = "providers.health", skip_all)]
    pub async fn provider_health(&self, actor: &Actor, id: ProviderId) -> Result<ProviderHealth> {
        actor.staff()?;
        let db = self.store.read();
        let model = provider::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound("provider"))?;
        let now = self.clock.now();
        let recent = fetch_attempt::Entity::find()
            .filter(fetch_attempt::Column::ProviderId.eq(id))
            .filter(fetch_attempt::Column::Id.gte(FetchAttemptId(first_uuid_at(now - Duration::hours(24)))));
        let outcomes = recent
            .clone()
            .select_only()
            .column(fetch_attempt::Column::Outcome)
            .column_as(fetch_attempt::Column::Id.count(), "n")
            .group_by(fetch_attempt::Column::Outcome)
            .order_by_asc(fetch_attempt::Column::Outcome)
            .into_tuple::<(FetchOutcomeKind, i64)>()
            .all(db)
            .await?;
        let mut durations = recent
            .select_only()
            .column(fetch_attempt::Column::DurationMs)
            .order_by_desc(fetch_attempt::Column::Id)
            .limit(TIMED)
            .into_tuple::<i64>()
            .all(db)
            .await?;
        durations.sort_unstable();
        let of_provider = utility_account::Entity::find().filter(utility_account::Column::ProviderId.eq(id));
        let accounts = of_provider
            .clone()
            .select_only()
            .column(utility_account::Column::Status)
            .column_as(utility_account::Column::Id.count(), "n")
            .group_by(utility_account::Column::Status)
            .order_by_asc(utility_account::Column::Status)
            .into_tuple::<(AccountStatus, i64)>()
            .all(db)
            .await?;
        let due_now = of_provider.filter(utility_account::Column::NextFetchAt.lte(now)).count(db).await?;
        Ok(ProviderHealth {
            circuit: model.circuit_state,
            circuit_reason: model.circuit_reason,
            circuit_probe_at: model.circuit_probe_at,
            last_success_at: model.last_success_at,
            outcomes: counted(outcomes),
            p50_ms: percentile(&durations, 50),
            p95_ms: percentile(&durations, 95),
            accounts: counted(accounts),
            due_now,
        })
    }
}

/// The value that `percent` of 100 of the sorted `values` do not exceed (nearest rank).
fn percentile(values: &[i64], percent: usize) -> Option<i64> {
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_seen() {
        let hundred: Vec<i64> = (1..=100).collect();
        assert_eq!((percentile(&hundred, 50), percentile(&hundred, 95)), (Some(50), Some(95)));
        assert_eq!((percentile(&[7], 50), percentile(&[7], 95)), (Some(7), Some(7)));
        assert_eq!(percentile(&[1, 2], 50), Some(1));
        assert_eq!(percentile(&[], 95), None);
    }

    #[test]
    fn ids_made_in_a_millisecond_are_not_before_its_first() {
        let at: DateTime<Utc> = "2026-11-21T09:00:00.123Z".parse().expect("an instant");
        let clock = billow_kernel::clock::ManualClock::new(at);
        let id = billow_kernel::clock::IdSource::default().next(&clock, &billow_kernel::clock::SeededEntropy::new(1));
        assert!(id >= first_uuid_at(at));
        assert!(id < first_uuid_at(at + Duration::milliseconds(1)));
    }
}
