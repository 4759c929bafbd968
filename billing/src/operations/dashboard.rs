//! The operators' first page: how the instance is doing.

use billow_entities::{
    AccountStatus, BillId, CircuitState, DeliveryId, DeliveryStatus, ProviderStatus, RunStatus, bill, customer, delivery, fetch_run,
    provider, utility_account,
};
use billow_kernel::clock::first_uuid_at;
use billow_kernel::due::Lag;
use billow_kernel::page::counted;
use billow_kernel::{Actor, Result};
use billow_supply::fetching::FetchAccounts;
use chrono::{DateTime, Duration, NaiveTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::InstanceStats;
use super::Operations;

/// Providers that are named.
const MAX_IN_TROUBLE: u64 = 100;

/// How the instance is doing.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    /// Accounts by status; closed ones included.
    pub accounts: Vec<(AccountStatus, u64)>,
    /// Accounts that should be fetched now.
    pub fetches: Lag,
    /// What there is to do.
    pub stats: InstanceStats,
    /// Bills that came since midnight, UTC.
    pub bills_today: u64,
    /// Deliveries made in the last 24 hours, by where they stand.
    pub deliveries: Vec<(DeliveryStatus, u64)>,
    /// Providers that are paused or whose circuit is not closed.
    pub providers_in_trouble: Vec<provider::Model>,
    /// Customers.
    pub customers: u64,
    /// Fetch runs that are not over.
    pub running_runs: u64,
}

impl Operations {
    /// How the instance is doing.
    ///
    /// # Errors
    /// For everybody but staff.
    pub async fn dashboard(&self, actor: &Actor) -> Result<Dashboard> {
        actor.staff()?;
        let (db, now) = (self.store.read(), self.clock.now());
        let accounts = utility_account::Entity::find()
            .select_only()
            .column(utility_account::Column::Status)
            .column_as(utility_account::Column::Id.count(), "n")
            .group_by(utility_account::Column::Status)
            .order_by_asc(utility_account::Column::Status)
            .into_tuple::<(AccountStatus, i64)>()
            .all(db)
            .await?;
        let midnight: DateTime<Utc> = now.date_naive().and_time(NaiveTime::MIN).and_utc();
        let bills_today = bill::Entity::find().filter(bill::Column::Id.gte(BillId(first_uuid_at(midnight)))).count(db).await?;
        let deliveries = delivery::Entity::find()
            .select_only()
            .column(delivery::Column::Status)
            .column_as(delivery::Column::Id.count(), "n")
            .filter(delivery::Column::Id.gte(DeliveryId(first_uuid_at(now - Duration::hours(24)))))
            .group_by(delivery::Column::Status)
            .order_by_asc(delivery::Column::Status)
            .into_tuple::<(DeliveryStatus, i64)>()
            .all(db)
            .await?;
        let troubled = Condition::any()
            .add(provider::Column::CircuitState.ne(CircuitState::Closed))
            .add(provider::Column::Status.eq(ProviderStatus::Paused));
        let providers_in_trouble =
            provider::Entity::find().filter(troubled).order_by_asc(provider::Column::Name).limit(MAX_IN_TROUBLE).all(db).await?;
        Ok(Dashboard {
            accounts: counted(accounts),
            fetches: self.due.lag::<FetchAccounts>().await?,
            stats: self.instance_stats().await?,
            bills_today,
            deliveries: counted(deliveries),
            providers_in_trouble,
            customers: customer::Entity::find().count(db).await?,
            running_runs: fetch_run::Entity::find().filter(fetch_run::Column::Status.eq(RunStatus::Running)).count(db).await?,
        })
    }
}
