//! Events that a consumer could not digest yet, and those of the same lane behind them: they wait here while the consumer
//! goes on with everybody else's.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, integer, text, text_null, timestamp_with_time_zone, uuid};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261130_000018_held_events"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("held_events")
            .col(text("consumer"))
            .col(big_integer("position"))
            .col(uuid("event_id"))
            .col(text("lane"))
            .col(integer("attempts"))
            .col(timestamp_with_time_zone("next_try_at"))
            .col(text_null("last_error"))
            .col(timestamp_with_time_zone("held_at"))
            .primary_key(Index::create().col("consumer").col("position"))
            .take();
        manager.create_table(table).await?;
        let index = "CREATE INDEX held_events_lane_idx ON held_events (consumer, lane, position)";
        manager.get_connection().execute_unprepared(index).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("held_events").take()).await
    }
}
