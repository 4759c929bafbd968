//! What there is to do, in numbers that cost little to read: for metrics and for the dashboard.

use std::collections::HashMap;

use billow_entities::{CircuitState, consumer, dead_letter, held_event, provider};
use billow_kernel::Result;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Operations;

/// Consumers that are told of.
const MAX_CONSUMERS: u64 = 100;

/// How far behind a consumer of the event log is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerLag {
    /// Which.
    pub name: String,
    /// Events it has not digested, those that wait included.
    pub behind: i64,
    /// Failed tries at the next one, or the most at one that waits.
    pub failures: i32,
}

/// What there is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceStats {
    /// Events nobody could digest.
    pub open_dead_letters: u64,
    /// Providers whose circuit is not closed.
    pub circuits_open: u64,
    /// The last position of the event log.
    pub log_position: i64,
    /// How far behind its consumers are.
    pub consumers: Vec<ConsumerLag>,
}

impl Operations {
    /// What there is to do.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn instance_stats(&self) -> Result<InstanceStats> {
        let db = self.store.primary();
        let open_dead_letters = dead_letter::Entity::find().filter(dead_letter::Column::ResolvedAt.is_null()).count(db).await?;
        let circuits_open = provider::Entity::find().filter(provider::Column::CircuitState.ne(CircuitState::Closed)).count(db).await?;
        let consumers = consumer::Entity::find().order_by_asc(consumer::Column::Name).limit(MAX_CONSUMERS).all(db).await?;
        let held = self.held_events().await?;
        let log_position = self.events.log_end().await?;
        Ok(InstanceStats {
            open_dead_letters,
            circuits_open,
            log_position,
            consumers: consumers
                .into_iter()
                .map(|c| {
                    let (waiting, failures) = held.get(&c.name).copied().unwrap_or_default();
                    let behind = (log_position - c.position).max(0) + waiting;
                    ConsumerLag { name: c.name, behind, failures: c.failures.max(failures) }
                })
                .collect(),
        })
    }

    /// Events that wait for each consumer, and the most failed tries at one of them.
    async fn held_events(&self) -> Result<HashMap<String, (i64, i32)>> {
        let rows = held_event::Entity::find()
            .select_only()
            .column(held_event::Column::Consumer)
            .column_as(held_event::Column::Position.count(), "waiting")
            .column_as(held_event::Column::Attempts.max(), "failures")
            .group_by(held_event::Column::Consumer)
            .into_tuple::<(String, i64, i32)>()
            .all(self.store.primary())
            .await?;
        Ok(rows.into_iter().map(|(name, waiting, failures)| (name, (waiting, failures))).collect())
    }
}
