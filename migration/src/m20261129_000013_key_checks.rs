//! What each key is known by, so that a server with other keys refuses to start.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000013_key_checks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("key_checks")
            .col(text("kind"))
            .col(big_integer("number"))
            .col(text("value"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("kind").col("number"))
            .take();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("key_checks").take()).await
    }
}
