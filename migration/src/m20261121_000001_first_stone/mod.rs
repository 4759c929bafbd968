//! The first stone: identity, homes, providers, accounts, bills, fetching, events, messages, operations.

mod bills;
mod events;
mod fetching;
mod homes;
mod messages;
mod operations;
mod people;
mod providers;

use sea_orm_migration::prelude::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261121_000001_first_stone"
    }
}

/// The tables of a topic and their indexes.
struct Topic {
    tables: fn() -> Vec<TableCreateStatement>,
    /// Written as SQL because partial indexes read the same on both databases, and only so.
    indexes: &'static [&'static str],
}

/// Every topic, in an order in which references point backwards.
const TOPICS: &[Topic] =
    &[people::TOPIC, homes::TOPIC, providers::TOPIC, bills::TOPIC, fetching::TOPIC, events::TOPIC, messages::TOPIC, operations::TOPIC];

fn tables() -> impl DoubleEndedIterator<Item = TableCreateStatement> {
    TOPICS.iter().flat_map(|topic| (topic.tables)())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        let db = manager.get_connection();
        for index in TOPICS.iter().flat_map(|topic| topic.indexes) {
            db.execute_unprepared(index).await?;
        }
        db.execute_unprepared("INSERT INTO relay_state (id, position) VALUES (1, 0)").await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables().rev() {
            let name = table.get_table_name().cloned().ok_or_else(|| DbErr::Migration("a table without a name".to_owned()))?;
            manager.drop_table(Table::drop().table(name).take()).await?;
        }
        Ok(())
    }
}
